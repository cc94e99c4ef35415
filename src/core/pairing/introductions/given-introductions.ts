// The introductions that I make: kept until both have them, told in every session until they say so
// (INTRODUCTIONS.md, "Whom I introduce").
import { fromHex, toHex } from '../../bytes/hex.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Store } from '../../ports/store.ts';
import { Queue } from '../../queue.ts';
import type { IntroduceAck, IntroductionMessage } from '../../wire/introduction-messages.ts';
import { INTRODUCTION_LIFE_MS } from '../../wire/limits.ts';
import { LONGEST_WAIT_MS } from '../desk.ts';
import {
  confirmed,
  decodeGiven,
  encodeGiven,
  type Given,
  isForgettable,
  isOpen,
  isWith,
  newGiven,
  otherThan,
  type Side,
  withdrawn,
} from './given.ts';
import { DAY_MS, MAX_A_DAY, MAX_OPEN } from './limits.ts';
import { Records } from './records.ts';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/** What is said of somebody to whom they are introduced. */
export interface Described {
  /** 65 bytes; undefined while first contact with them is still to come. */
  readonly bundle: Uint8Array | undefined;
  /** What they call themselves. My own name for them is nobody else's business. */
  readonly name: string;
  /** I checked their whole fingerprint: I would not know for whose key I give my word. */
  readonly verified: boolean;
}

/** Rejects when the session is over. */
export type Say = (message: IntroductionMessage) => Promise<void>;

export interface GivenOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** undefined: no contact of mine, or one of us does not talk to the other. */
  readonly contact: (contactId: string) => Described | undefined;
  readonly changed: () => void;
}

