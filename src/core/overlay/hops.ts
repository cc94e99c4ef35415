// One circuit's end on one link: its number there, and the cells that leave by it.
import { KithError } from '../errors.ts';
import { type CellKind, cellKinds, readCell, renumber } from './cells.ts';
import type { FairQueue, Flow } from './fair-queue.ts';
import { frameTypes } from './frames.ts';
import { MAX_CIRCUITS, MAX_CIRCUITS_PER_NEIGHBOUR, OWN_CIRCUITS } from './limits.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';

/** What a circuit does with what comes in on a hop of it. Throws KithError 'frame-malformed' for nonsense. */
export interface HopOwner {
  cell(hop: Hop, kind: CellKind, cell: Uint8Array, body: Uint8Array): void;
  /** The link is gone. */
  lost(hop: Hop): void;
}

export class Hop {
  readonly neighbour: Neighbour;
  readonly number: number;
  readonly flow: Flow;
  readonly owner: HopOwner;
  readonly #release: () => void;

  constructor(neighbour: Neighbour, number: number, flow: Flow, owner: HopOwner, release: () => void) {
    this.neighbour = neighbour;
    this.number = number;
    this.flow = flow;
    this.owner = owner;
    this.#release = release;
  }

  /** False when more waits than may. */
  send(cell: Uint8Array): boolean {
    return this.flow.push(renumber(cell, this.number));
  }

  /** What was sent still leaves; nothing comes in any more. */
  release(): void {
    this.#release();
  }
}

/** `body` is a view of `cell`. Throws KithError 'frame-malformed' for nonsense. */
export type OpenHandler = (neighbour: Neighbour, number: number, body: Uint8Array, cell: Uint8Array) => void;

export class Hops {
  readonly #self: string;
  readonly #neighbours: Neighbours;
  readonly #queue: FairQueue;
  readonly #byNeighbour = new Map<Neighbour, Map<number, Hop>>();
  readonly #onOpen: OpenHandler;
  #next = 0;
  #count = 0;

  constructor(self: string, neighbours: Neighbours, queue: FairQueue, onOpen: OpenHandler) {
    this.#self = self;
    this.#neighbours = neighbours;
    this.#queue = queue;
    this.#onOpen = onOpen;
    neighbours.onFrame(frameTypes.cell, (neighbour, frame) => this.#cell(neighbour, frame));
    neighbours.onRemoved((neighbour) => this.#lost(neighbour));
  }

  /** A hop that we begin, for a neighbour or (undefined) ourselves; undefined when there are too many. */
  begin(neighbour: Neighbour, carriedFor: Neighbour | undefined, owner: HopOwner): Hop | undefined {
    const kept = carriedFor ? OWN_CIRCUITS : 0;
    const full = this.#count >= 2 * MAX_CIRCUITS - 2 * kept || neighbour.circuits >= MAX_CIRCUITS_PER_NEIGHBOUR - kept;
    if (full) return undefined;
    this.#next = (this.#next + 1) % 0x7fff_ffff;
    return this.#add(neighbour, 2 * this.#next + this.#side(neighbour), carriedFor, owner);
  }

  /** A hop that the neighbour begins; undefined when there are too many or the number is not its to give. */
  accept(neighbour: Neighbour, number: number, relayed: boolean, owner: HopOwner): Hop | undefined {
    if (number % 2 === this.#side(neighbour)) return undefined;
    return this.#add(neighbour, number, relayed ? neighbour : undefined, owner);
  }

  all(): Hop[] {
    return [...this.#byNeighbour.values()].flatMap((hops) => [...hops.values()]);
  }

  /** Both sides number circuits of their own: the node with the smaller address takes even numbers. */
  #side(neighbour: Neighbour): number {
    return this.#self < neighbour.address ? 0 : 1;
  }

  #add(neighbour: Neighbour, number: number, carriedFor: Neighbour | undefined, owner: HopOwner): Hop | undefined {
    const hops = this.#byNeighbour.get(neighbour) ?? new Map<number, Hop>();
    const full = this.#count >= 2 * MAX_CIRCUITS || neighbour.circuits >= MAX_CIRCUITS_PER_NEIGHBOUR;
    if (neighbour.gone || full || hops.has(number)) return undefined;
    const flow = this.#queue.flow(neighbour, carriedFor);
    const hop = new Hop(neighbour, number, flow, owner, () => this.#release(hop));
    hops.set(number, hop);
    this.#byNeighbour.set(neighbour, hops);
    this.#count += 1;
    neighbour.circuits += 1;
    return hop;
  }

  /** The place is free only when the last cell has left: else whoever opens and closes could fill our memory. */
  #release(hop: Hop): void {
    const hops = this.#byNeighbour.get(hop.neighbour);
    if (hops?.get(hop.number) !== hop) return;
    hops.delete(hop.number);
    if (hops.size === 0) this.#byNeighbour.delete(hop.neighbour);
    let freed = false;
    const free = (): void => {
      if (freed || hop.flow.bytes > 0) return;
      freed = true;
      this.#count -= 1;
      hop.neighbour.circuits -= 1;
    };
    hop.flow.onProgress(free);
    free();
  }

  #cell(neighbour: Neighbour, frame: Uint8Array): void {
    const { number, kind, body } = readCell(frame);
    if (kind === cellKinds.open) {
      if (neighbour.allows(frame.length)) this.#onOpen(neighbour, number, body, frame);
      else this.#neighbours.dropped += 1;
      return;
    }
    const hop = this.#byNeighbour.get(neighbour)?.get(number);
    if (hop) hop.owner.cell(hop, kind, frame, body);
    else this.#stray(neighbour);
  }

  /** A circuit that has just ended here may still be written to, so far. */
  #stray(neighbour: Neighbour): void {
    this.#neighbours.dropped += 1;
    if (!neighbour.allowsStrayCell()) throw new KithError('frame-malformed');
  }

  #lost(neighbour: Neighbour): void {
    const hops = [...(this.#byNeighbour.get(neighbour)?.values() ?? [])];
    for (const hop of hops) {
      hop.flow.clear();
      hop.release();
      hop.owner.lost(hop);
    }
  }
}
