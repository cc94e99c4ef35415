// Cells that wait to leave. Each direction of each circuit is a flow of its own. Turns go round among the neighbours that we
// carry for, cell by cell, and within each among its flows: who opens many circuits shares one turn among them. A circuit of
// our own has turns of its own. A link is filled no further than a packet can bear to wait behind.
import type { Clock, Timer } from '../ports/clock.ts';
import { costOf } from './cells.ts';
import { CIRCUIT_LINK_BUFFER, CIRCUIT_STUCK_MS, CIRCUIT_WINDOW } from './limits.ts';
import type { Neighbour } from './neighbour.ts';
import { TokenBucket } from './token-bucket.ts';

/** What may wait in one flow: a window, and the cells beside it (credit, opened, close). */
const MAX_FLOW_COST = CIRCUIT_WINDOW + 65_536;

/** A full link gets cells again when no more than this waits, bytes; one that takes less in CIRCUIT_STUCK_MS is stuck. */
const DRAINED = CIRCUIT_LINK_BUFFER / 2;

/** Whoever has turns of its own: a neighbour that we carry for, or a flow of ours. */
type Party = Neighbour | Flow;

export class Flow {
  /** It leaves by this one's link. */
  readonly neighbour: Neighbour;
  /** Who opened its circuit, when we carry it for others: counts against what we do for them. */
  readonly carriedFor: Neighbour | undefined;
  /** Bytes that wait. */
  bytes = 0;
  cost = 0;
  #cells: Uint8Array[] = [];
  #first = 0;
  #onProgress: (() => void) | undefined;
  readonly #queue: FairQueue;

  constructor(queue: FairQueue, neighbour: Neighbour, carriedFor: Neighbour | undefined) {
    this.#queue = queue;
    this.neighbour = neighbour;
    this.carriedFor = carriedFor;
  }

  get next(): Uint8Array | undefined {
    return this.#cells[this.#first];
  }

  /** False when more waits than an honest sender can have sent. */
  push(cell: Uint8Array): boolean {
    if (this.cost + costOf(cell) > MAX_FLOW_COST) return false;
    this.#cells.push(cell);
    this.bytes += cell.length;
    this.cost += costOf(cell);
    this.#queue.wake(this);
    return true;
  }

  /** For the queue: the next cell has left. */
  shift(): void {
    const cell = this.#cells[this.#first] as Uint8Array;
    this.#cells[this.#first] = undefined as never; // a relay must not hold on to what it has passed on
    this.#first += 1;
    if (this.#first > 64 || this.#first === this.#cells.length) {
      this.#cells = this.#cells.slice(this.#first);
      this.#first = 0;
    }
    this.bytes -= cell.length;
    this.cost -= costOf(cell);
    this.#onProgress?.();
  }

  /** Called after each cell that left, and when the rest is given up. */
  onProgress(handler: () => void): void {
    this.#onProgress = handler;
  }

  /** The link is gone: nothing of this leaves any more. */
  clear(): void {
    this.#cells = [];
    this.#first = 0;
    this.bytes = 0;
    this.cost = 0;
    this.#onProgress?.();
  }
}

export class FairQueue {
  /** Bytes carried for others since the start. */
  relayedBytes = 0;
  readonly #clock: Clock;
  /** Flows in which something waits, of each party; both in the order of their turns. */
  readonly #waiting = new Map<Party, Set<Flow>>();
  /** Links that must drain first, and when it is looked at again whether they take anything. */
  readonly #full = new Map<Neighbour, Timer>();
  #bucket: TokenBucket;
  #timer: Timer | undefined;
  #pumping = false;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, bytesPerSecond);
  }

  limit(bytesPerSecond: number): void {
    this.#bucket = new TokenBucket(this.#clock, bytesPerSecond);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pump();
  }

  /** `carriedFor`: undefined for a circuit of our own. */
  flow(neighbour: Neighbour, carriedFor: Neighbour | undefined): Flow {
    return new Flow(this, neighbour, carriedFor);
  }

  wake(flow: Flow): void {
    const party = flow.carriedFor ?? flow;
    const flows = this.#waiting.get(party) ?? new Set();
    this.#waiting.set(party, flows.add(flow));
    this.#pump();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const timer of this.#full.values()) timer.cancel();
    this.#waiting.clear();
  }

  #pump(): void {
    if (this.#pumping) return; // what is pushed meanwhile has its turn in the round under way
    this.#pumping = true;
    try {
      while (this.#round()) {
        // until no flow can send
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** One turn for every party that waits. Whether anything left. */
  #round(): boolean {
    let moved = false;
    for (const [party, flows] of [...this.#waiting]) {
      const flow = this.#nextOf(flows);
      if (flow !== undefined) {
        // Behind the others for the next round, wherever this one ends.
        flows.delete(flow);
        this.#waiting.delete(party);
        this.#waiting.set(party, flows.add(flow));
        this.#send(flow);
        moved = true;
      } else if (flows.size === 0) this.#waiting.delete(party);
    }
    return moved;
  }

  /** Whose turn it is within a party, of those that can send now. */
  #nextOf(flows: Set<Flow>): Flow | undefined {
    for (const flow of flows) {
      const cell = flow.next;
      if (cell === undefined) flows.delete(flow);
      else if (this.#maySend(flow, cell)) return flow;
    }
    return undefined;
  }

  #send(flow: Flow): void {
    const cell = flow.next as Uint8Array;
    if (flow.carriedFor) this.relayedBytes += cell.length;
    if (flow.neighbour.send(cell)) flow.shift();
    else flow.clear();
  }

  #maySend({ neighbour, carriedFor }: Flow, cell: Uint8Array): boolean {
    if (neighbour.gone) return true; // sending fails and clears the flow
    if (neighbour.link.bufferedAmount >= CIRCUIT_LINK_BUFFER) {
      this.#waitForLink(neighbour);
      return false;
    }
    if (carriedFor === undefined) return true;
    // While a large cell waits for its share, no small one takes it away.
    if (this.#timer !== undefined) return false;
    const wait = this.#bucket.waitMs(cell.length);
    if (wait > 0) this.#waitForTokens(wait);
    else this.#bucket.spend(cell.length);
    return wait === 0;
  }

  #waitForLink(neighbour: Neighbour): void {
    if (this.#full.has(neighbour)) return;
    this.#watch(neighbour);
    void neighbour.link.drained(DRAINED).then(() => {
      this.#full.get(neighbour)?.cancel();
      this.#full.delete(neighbour);
      this.#pump();
    });
  }

  /**
   * Whoever takes nothing and goes on talking is not silent: the heartbeat would keep it, and its flows their places. What counts
   * is what it takes, not what still waits: packets may keep a slow link full that does all it can.
   */
  #watch(neighbour: Neighbour): void {
    const before = neighbour.bytesTaken;
    const timer = this.#clock.after(CIRCUIT_STUCK_MS, () => {
      if (neighbour.bytesTaken - before < DRAINED) neighbour.link.close();
      else this.#watch(neighbour);
    });
    this.#full.set(neighbour, timer);
  }

  #waitForTokens(ms: number): void {
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.#pump();
    });
  }
}
