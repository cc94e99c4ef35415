// One node of the simulation: the overlay as browsers run it, on links in memory.
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { addressOf } from '../../src/core/overlay/address.ts';
import { Discovery } from '../../src/core/overlay/discovery.ts';
import type { PulseTimes } from '../../src/core/overlay/pulse.ts';
import { Transport } from '../../src/core/overlay/transport.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Liar } from './liars.ts';
import type { SimLink, SimNetwork } from './network.ts';
import { nodeOverlayCrypto } from './node-crypto.ts';

/** With fewer neighbours the doors bring another one, after so long (doors/first-neighbours.ts). */
const ENOUGH_NEIGHBOURS = 4;
const DOOR_MS = 5_000;
/** Signals of a dial cross the route there, back and there again before the link is open (offer, answer, first checks). */
const CROSSINGS_OF_A_DIAL = 3;

export class SimNode {
  alive = true;
  /** Set before its first link, when it lies. */
  liar: Liar | undefined;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly #world: SimWorld;
  #atDoor = false;
  readonly #links = new Set<SimLink>();

  private constructor(world: SimWorld, transport: Transport, random: Random) {
    this.#world = world;
    this.transport = transport;
    const { time: clock } = world.network;
    this.discovery = new Discovery({
      transport,
      clock,
      random,
      crypto: nodeOverlayCrypto,
      log: silentLog,
      cap: world.cap,
      dial: (id) => this.#dial(id),
    });
    transport.neighbours.onRemoved(() => this.considerDoors());
  }

  static async start(world: SimWorld, seed: number): Promise<SimNode> {
    const random = seededRandom(seed);
    const { cap, network } = world;
    const tools = { clock: network.time, random, crypto: nodeOverlayCrypto, log: silentLog, cap };
    const transport = await Transport.start({ ...tools, ...(world.pulse && { pulse: world.pulse }) });
    const node = new SimNode(world, transport, random);
    world.nodes.set(addressOf(node.id), node);
    return node;
  }

  get id(): Uint8Array {
    return this.transport.id;
  }

  /** A link to another node, found by whatever door. */
  async meet(other: SimNode): Promise<void> {
    const [ours, theirs] = this.#world.network.connect((length) => this.#world.random.bytes(length));
    this.take(ours);
    other.take(theirs);
    const adopted = [this.transport.neighbours.adopt(ours, { dialed: true }), other.transport.neighbours.adopt(theirs)];
    await Promise.all(adopted);
  }

  take(link: SimLink): void {
    link.tamper = this.liar?.tamper;
    link.hear = this.liar && ((frame, reply) => this.liar?.hear(frame, reply) ?? false);
    this.#links.add(link);
    for (const each of this.#links) if (each.closed) this.#links.delete(each);
  }

  /** Gone from one moment to the next. Nobody is told. */
  kill(): void {
    this.alive = false;
    for (const link of this.#links) link.kill();
    this.#end();
  }

  /** The page is closed: goodbye is said. */
  leave(): void {
    this.alive = false;
    this.#end();
  }

  /** Asks the doors for another neighbour while there are too few. */
  considerDoors(): void {
    if (this.#atDoor || !this.alive || this.transport.neighbours.size >= ENOUGH_NEIGHBOURS) return;
    this.#atDoor = true;
    this.#world.network.time.after(DOOR_MS, () => {
      this.#atDoor = false;
      if (!this.alive || this.transport.neighbours.size >= ENOUGH_NEIGHBOURS) return;
      const all = [...this.#world.nodes.values()];
      const other = all[Math.floor(this.#world.random.fraction() * all.length)];
      if (other && other !== this) this.meet(other).catch(() => {}); // it has no room
      this.considerDoors();
    });
  }

  #end(): void {
    this.discovery.close();
    this.transport.close();
    this.#world.nodes.delete(addressOf(this.id));
  }

  async #dial(id: Uint8Array): Promise<void> {
    const { network, nodes } = this.#world;
    const [way] = this.transport.routes.ways(addressOf(id), 1);
    if (!way) throw new Error('no route');
    const ms = CROSSINGS_OF_A_DIAL * (way.length + 1) * network.latencyMs;
    await new Promise<void>((resolve) => network.time.after(ms, resolve));
    const other = nodes.get(addressOf(id));
    if (!other || !this.alive) throw new Error('nobody there');
    await this.meet(other);
  }
}

export interface SimWorld {
  readonly network: SimNetwork;
  readonly nodes: Map<string, SimNode>;
  readonly random: Random;
  /** Most neighbours of a node. */
  readonly cap: number;
  readonly pulse?: PulseTimes | undefined;
}
