// Virtual time for several shards of one simulation, in step: each runs a window of time on its own, then they tell each other
// what crossed. Nothing crosses in less than a link's latency, so a window of that length misses nothing (conservative
// synchronization by look-ahead: Chandy and Misra, 1979). All shards call the same functions in the same order.
import type { MessagePort } from 'node:worker_threads';
import type { Border } from './border.ts';
import type { VirtualTime } from './virtual-time.ts';

/** From one shard to another at the end of a window. */
interface Handover {
  readonly bag: Uint8Array<ArrayBuffer>;
  /** What this shard waits for has come about. */
  readonly settled: boolean;
  /** Nothing is left to happen in it. */
  readonly idle: boolean;
}

export class Windows {
  readonly #time: VirtualTime;
  readonly #border: Border;
  readonly #lookAheadMs: number;
  readonly #neighbours: readonly Neighbour[];

  /** `ports`: to each other shard, by its number. */
  constructor(time: VirtualTime, border: Border, lookAheadMs: number, ports: ReadonlyMap<number, MessagePort>) {
    this.#time = time;
    this.#border = border;
    this.#lookAheadMs = lookAheadMs;
    this.#neighbours = Array.from(ports, ([shard, port]) => new Neighbour(shard, port));
  }

  async advance(ms: number): Promise<void> {
    const end = this.#time.now() + ms;
    while (this.#time.now() < end) await this.#window(end, true);
  }

  /** Until the promises of all shards have settled. @throws when nothing is left that could settle them. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    for (let all = false; !all; ) {
      const theirs = await this.#window(Number.POSITIVE_INFINITY, () => settled);
      all = theirs.every((each) => each.settled);
      if (!all && theirs.every(({ idle, bag }) => idle && bag.length === 0)) {
        throw new Error('Nothing is left to wait for.');
      }
    }
    return promise;
  }

  /** What every shard, this one included, said at its end. */
  async #window(latest: number, settled: true | (() => boolean)): Promise<readonly Handover[]> {
    await this.#time.advanceBefore(Math.min(this.#time.now() + this.#lookAheadMs, latest));
    const state = { settled: settled === true || settled(), idle: this.#time.pending === 0 };
    const ours = this.#neighbours.map(({ shard, port }) => {
      const handover = { ...state, bag: this.#border.bagFor(shard) };
      const length = handover.bag.length;
      port.postMessage(handover, [handover.bag.buffer]);
      return { ...handover, bag: new Uint8Array(length) };
    });
    const theirs = await Promise.all(this.#neighbours.map((neighbour) => neighbour.next()));
    this.#border.deliver(new Map(theirs.map(({ bag }, index) => [(this.#neighbours[index] as Neighbour).shard, bag])));
    return [...ours, ...theirs];
  }
}

/** What comes from another shard, in order. */
class Neighbour {
  readonly shard: number;
  readonly port: MessagePort;
  readonly #come: Handover[] = [];
  #wanted: ((handover: Handover) => void) | undefined;

  constructor(shard: number, port: MessagePort) {
    this.shard = shard;
    this.port = port;
    port.on('message', (handover: Handover) => {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      if (wanted) wanted(handover);
      else this.#come.push(handover);
    });
  }

  next(): Promise<Handover> {
    const handover = this.#come.shift();
    if (handover) return Promise.resolve(handover);
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }
}
