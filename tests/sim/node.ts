// One node of the simulation: the whole overlay as browsers run it (overlay.ts), on links in memory. Only the doors are simpler
// than a browser's: whoever needs a first neighbour is handed one.
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { addressOf } from '../../src/core/overlay/address.ts';
import type { Dht } from '../../src/core/overlay/dht.ts';
import { WholeOverlay } from '../../src/core/overlay/overlay.ts';
import type { Overlay } from '../../src/core/overlay/overlay-api.ts';
import { Transport } from '../../src/core/overlay/transport.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { SimDialer, type SimExchange } from './dialer.ts';
import type { Liar } from './liars.ts';
import type { Holder, SimLink, SimNetwork } from './network.ts';

/** With fewer neighbours the doors bring another one, after so long (doors/first-neighbours.ts). */
const ENOUGH_NEIGHBOURS = 4;
const DOOR_MS = 5_000;

export interface SimWorld {
  readonly network: SimNetwork;
  readonly exchange: SimExchange;
  readonly nodes: Map<string, SimNode>;
  readonly random: Random;
  readonly crypto: OverlayCrypto;
  /** Links a node that has too few neighbours to somebody else. Default: to one of `nodes`. */
  readonly door?: (node: SimNode) => void;
  /** Most neighbours of a node. */
  readonly cap: number;
  /** Neighbours of honest nodes that are not who they were taken for. */
  identitiesSubstituted: number;
  /** That nodes which have left had asked since their start. */
  questions: number;
}

export class SimNode implements Holder {
  alive = true;
  /** Set before its first link, when it lies. */
  liar: Liar | undefined;
  readonly transport: Transport;
  readonly overlay: Overlay;
  readonly dht: Dht;
  readonly dialer: SimDialer;
  readonly #world: SimWorld;
  #atDoor = false;
  readonly #links = new Set<SimLink>();

  private constructor(world: SimWorld, transport: Transport, random: Random) {
    this.#world = world;
    this.transport = transport;
    this.dialer = new SimDialer(world.exchange, this);
    const overlay = new WholeOverlay({ ...toolsOf(world, random), dialer: this.dialer }, transport);
    this.overlay = overlay;
    this.dht = overlay.dht;
    transport.neighbours.onAdded(({ id, link }) => this.#check(id, link as SimLink));
    transport.neighbours.onRemoved(() => this.considerDoors());
  }

  static async start(world: SimWorld, seed: number): Promise<SimNode> {
    const random = seededRandom(seed);
    const node = new SimNode(world, await Transport.start(toolsOf(world, random)), random);
    world.nodes.set(addressOf(node.id), node);
    return node;
  }

  get id(): Uint8Array {
    return this.transport.id;
  }

  /** A link to another node, found by whatever door. */
  async meet(other: SimNode): Promise<void> {
    const [ours, theirs] = this.#world.network.connect(this, other);
    await Promise.all([this.overlay.adopt(ours, { dialed: true }), other.overlay.adopt(theirs, { dialed: false })]);
  }

  take(link: SimLink): void {
    link.tamper = this.liar?.tamper;
    link.hear = this.liar && ((frame, reply) => this.liar?.hear(frame, reply) ?? false);
    this.#links.add(link);
    for (const each of this.#links) if (each.closed) this.#links.delete(each);
  }

  /** Gone from one moment to the next. Nobody is told. */
  kill(): void {
    for (const link of this.#links) link.kill();
    this.leave();
  }

  /** The page is closed: goodbye is said. */
  leave(): void {
    this.alive = false;
    this.#world.questions += this.dht.queries;
    this.overlay.close();
    this.#world.nodes.delete(addressOf(this.id));
  }

  /** Asks the doors for another neighbour while there are too few. */
  considerDoors(): void {
    if (this.#atDoor || !this.alive || this.transport.neighbours.size >= ENOUGH_NEIGHBOURS) return;
    this.#atDoor = true;
    this.#world.network.time.after(DOOR_MS, () => {
      this.#atDoor = false;
      if (!this.alive || this.transport.neighbours.size >= ENOUGH_NEIGHBOURS) return;
      if (this.#world.door) this.#world.door(this);
      else this.#meetSomebody();
      this.considerDoors();
    });
  }

  #meetSomebody(): void {
    const all = [...this.#world.nodes.values()];
    const other = all[Math.floor(this.#world.random.fraction() * all.length)];
    if (other && other !== this) this.meet(other).catch(() => {}); // it has no room
  }

  /** Whether the neighbour is who it was taken for: what a hello proves. */
  #check(id: Uint8Array, { other }: SimLink): void {
    if (this.liar || !other?.owner) return;
    if (Buffer.compare(id, other.owner.id) !== 0) this.#world.identitiesSubstituted += 1;
  }
}

function toolsOf({ network, crypto, cap }: SimWorld, random: Random) {
  return { clock: network.time, random, crypto, log: silentLog, cap };
}
