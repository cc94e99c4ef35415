// The overlay in memory: nodes that join one after another, values stored and looked up from anywhere, nodes that die, lie,
// come and go. The same code as in the browser, in virtual time, from a seed.
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { MAX_NEIGHBOURS } from '../../src/core/overlay/limits.ts';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { SimExchange } from './dialer.ts';
import { type Held, holdings } from './held.ts';
import { lookUp, newItem, type Sample, type Stored } from './items.ts';
import { Liar } from './liars.ts';
import { SimNetwork } from './network.ts';
import { SimNode, type SimWorld } from './node.ts';
import { nodeOverlayCrypto } from './node-crypto.ts';
import { replaceGlobals, VirtualTime } from './virtual-time.ts';

export interface SimulationOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly lookups: number;
  /** One way, milliseconds. */
  readonly latencyMs: number;
  /** Share of the nodes that is gone at once, after everything is stored. */
  readonly kill: number;
  /** Share of the nodes that lies. */
  readonly liars: number;
  /** Minutes of coming and going before the look-ups. */
  readonly minutes: number;
  /** Share of the transmissions that the network below the links loses. */
  readonly loss: number;
  /** Default: the real one. */
  readonly crypto?: OverlayCrypto;
}

/** All that a simulation has to say, whether in one memory or in several. */
export interface Outcome {
  readonly options: SimulationOptions;
  readonly samples: readonly Sample[];
  readonly held: readonly Held[];
  /** Values handed over that nobody had stored. */
  readonly forgedAccepted: number;
  /** Neighbours of honest nodes that were not who they said. */
  readonly identitiesSubstituted: number;
  /** How often a liar tried to pass for somebody else. */
  readonly impersonations: number;
  /** Asked by everybody who has left. */
  readonly questions: number;
  /** Links ever opened, frames on them, and those sent again. */
  readonly network: { readonly opened: number; readonly frames: number; readonly retransmissions: number };
}

/** Between two joins: few at first, then a thousandth of the overlay's size a millisecond. */
export const JOIN_MS = 2_000;
/** That a tracker's offers lead to (doors/first-neighbours.ts). */
export const FIRST_NEIGHBOURS = 3;
export const SETTLE_MS = 30_000;
/** Half of the nodes leave within this; half of those that leave say goodbye. */
const MEDIAN_STAY_MS = 600_000;
const REPUBLISH_MS = 600_000;
/** Look-ups under way at once, beside each other and not in each other's way. */
export const AT_ONCE_PER_NODE = 0.02;

export class Simulation implements Outcome {
  readonly time = new VirtualTime();
  readonly network: SimNetwork;
  readonly samples: Sample[] = [];
  /** What is held now and then: before and after the coming and going, and when everybody has left. */
  readonly held: Held[] = [];
  readonly options: SimulationOptions;
  readonly #random: Random;
  readonly #world: SimWorld;
  readonly #restore: () => void;
  readonly #impersonations = { count: 0 };
  readonly #forgeries = { accepted: 0 };
  #seeds = 0;

  constructor(options: SimulationOptions) {
    const { seed, crypto = nodeOverlayCrypto } = options;
    this.options = options;
    this.#random = seededRandom(seed);
    this.network = new SimNetwork(this.time, this.#random, options);
    this.#world = {
      network: this.network,
      exchange: new SimExchange(this.network),
      nodes: new Map(),
      random: this.#random,
      crypto,
      cap: MAX_NEIGHBOURS,
      identitiesSubstituted: 0,
      questions: 0,
    };
    this.#restore = replaceGlobals(this.time, () => this.#random.fraction());
  }

  get forgedAccepted(): number {
    return this.#forgeries.accepted;
  }

  get identitiesSubstituted(): number {
    return this.#world.identitiesSubstituted;
  }

  get questions(): number {
    return this.#world.questions;
  }

  get impersonations(): number {
    return this.#impersonations.count;
  }