export class GivenIntroductions {
  readonly #options: GivenOptions;
  readonly #records: Records<Given>;
  readonly #queue = new Queue();
  /** Live sessions, and what was said in each. */
  readonly #sessions = new Map<string, { readonly say: Say; readonly said: Set<string> }>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: GivenOptions) {
    this.#options = options;
    this.#records = new Records(options.store, options.log, { encode: encodeGiven, decode: decodeGiven });
  }

  async load(): Promise<void> {
    await this.#records.load((key) => key.startsWith('mine/'));
    await this.refresh();
  }

  /** Those that may still be answered, oldest first. */
  list(): Given[] {
    const now = this.#options.clock.now();
    return this.#open(now).sort((one, other) => one.createdAt - other.createdAt);
  }

  /**
   * Introduces two contacts to each other; on the disk when this resolves. While the same two are introduced already it is that one.
   * @throws KithError 'not-a-contact' | 'introduction-unverified' | 'introduction-too-many' | 'disk-full'
   */
  make(one: string, other: string): Promise<string> {
    return this.#queue.run(async () => {
      this.#check(one, other);
      const now = this.#options.clock.now();
      const before = this.#open(now).find((given) => isWith(given, one) && isWith(given, other));
      if (before) return before.id;
      for (const contactId of [one, other]) this.#checkRoom(contactId, now);
      const { random } = this.#options;
      const [id, secret] = [toHex(random.bytes(ID_BYTES)), random.bytes(SECRET_BYTES)];
      await this.#save([newGiven(id, secret, [one, other], now, INTRODUCTION_LIFE_MS)]);
      return id;
    });
  }

  /** Both are told, if they have it; who is a contact of the other by then stays so. */
  withdraw(id: string): Promise<void> {
    return this.#queue.run(async () => {
      const given = this.#records.get(`mine/${id}`);
      if (given !== undefined && isOpen(given, this.#options.clock.now())) await this.#save([withdrawn(given)]);
    });
  }

  /** Somebody I introduce is here. */
  attach(contactId: string, say: Say): void {
    this.#sessions.set(contactId, { say, said: new Set() });
    this.#tell();
  }

  detach(contactId: string): void {
    this.#sessions.delete(contactId);
  }

  confirmed(contactId: string, { id, of }: Pick<IntroduceAck, 'id' | 'of'>): Promise<void> {
    return this.#queue.run(async () => {
      const given = this.#records.get(`mine/${toHex(id)}`);
      if (given && isWith(given, contactId)) await this.#save([confirmed(given, contactId, of)]);
    });
  }

  /** Time has passed, or contacts have changed: I give my word for nobody whom I removed, or who removed me. */
  refresh(): Promise<void> {
    return this.#queue
      .run(async () => {
        const { clock, contact } = this.#options;
        const now = clock.now();
        const parted = this.#open(now).filter(({ sides }) => sides.some((side) => !contact(side.contactId)));
        const forgettable = this.#records.all().filter((one) => isForgettable(one, now));
        await this.#save(
          parted.map(withdrawn),
          forgettable.map(({ id }) => `mine/${id}`),
        );
      })
      .catch((error: unknown) => this.#options.log('warn', 'introductions not looked through', { kind: kindOf(error) }))
      .finally(() => {
        this.#tell();
        this.#watchTime();
      });
  }

  /** The page is going away. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#sessions.clear();
  }

  #open(now: number): Given[] {
    return this.#records.all().filter((one) => isOpen(one, now));
  }

  /** @throws KithError 'not-a-contact' | 'introduction-unverified' */
  #check(one: string, other: string): void {
    const [first, second] = [this.#options.contact(one), this.#options.contact(other)];
    if (one === other || !first || !second) throw new KithError('not-a-contact');
    if (!first.verified || !second.verified) throw new KithError('introduction-unverified');
  }

  /** @throws KithError 'introduction-too-many' */
  #checkRoom(contactId: string, now: number): void {
    const theirs = this.#records.all().filter((given) => isWith(given, contactId));
    if (theirs.filter((given) => isOpen(given, now)).length >= MAX_OPEN)
      throw new KithError('introduction-too-many', { limit: MAX_OPEN });
    if (theirs.filter(({ createdAt }) => now < createdAt + DAY_MS).length >= MAX_A_DAY)
      throw new KithError('introduction-too-many', { limit: MAX_A_DAY });
  }

  async #save(changed: readonly Given[], removed: readonly string[] = []): Promise<void> {
    await this.#records.save(
      changed.map((one) => [`mine/${one.id}`, one] as const),
      removed,
    );
    if (changed.length + removed.length === 0) return;
    this.#options.changed();
    this.#tell();
    this.#watchTime();
  }

  /** Says what is owed to everybody who is here, once in each session. */
  #tell(): void {
    for (const given of this.#records.all()) for (const side of given.sides) this.#tellSide(given, side);
  }

  #tellSide(given: Given, side: Side): void {
    const session = this.#sessions.get(side.contactId);
    const message = session && this.#owed(given, side);
    if (!message || session.said.has(`${message.type}/${given.id}`)) return;
    session.said.add(`${message.type}/${given.id}`);
    // What cannot be said now is said in the next session.
    session.say(message).catch(() => undefined);
  }

  #owed(given: Given, side: Side): IntroductionMessage | undefined {
    const id = fromHex(given.id);
    if (side.owed === 'withdrawal') return { type: 'introduce-withdraw', id };
    const life = given.endsAt - this.#options.clock.now();
    const other = this.#options.contact(otherThan(given, side.contactId).contactId);
    const { secret } = given;
    if (side.owed !== 'introduction' || life <= 0 || secret === undefined || other?.bundle === undefined)
      return undefined;
    return {
      type: 'introduce',
      id,
      secret,
      bundle: other.bundle,
      name: other.name,
      life: Math.min(life, INTRODUCTION_LIFE_MS),
    };
  }

  #watchTime(): void {
    this.#timer?.cancel();
    const now = this.#options.clock.now();
    const ends = this.#open(now).map(({ endsAt }) => endsAt - now);
    if (this.#closed || ends.length === 0) return;
    this.#timer = this.#options.clock.after(Math.min(LONGEST_WAIT_MS, ...ends), () => {
      this.#options.changed();
      void this.refresh();
    });
  }
}
