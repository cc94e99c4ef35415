// Virtual time for several shards of one simulation, in step: each runs a short step of time on its own, then tells the others
// what crossed. Nothing crosses in less than a link's latency, so what was sent in one step is needed only when that has
// passed: steps are a part of it, and each shard may be so far ahead of the others (conservative synchronization by look-ahead:
// Chandy and Misra, 1979). All shards call the same functions in the same order.
import type { MessagePort } from 'node:worker_threads';
import type { Border } from './border.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Steps in a link's latency: a shard that collects garbage for a moment does not hold up the others at once. */
const STEPS = 4;

/** From one shard to another at the end of a step. */
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
  readonly #stepMs: number;
  readonly #neighbours: readonly Neighbour[];
  /** What was said of the last steps, here. */
  readonly #said: Pick<Handover, 'settled' | 'idle'>[] = [];

  /** `ports`: to each other shard, by its number. */
  constructor(time: VirtualTime, border: Border, latencyMs: number, ports: ReadonlyMap<number, MessagePort>) {
    this.#time = time;
    this.#border = border;
    this.#stepMs = latencyMs / STEPS;
    this.#neighbours = Array.from(ports, ([shard, port]) => new Neighbour(shard, port));
  }

  async advance(ms: number): Promise<void> {
    const end = this.#time.now() + ms;
    while (this.#time.now() < end) await this.#step(end, false);
  }

  /** Until the promises of all shards have settled. @throws when nothing is left that could settle them. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    // What is said of steps before this call is of something else, and empty bags may follow full ones.
    for (let step = 0, idle = 0; ; step += 1) {
      const all = await this.#step(Number.POSITIVE_INFINITY, () => settled);
      if (step < STEPS) continue;
      if (all.every((each) => each.settled)) return promise;
      idle = all.every((each) => each.idle) ? idle + 1 : 0;
      if (idle > STEPS) throw new Error('Nothing is left to wait for.');
    }
  }

  /** What every shard, this one included, said at the end of the step that is one latency ago. */
  async #step(
    latest: number,
    settled: false | (() => boolean),
  ): Promise<readonly Pick<Handover, 'settled' | 'idle'>[]> {
    await this.#time.advanceBefore(Math.min(this.#time.now() + this.#stepMs, latest));
    const bags = this.#neighbours.map(({ shard }) => this.#border.bagFor(shard));
    const idle = this.#time.pending === 0 && bags.every(({ length }) => length === 0);
    const ours = { settled: settled !== false && settled(), idle };
    this.#said.push(ours);
    for (const [index, { port }] of this.#neighbours.entries()) {
      const bag = bags[index] as Uint8Array<ArrayBuffer>;
      port.postMessage({ ...ours, bag }, [bag.buffer]);
    }
    if (this.#said.length < STEPS) return [];
    const theirs = await Promise.all(this.#neighbours.map((neighbour) => neighbour.next()));
    this.#border.deliver(new Map(theirs.map(({ bag }, index) => [(this.#neighbours[index] as Neighbour).shard, bag])));
    return [this.#said.shift() as Pick<Handover, 'settled' | 'idle'>, ...theirs];
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
