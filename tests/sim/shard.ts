// One shard of a simulation (shards.ts): every n-th node, in a thread and a memory of its own. All shards follow one plan, drawn
// from the seed by each for itself; each does what concerns its nodes.
import type { MessagePort } from 'node:worker_threads';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { MAX_NEIGHBOURS } from '../../src/core/overlay/limits.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { Border } from './border.ts';
import { SimExchange } from './dialer.ts';
import { type Held, holdings } from './held.ts';
import { lookUp, newItem, type Sample, type Stored } from './items.ts';
import { SimNetwork } from './network.ts';
import { SimNode, type SimWorld } from './node.ts';
import { nodeOverlayCrypto } from './node-crypto.ts';
import { AT_ONCE_PER_NODE, FIRST_NEIGHBOURS, JOIN_MS, type Outcome, SETTLE_MS } from './simulation.ts';
import { replaceGlobals, VirtualTime } from './virtual-time.ts';
import { Windows } from './windows.ts';

/** Nodes between two reports of progress. */
const PROGRESS = 1_000;

export interface ShardOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly lookups: number;
  readonly latencyMs: number;
  readonly kill: number;
  readonly loss: number;
}

export type ShardOutcome = Omit<Outcome, 'options'>;

export class Shard {
  readonly #options: ShardOptions;
  readonly #progress: (how: string) => void;
  /** The same in every shard. */
  readonly #plan: Random;
  /** Of this shard. */
  readonly #random: Random;
  readonly #time = new VirtualTime();
  readonly #windows: Windows;
  readonly #border: Border;
  readonly #world: SimWorld;
  /** Of this shard, by index. */
  readonly #nodes = new Map<number, SimNode>();
  /** Indices of the nodes that are there, of all shards. */
  #present: number[] = [];
  readonly #samples: Sample[] = [];
  readonly #held: Held[] = [];
  readonly #forgeries = { accepted: 0 };

  /** `ports`: to each other shard, by its number. `progress`: told now and then how far it is. */
  constructor(
    options: ShardOptions,
    number: number,
    ports: ReadonlyMap<number, MessagePort>,
    progress: (how: string) => void = () => {},
  ) {
    this.#options = options;
    this.#progress = progress;
    this.#plan = seededRandom(options.seed);
    this.#random = seededRandom(options.seed * 1_000_033 + number + 1);
    const network = new SimNetwork(this.#time, this.#random, options);
    const node = (index: number) => this.#nodes.get(index);
    this.#border = new Border({ network, shard: number, shards: ports.size + 1, node });
    this.#windows = new Windows(this.#time, this.#border, options.latencyMs, ports);
    this.#world = {
      network,
      exchange: new SimExchange(network, this.#border),
      nodes: new Map(),
      random: this.#random,
      crypto: nodeOverlayCrypto,
      door: (who) => this.#link(who, one(this.#present, this.#random)),
      cap: MAX_NEIGHBOURS,
      identitiesSubstituted: 0,
      questions: 0,
    };
  }

  async run(): Promise<ShardOutcome> {
    const restore = replaceGlobals(this.#time, () => this.#random.fraction());
    try {
      await this.#join();
      const items = await this.#items();
      this.#progress('settled');
      await this.#atOnce(items, (item, node) => item.publish(node));
      this.#kill();
      this.#progress('stored');
      await this.#hold('before');
      await this.#atOnce(items, async (item, node) => {
        this.#samples.push(await lookUp(item, node, this.#time, this.#forgeries));
      });
      this.#progress('looked up');
      await this.#hold('after');
      this.#everybodyLeaves();
      await this.#windows.advance(SETTLE_MS);
      await this.#hold('left');
    } finally {
      restore();
    }
    return this.#outcome();
  }

  /** On its own: a loop that waits would still hold them all. */
  #everybodyLeaves(): void {
    for (const node of this.#nodes.values()) node.leave();
    this.#nodes.clear();
  }

  #outcome(): ShardOutcome {
    const { identitiesSubstituted, questions, network } = this.#world;
    const { opened, frames, retransmissions } = network;
    return {
      samples: this.#samples,
      held: this.#held,
      forgedAccepted: this.#forgeries.accepted,
      identitiesSubstituted,
      impersonations: 0,
      questions,
      network: { opened, frames, retransmissions },
    };
  }

  /** As in one memory, only that nobody waits for the one before to have joined. */
  async #join(): Promise<void> {
    const { nodes, latencyMs } = this.#options;
    const start = this.#time.now();
    let at = start;
    for (let index = 0; index < nodes; index += 1) {
      const first = new Set(Array.from({ length: Math.min(FIRST_NEIGHBOURS, index) }, () => pick(index, this.#plan)));
      this.#time.at(at, () => this.#newcomer(index, first));
      // Whole milliseconds: what happens at one instant costs one turn.
      at += Math.ceil(Math.max(JOIN_MS / (index + 1), latencyMs / 2));
    }
    await this.#windows.advance(at - start + SETTLE_MS);
  }

  #newcomer(index: number, first: ReadonlySet<number>): void {
    this.#present.push(index);
    if (index > 0 && index % PROGRESS === 0) this.#progress(`${index} have joined`);
    if (this.#border.isHere(index)) void this.#start(index, first);
  }

  async #start(index: number, first: ReadonlySet<number>): Promise<void> {
    const node = await SimNode.start(this.#world, this.#options.seed * 1_000_003 + index);
    this.#nodes.set(index, node);
    for (const other of first) this.#link(node, other);
    node.considerDoors();
  }

  /** Through a door. Not everyone has room. */
  #link(node: SimNode, index: number): void {
    const other = this.#nodes.get(index);
    if (other === node) return;
    if (other) node.meet(other).catch(() => {});
    else if (!this.#border.isHere(index))
      node.overlay.adopt(this.#border.door(node, index), { dialed: true }).catch(() => {});
  }

  async #items(): Promise<Stored[]> {
    const items: Stored[] = [];
    for (let count = 0; count < this.#options.lookups; count += 1) items.push(await newItem(this.#plan, this.#time));
    return items;
  }

  #kill(): void {
    const count = Math.floor(this.#present.length * this.#options.kill);
    for (let index = 0; index < count; index += 1) {
      const [gone] = this.#present.splice(pick(this.#present.length, this.#plan), 1) as [number];
      this.#nodes.get(gone)?.kill();
      this.#nodes.delete(gone);
    }
  }

  /** Each by a node of whatever shard, a few beside each other. */
  async #atOnce(items: readonly Stored[], work: (item: Stored, node: SimNode) => Promise<unknown>): Promise<void> {
    const size = Math.max(1, Math.floor(AT_ONCE_PER_NODE * this.#options.nodes));
    for (let from = 0; from < items.length; from += size) {
      const some = items.slice(from, from + size).map((item) => ({ item, by: one(this.#present, this.#plan) }));
      const ours = some.flatMap(({ item, by }) => {
        const node = this.#nodes.get(by);
        return node ? work(item, node) : [];
      });
      await this.#windows.until(Promise.all(ours));
    }
  }

  async #hold(when: string): Promise<void> {
    this.#held.push(await holdings(when, this.#world, () => this.#windows.advance(1)));
  }
}

function pick(count: number, random: Random): number {
  return Math.floor(random.fraction() * count);
}

function one(indices: readonly number[], random: Random): number {
  return indices[pick(indices.length, random)] as number;
}
