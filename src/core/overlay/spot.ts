// One place in the overlay: our record there is kept fresh, the other's is looked for, and what they ask is heard.
import { concat, equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { MeetingPlace, TopicListener, TopicUrgency } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { NodeRef, Overlay, SendOptions } from './overlay-api.ts';
import type { Haste, Pace } from './pace.ts';
import { HeardOffers } from './place-calls.ts';
import {
  GREETING_NONCE_BYTES,
  greeting,
  type PlaceKeys,
  placeKeys,
  readGreeting,
  reply,
  TAG_BYTES,
} from './place-keys.ts';
import { PlaceOffer } from './place-offer.ts';
import { type Found, findOther } from './place-reader.ts';
import { type PlaceRecord, sealRecord } from './place-record.ts';

/** Nodes keep values in memory and go: ours are put again so often, milliseconds. */
const REPUBLISH_MS = 600_000;
/** Waits between looks while nobody is there, milliseconds. Whoever comes second sees the first at once. */
const READ_WAITS_MS = [5_000, 15_000, 45_000, 120_000, 300_000, 600_000] as const;
/** Places of other days are kept and read less often. */
const LATER_FACTOR = 4;
/** Waits differ by up to this share, so that a crowd drifts apart. */
const JITTER = 0.25;
/** Nonces of circuits remembered: a repeated one opens no second session. */
const MAX_NONCES = 64;

/** Where we can be asked for, as our records say it now; undefined: nowhere. */
export interface Whereabouts {
  readonly node: NodeRef;
  readonly relayed: boolean;
}

export interface SpotOptions {
  readonly overlay: Overlay;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly pace: Pace;
  readonly whereabouts: () => Whereabouts | undefined;
  /** Nothing is asked from here any more. */
  readonly onLeave: () => void;
  /** `lacksRelay` is different now. */
  readonly changed: () => void;
}

export class Spot {
  readonly listeners = new Set<TopicListener>();
  readonly name: string;
  readonly #options: SpotOptions;
  readonly #heard: HeardOffers;
  readonly #keys: Promise<PlaceKeys>;
  readonly #nonces = new Set<string>();
  #urgency: TopicUrgency;
  #found: Found | undefined;
  /** Whether nobody goes between, as the last look has it, and the last circuit: relays may pass on packets and carry nothing. */
  #lacksRelay = { look: false, circuit: false };
  #seq = 0;
  /** What was put last, or is being put: an older one is not tried again. */
  #latest: PlaceRecord | undefined;
  #looks = 0;
  #publish: Timer | undefined;
  #read: Timer | undefined;
  #published = false;
  #left = false;

  constructor(place: MeetingPlace, urgency: TopicUrgency, options: SpotOptions) {
    this.name = toHex(place.mine);
    this.#options = options;
    this.#urgency = urgency;
    this.#keys = placeKeys(place);
    this.#keys.catch(() => {});
    this.#heard = new HeardOffers(options.clock, (offer) => {
      for (const listener of this.listeners) listener.offer(offer);
    });
  }

  get takesNoOffers(): boolean {
    return this.#found?.relayed === true;
  }

  /** The other is there, but nothing leads to them without showing our address. */
  get lacksRelay(): boolean {
    return this.#lacksRelay.look || this.#lacksRelay.circuit;
  }

  /** Whether our record names this id. */
  isNamed(id: Uint8Array): boolean {
    const where = this.#options.whereabouts();
    return where !== undefined && equalBytes(where.node.id, id);
  }

  /** Id of the other's node, found at the last look; not when they hide it. */
  get node(): Uint8Array | undefined {
    return this.#found?.relayed === false ? this.#found.node.id : undefined;
  }

  /** Names the place in questions to us. */
  async tag(): Promise<string> {
    return toHex((await this.#keys).myTag);
  }

  /** The overlay is there (again), or the place matters more than before: everything at once. */
  start(urgency: TopicUrgency = this.#urgency): void {
    this.#urgency = urgency;
    this.#looks = 0;
    this.look();
    this.publishSoon();
  }

  look(): void {
    this.#read?.cancel();
    this.#options.pace.add(`read ${this.name}`, this.#haste, () => this.#lookNow());
  }

  /** Our whereabouts have changed. `within`: spread over so many milliseconds. */
  publishSoon(within = 0): void {
    this.#publish?.cancel();
    const { clock, random, pace } = this.#options;
    const put = () => pace.add(`put ${this.name}`, this.#haste, () => this.#publishNow());
    if (within === 0) put();
    else this.#publish = clock.after(Math.ceil(within * random.fraction()), put);
  }

  /** Nothing is done until it is started again. */
  pause(): void {
    this.#publish?.cancel();
    this.#read?.cancel();
    this.#options.pace.remove(`read ${this.name}`);
    this.#options.pace.remove(`put ${this.name}`);
    this.#found = undefined;
    this.#noteRelay({ look: false, circuit: false });
  }

  /** Whoever looks for us here finds that we have gone. */
  leave(): void {
    this.pause();
    this.#left = true;
    this.#heard.close();
    this.#options.onLeave();
    if (!this.#published) return;
    this.#options.pace.add(`put ${this.name}`, 'later', () => this.#put({ kind: 'gone', at: this.#now() }));
  }

  /** undefined: nobody there would take it. */
  offer(signal: Uint8Array, onAnswer: (signal: Uint8Array) => void, withLane: boolean): PlaceOffer | undefined {
    const found = this.#found;
    if (!found || found.relayed) return undefined;
    const { clock, overlay } = this.#options;
    const ask = async (body: Uint8Array) => {
      const { theirTag } = await this.#keys;
      return overlay.request(found.node, 'signal', concat(theirTag, body), this.#as());
    };
    return new PlaceOffer({ clock, signal, withLane, onAnswer, ask });
  }

  async carry(): Promise<Link> {
    const { overlay, random } = this.#options;
    const keys = await this.#keys;
    const found = this.#found ?? (await this.#find(keys));
    // Nobody there: asking for a node that is none says so in the overlay's own words.
    const node = found?.node ?? { id: new Uint8Array(20), via: [] };
    const question = await greeting(keys, 'session', random.bytes(GREETING_NONCE_BYTES));
    const link = overlay.openCircuit(node, 'session', question, this.#as());
    if (found) this.#noteCircuit(link);
    return link;
  }

  /** A question with our tag: an offer, or whether we are here. */
  async asked(service: 'presence' | 'signal', payload: Uint8Array): Promise<Uint8Array | undefined> {
    if (service === 'signal') return this.#heard.question(payload.subarray(TAG_BYTES));
    const keys = await this.#keys;
    return reply(keys, keys.mine, await readGreeting(keys, 'presence', payload));
  }

  /** A circuit with our tag. @throws KithError when it does not come from the other of the two, or came before */
  async carried(payload: Uint8Array, link: Link): Promise<void> {
    const nonce = toHex(await readGreeting(await this.#keys, 'session', payload));
    const [listener] = this.listeners;
    if (!listener?.link || this.#nonces.has(nonce)) return link.close();
    this.#nonces.add(nonce);
    const [oldest] = this.#nonces;
    if (this.#nonces.size > MAX_NONCES && oldest !== undefined) this.#nonces.delete(oldest);
    listener.link(link);
  }

  async #lookNow(): Promise<void> {
    if (this.#left) return;
    this.#found = await this.#find(await this.#keys);
    if (this.#left) return;
    const waits = READ_WAITS_MS[Math.min(this.#looks, READ_WAITS_MS.length - 1)] as number;
    this.#looks = this.#found ? READ_WAITS_MS.length : this.#looks + 1;
    this.#read = this.#options.clock.after(this.#jittered(this.#found ? REPUBLISH_MS : waits), () => this.look());
    for (const listener of this.listeners) listener.others(this.#found ? 1 : 0);
  }

  async #find(keys: PlaceKeys): Promise<Found | undefined> {
    let lacks = false;
    const noRelay = () => {
      lacks = true;
    };
    const found = await findOther(keys, { ...this.#options, as: () => this.#as(), noRelay });
    // That they answer shows that packets pass, not that circuits do; when nobody is there, nothing is lacking.
    this.#noteRelay(found ? { look: false } : { look: lacks, circuit: false });
    return found;
  }

  #noteCircuit(link: Promise<Link>): void {
    link.then(
      () => this.#noteRelay({ circuit: false }),
      (error: unknown) => kindOf(error) === 'no-relay' && this.#noteRelay({ circuit: true }),
    );
  }

  #noteRelay(lacks: { readonly look?: boolean; readonly circuit?: boolean }): void {
    const before = this.lacksRelay;
    this.#lacksRelay = { ...this.#lacksRelay, ...lacks };
    if (this.lacksRelay !== before) this.#options.changed();
  }

  async #publishNow(): Promise<void> {
    const where = this.#options.whereabouts();
    if (!where || this.#left) return;
    this.#publish?.cancel();
    this.#publish = this.#options.clock.after(this.#jittered(REPUBLISH_MS), () => this.publishSoon());
    await this.#put({ kind: where.relayed ? 'relayed' : 'direct', at: this.#now(), node: where.node });
  }

  async #put(record: PlaceRecord): Promise<void> {
    const { overlay, log } = this.#options;
    this.#latest = record;
    try {
      const keys = await this.#keys;
      this.#published = true;
      const seq = this.#nextSeq();
      if ((await this.#putOnce(keys, record, seq)) > 0) return;
      // A clock that was set back: what lies there may be newer than ours.
      let there = 0;
      await overlay.get(keys.mine, (item) => {
        there = Math.max(there, item.seq);
      });
      this.#seq = Math.max(this.#seq, there);
      // Another may have been put meanwhile: this one would lie above it, and name a node that hides now or has gone.
      if (there > seq && this.#latest === record) await this.#putOnce(keys, record, this.#nextSeq());
    } catch (error) {
      log('debug', 'record not put', { kind: kindOf(error) });
    }
  }

  /** Sealed anew each time: no ciphertext is seen twice. */
  async #putOnce(keys: PlaceKeys, record: PlaceRecord, seq: number): Promise<number> {
    const { overlay, random } = this.#options;
    const value = await sealRecord(keys.seal, keys.mine, record, random);
    return overlay.put({ seed: keys.place.mine, value, seq });
  }

  /** Seconds since the epoch, and more than before. */
  #nextSeq(): number {
    this.#seq = Math.max(this.#seq + 1, Math.floor(this.#now() / 1000));
    return this.#seq;
  }

  /** @throws KithError 'no-route' when the place was left: the alias it had is no more, and the own id is not said instead. */
  #as(): SendOptions {
    if (this.#left) throw new KithError('no-route');
    const where = this.#options.whereabouts();
    return where?.relayed ? { as: where.node.id } : {};
  }

  get #haste(): Haste {
    return this.#urgency === 'now' ? 'soon' : 'later';
  }

  #jittered(ms: number): number {
    const factor = this.#urgency === 'now' ? 1 : LATER_FACTOR;
    return Math.ceil(ms * factor * (1 - JITTER + 2 * JITTER * this.#options.random.fraction()));
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