  get nodes(): readonly SimNode[] {
    return [...this.#world.nodes.values()];
  }

  async run(): Promise<void> {
    try {
      await this.#join();
      const stored = await this.#store(this.options.lookups);
      this.#kill();
      await this.#hold('before');
      if (this.options.minutes > 0) await this.#churn(stored);
      await this.#lookUp(stored);
      await this.#hold('after');
    } finally {
      this.#everybodyLeaves();
      await this.time.advance(SETTLE_MS);
      await this.#hold('left');
      this.#restore();
    }
  }

  /** On its own: a loop that waits would still hold them all. */
  #everybodyLeaves(): void {
    for (const node of this.nodes) node.leave();
  }

  async #hold(when: string): Promise<void> {
    // What this turn still holds is no leak.
    this.held.push(await holdings(when, this.#world, () => this.time.advance(0)));
  }

  async #join(): Promise<void> {
    const { nodes, liars } = this.options;
    for (let count = 0; count < nodes; count += 1) {
      await this.time.until(this.#newcomer(Math.floor(liars * (count + 1)) > Math.floor(liars * count)));
      await this.time.advance(Math.max(JOIN_MS / (count + 1), 1));
    }
    await this.time.advance(SETTLE_MS);
  }

  async #newcomer(lies: boolean): Promise<void> {
    const before = this.nodes;
    const node = await SimNode.start(this.#world, this.options.seed * 1_000_003 + this.#seeds++);
    if (lies) node.liar = new Liar(node, this.#world, this.#impersonations);
    const chosen = new Set(Array.from({ length: Math.min(FIRST_NEIGHBOURS, before.length) }, () => this.#one(before)));
    await Promise.all(Array.from(chosen, (other) => node.meet(other).catch(() => {}))); // not every one has room, or is who it says
    node.considerDoors();
  }

  async #store(count: number): Promise<Stored[]> {
    const items: Stored[] = [];
    for (let index = 0; index < count; index += 1) items.push(await newItem(this.#random, this.time));
    await this.#atOnce(items, (item) => item.publish(this.#one(this.#honest())));
    return items;
  }

  #kill(): void {
    const { kill } = this.options;
    const count = Math.floor(this.nodes.length * kill);
    for (let index = 0; index < count; index += 1) this.#one(this.nodes).kill();
  }

  /** Everybody stays for an exponentially distributed time and is replaced; the publishers put their values again. */
  async #churn(items: readonly Stored[]): Promise<void> {
    const end = this.time.now() + this.options.minutes * 60_000;
    const gap = MEDIAN_STAY_MS / Math.LN2 / this.options.nodes;
    let publishAt = this.time.now() + REPUBLISH_MS;
    while (this.time.now() < end) {
      await this.time.advance(-Math.log(1 - this.#random.fraction()) * gap);
      const leaver = this.#one(this.nodes);
      if (this.#random.fraction() < 0.5) leaver.kill();
      else leaver.leave();
      await this.time.until(this.#newcomer(false));
      if (this.time.now() < publishAt) continue;
      publishAt += REPUBLISH_MS;
      await this.#atOnce(items, (item) => item.publish(this.#one(this.#honest())));
    }
  }

  async #lookUp(items: readonly Stored[]): Promise<void> {
    await this.#atOnce(items, async (item) => {
      this.samples.push(await lookUp(item, this.#one(this.#honest()), this.time, this.#forgeries));
    });
  }

  async #atOnce<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const size = Math.max(1, Math.floor(AT_ONCE_PER_NODE * this.options.nodes));
    for (let from = 0; from < items.length; from += size) {
      await this.time.until(Promise.all(items.slice(from, from + size).map(work)));
    }
  }

  #honest(): readonly SimNode[] {
    return this.nodes.filter(({ liar }) => liar === undefined);
  }

  #one(nodes: readonly SimNode[]): SimNode {
    return nodes[Math.floor(this.#random.fraction() * nodes.length)] as SimNode;
  }
}
