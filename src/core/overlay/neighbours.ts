// The live links to other nodes: greeted, capped, listened to, and closed when they are silent or talk nonsense.
import { compareBytes, concat, equalBytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link, LinkBinding } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf } from './address.ts';
import { chooseVictim } from './eviction.ts';
import { type FrameType, frameTypes, type Goodbye, goodbyes } from './frames.ts';
import { type Greeted, greet } from './greeting.ts';
import type { Dialed, Peer } from './hello.ts';
import { MAX_GREETING, MAX_KEPT_SHARE, SIMULTANEOUS_MS } from './limits.ts';
import { Neighbour, type NeighbourLimits, usualLimits } from './neighbour.ts';
import type { NodeKey } from './node-key.ts';
import type { AdoptOptions } from './overlay-api.ts';
import { Pulse, type PulseTimes, usualPulse } from './pulse.ts';

export interface NeighboursOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: OverlayCrypto;
  readonly key: NodeKey;
  readonly log: Log;
  /** Most live links. */
  readonly cap: number;
  readonly limits?: NeighbourLimits;
  readonly pulse?: PulseTimes;
}

/** Each costs little, and there is nothing else to limit them by. */
const smallFrames: ReadonlySet<number | undefined> = new Set([
  frameTypes.table,
  frameTypes.ping,
  frameTypes.pong,
  frameTypes.alias,
]);

type FrameHandler = (neighbour: Neighbour, frame: Uint8Array) => void;

export class Neighbours {
  readonly traffic = { bytesIn: 0, bytesOut: 0 };
  /** Frames over a limit, and cells for no circuit. */
  dropped = 0;
  /** Links that said hello since the start. */
  linksOpened = 0;
  readonly #options: NeighboursOptions;
  readonly #self: Address;
  readonly #all = new Map<Address, Neighbour>();
  readonly #handlers = new Map<number, FrameHandler>();
  readonly #added: ((neighbour: Neighbour) => void)[] = [];
  readonly #removed: ((neighbour: Neighbour) => void)[] = [];
  readonly #pulse: Pulse;
  /** Ids of contacts' nodes, the most important first. */
  #kept: readonly Uint8Array[] = [];
  #greeting = 0;
  #closed = false;

  constructor(options: NeighboursOptions) {
    this.#options = options;
    this.#self = addressOf(options.key.id);
    this.#pulse = new Pulse(options.clock, options.random, options.pulse ?? usualPulse, {
      all: () => this.all(),
      dead: (neighbour) => this.drop(neighbour, 'leaving'),
    });
    this.onFrame(frameTypes.ping, (neighbour, frame) => this.#pulse.asked(neighbour, frame));
    this.onFrame(frameTypes.pong, (neighbour, frame) => this.#pulse.answered(neighbour, frame));
    this.onFrame(frameTypes.goodbye, (neighbour) => this.#remove(neighbour));
    this.onFrame(frameTypes.table, (neighbour, frame) => {
      if (frame.length !== 2) throw new KithError('frame-malformed');
      neighbour.inTheirTable = frame[1] === 1;
    });
  }

  get size(): number {
    return this.#all.size;
  }

  all(): Neighbour[] {
    return [...this.#all.values()];
  }

  get(address: Address): Neighbour | undefined {
    return this.#all.get(address);
  }

  /** After its hello. Handlers run before anything that the neighbour sent is handed over. */
  onAdded(handler: (neighbour: Neighbour) => void): void {
    this.#added.push(handler);
  }

  /** At once when the link is closed by us, lost, or displaced: before any newcomer is added. */
  onRemoved(handler: (neighbour: Neighbour) => void): void {
    this.#removed.push(handler);
  }

  /** One handler for each type. It may throw KithError 'frame-malformed'. */
  onFrame(type: FrameType, handler: FrameHandler): void {
    this.#handlers.set(type, handler);
  }

  /** See Overlay.adopt. */
  async adopt(link: Link, { dialed }: AdoptOptions = {}): Promise<Uint8Array> {
    if (this.#closed || this.#greeting >= MAX_GREETING) {
      link.close();
      throw new KithError('link-closed');
    }
    this.#greeting += 1;
    try {
      const greeted = await greet(link, dialed, this.#options);
      return this.#welcome(link, greeted);
    } catch (error) {
      link.close();
      throw error;
    } finally {
      this.#greeting -= 1;
    }
  }

  /** Tells the neighbour too, so that it does not evict a link that our table rests on. */
  setInTable(id: Uint8Array, inTable: boolean): void {
    const neighbour = this.#all.get(addressOf(id));
    if (neighbour === undefined || neighbour.inTable === inTable) return;
    neighbour.inTable = inTable;
    neighbour.send(Uint8Array.of(frameTypes.table, inTable ? 1 : 0));
  }

  /** See Overlay.keep. */
  keep(ids: readonly Uint8Array[]): void {
    this.#kept = ids;
    this.#repin();
  }

  drop(neighbour: Neighbour, why: Goodbye): void {
    sayGoodbye(neighbour.link, why);
    this.#remove(neighbour);
  }

  close(): void {
    this.#closed = true;
    for (const neighbour of this.all()) this.drop(neighbour, 'leaving');
    this.#pulse.stop();
  }

  /** A quarter of the links at most, those of the most important contacts: most of a neighbourhood must stay open to strangers. */
  #repin(): void {
    let left = Math.floor(MAX_KEPT_SHARE * this.#options.cap);
    for (const neighbour of this.#all.values()) neighbour.pinned = false;
    for (const id of this.#kept) {
      const neighbour = this.#all.get(addressOf(id));
      // Whole ids: whoever grinds the 48 bits of an address is not kept.
      if (left === 0 || !neighbour || neighbour.pinned || !equalBytes(neighbour.id, id)) continue;
      neighbour.pinned = true;
      left -= 1;
    }
  }

  /** Whether a link to this node would be kept. */
  #wouldPin(id: Uint8Array): boolean {
    const pinned = this.all().filter((each) => each.pinned).length;
    return pinned < Math.floor(MAX_KEPT_SHARE * this.#options.cap) && this.#kept.some((kept) => equalBytes(kept, id));
  }

  #welcome(link: Link, greeted: Greeted): Uint8Array {
    const { peer } = greeted;
    const address = addressOf(peer.id);
    if (this.#closed || address === this.#self) throw new KithError('link-closed');
    const existing = this.#all.get(address);
    if (existing && !equalBytes(existing.id, peer.id)) throw new KithError('link-closed'); // the same 48 bits: ground
    if (existing && (greeted.closed() || !this.#isBetter(peer, link, existing))) {
      sayGoodbye(link, 'duplicate');
      return existing.id;
    }
    if (greeted.closed()) throw new KithError('link-closed');
    if (existing) this.drop(existing, 'duplicate');
    else this.#makeRoom(link, this.#wouldPin(peer.id));
    const neighbour = this.#add(link, greeted);
    if (neighbour.gone) throw new KithError('link-closed'); // it has said goodbye right behind its hello
    return peer.id;
  }

  #makeRoom(link: Link, pinned: boolean): void {
    if (this.#all.size < this.#options.cap) return;
    const victim = chooseVictim(this.all(), this.#options.clock.now(), pinned);
    if (victim === undefined) {
      sayGoodbye(link, 'noRoom');
      throw new KithError('link-closed');
    }
    this.drop(victim, 'noRoom');
  }

  /** Of two simultaneous links the smaller id's stays; when nobody knows whose is whose, that with the smaller fingerprints. */
  #isBetter(peer: Peer, link: Link, existing: Neighbour): boolean {
    if (this.#options.clock.now() - existing.since > SIMULTANEOUS_MS) return true; // they would not dial a link they have
    const smaller = compareBytes(this.#options.key.id, peer.id) < 0;
    const fresh = isOf(smaller, peer.dialed);
    if (fresh !== isOf(smaller, existing.dialed)) return fresh;
    return compareBytes(bothFingerprints(link.binding), bothFingerprints(existing.link.binding)) < 0;
  }

  #add(link: Link, greeted: Greeted): Neighbour {
    const { clock, limits = usualLimits } = this.#options;
    const neighbour = new Neighbour(greeted.peer, link, { clock, limits, traffic: this.traffic });
    this.linksOpened += 1;
    this.#all.set(neighbour.address, neighbour);
    this.#repin();
    for (const handler of this.#added) handler(neighbour);
    neighbour.link.onClose(() => this.#remove(neighbour));
    for (const frame of greeted.early) this.#receive(neighbour, frame);
    if (!neighbour.gone) neighbour.link.onFrame((frame) => this.#receive(neighbour, frame));
    if (!neighbour.gone) this.#pulse.start(neighbour);
    return neighbour;
  }

  #remove(neighbour: Neighbour): void {
    if (neighbour.gone) return;
    neighbour.gone = true;
    if (this.#all.get(neighbour.address) === neighbour) this.#all.delete(neighbour.address);
    this.#repin();
    neighbour.link.onFrame(() => {});
    neighbour.link.close();
    for (const handler of this.#removed) handler(neighbour);
  }

  #receive(neighbour: Neighbour, frame: Uint8Array): void {
    if (neighbour.gone) return;
    neighbour.heardAt = this.#options.clock.now();
    neighbour.bytesIn += frame.length;
    this.traffic.bytesIn += frame.length;
    if (smallFrames.has(frame[0]) && !neighbour.allowsSmallFrame()) {
      this.dropped += 1;
      return;
    }
    try {
      const handler = this.#handlers.get(frame[0] as number);
      if (handler === undefined) throw new KithError('frame-malformed');
      handler(neighbour, frame);
    } catch (error) {
      if (!(error instanceof KithError)) {
        // A mistake of ours: nobody is punished for it.
        this.#options.log('error', 'overlay frame failed', { error: String(error) });
        return;
      }
      if (!neighbour.strike()) this.drop(neighbour, 'misbehaved');
    }
  }
}

function sayGoodbye(link: Link, why: Goodbye): void {
  try {
    link.send(Uint8Array.of(frameTypes.goodbye, goodbyes[why]));
  } catch {
    // it is gone already
  }
  link.close();
}

/** Whether a link was dialed by the smaller of the two ids. */
function isOf(weAreSmaller: boolean, dialed: Dialed): boolean {
  return dialed !== undefined && dialed === weAreSmaller;
}

/** The same on both sides. */
function bothFingerprints({ local, remote }: LinkBinding): Uint8Array {
  return compareBytes(local, remote) < 0 ? concat(local, remote) : concat(remote, local);
}
