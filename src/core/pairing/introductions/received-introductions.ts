// The introductions that contacts make to me: keeps them, asks the person, and lets the two meet who both said yes
// (INTRODUCTIONS.md, "Whom I am introduced to").
import { equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { KithError, kindOf } from '../../errors.ts';
import { decodeBundle, fingerprintOf } from '../../identity/bundle.ts';
import { cleanName } from '../../identity/names.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import { Queue } from '../../queue.ts';
import type { Introduce } from '../../wire/introduction-messages.ts';
import { LONGEST_WAIT_MS } from '../desk.ts';
import type { Agreement } from '../mailbox/phase.ts';
import type { Promising } from '../promise.ts';
import { introducedAgreement } from './agreement.ts';
import {
  decodeReceived,
  encodeReceived,
  isForgettable,
  isOpen,
  isWelcome,
  lapse,
  type OpenReceived,
  over,
  type Received,
} from './received.ts';
import { Records } from './records.ts';

/** A contact I talk to, as far as their word counts. */
export interface Introducer {
  readonly fingerprint: Uint8Array;
  /** How I call them. */
  readonly name: string;
  readonly verified: boolean;
}

export interface ReceivedOptions {
  /** My fingerprint. */
  readonly self: Uint8Array;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** undefined: nobody (any more) whose word counts. */
  readonly introducer: (contactId: string) => Introducer | undefined;
  /** contact: in my list, and I in theirs as far as I know. */
  readonly standing: (fingerprint: Uint8Array) => 'stranger' | 'contact' | 'blocked';
  /** First contact is sought from now on, or no more unless it has happened. */
  readonly meet: (agreement: Promising) => Promise<void>;
  readonly part: (agreement: Agreement) => Promise<void>;
  readonly changed: () => void;
}

export class ReceivedIntroductions {
  readonly #options: ReceivedOptions;
  readonly #records: Records<Received>;
  readonly #queue = new Queue();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: ReceivedOptions) {
    this.#options = options;
    this.#records = new Records(options.store, options.log, { encode: encodeReceived, decode: decodeReceived });
  }

  /** What an earlier page left, and what became of it meanwhile. The desks of first contact are open. */
  async load(): Promise<void> {
    await this.#records.load((key) => !key.startsWith('mine/'));
    await this.refresh();
    // The power may have gone between an end and what it meant for first contact: what is still to be, is.
    for (const one of this.#records.all().filter(isOpen)) {
      const introducer = this.#options.introducer(one.by);
      if (one.state === 'accepted' && introducer) await this.#meet(one, introducer.name);
    }
  }

  /** Asked, waiting or lapsed, oldest first. */
  list(): Exclude<Received, { state: 'over' }>[] {
    return this.#records
      .all()
      .flatMap((one) => (one.state === 'over' ? [] : [one]))
      .sort((one, other) => one.receivedAt - other.receivedAt);
  }

  /** On the disk, or not wanted, when this resolves. @throws KithError 'disk-full' */
  receive(by: string, { id, secret, bundle, name, life }: Introduce): Promise<void> {
    return this.#queue.run(async () => {
      const key = `${by}/${toHex(id)}`;
      if (this.#records.get(key) !== undefined || !isReadable(bundle)) return;
      const { introducer, standing, self, clock } = this.#options;
      const now = clock.now();
      const fingerprint = await fingerprintOf(bundle);
      const known = this.#records.all().filter((one) => one.by === by);
      const blocked = standing(fingerprint) === 'blocked';
      if (!isWelcome({ introducer: introducer(by), fingerprint, self, blocked, life, known, now })) return;
      const place = { v: 1, key, by, receivedAt: now, endsAt: now + life } as const;
      const fresh: Received = { ...place, state: 'asked', secret, fingerprint, name: cleanName(name), number: '' };
      // A newer one of the same two takes the place of the older, whose secret the other side may not have.
      const replaced = known.filter(isOpen).filter((one) => equalBytes(one.fingerprint, fingerprint));
      await this.#end(replaced, [fresh]);
    });
  }

  /** The introducer thought better of it. */
  withdrawn(by: string, id: Uint8Array): Promise<void> {
    return this.#queue.run(async () => {
      const received = this.#records.get(`${by}/${toHex(id)}`);
      if (received !== undefined && isOpen(received)) await this.#end([received]);
    });
  }

  /**
   * The person's answer; of somebody already in the list, or of one that lapsed, either answer says that it was read.
   * @throws KithError 'introduction-gone' | 'introduction-unverified' when it is a yes to whom nobody I checked introduces | 'disk-full'
   */
  answer(key: string, answer: 'accept' | 'refuse'): Promise<void> {
    return this.#queue.run(async () => {
      const received = this.#records.get(key);
      if (received === undefined) throw new KithError('introduction-gone');
      if (received.state === 'lapsed') return this.#save([over(received)]);
      if (received.state === 'over') {
        // Said twice, by two tabs or by one that lost its leader.
        if (answer === 'refuse') return;
        throw new KithError('introduction-gone');
      }
      const isKnown = this.#options.standing(received.fingerprint) === 'contact';
      if (answer === 'refuse' || isKnown) return this.#end([received]);
      if (received.state === 'asked') await this.#accept(received);
    });
  }

  /** The number of whoever is introduced, derived from their keys. */
  numbered(key: string, number: string): Promise<void> {
    return this.#queue.run(async () => {
      const received = this.#records.get(key);
      if (received && isOpen(received)) await this.#save([{ ...received, number }]);
    });
  }

  /** Time has passed, or contacts have changed: drops what is too old, done, or has nobody's word any more. */
  refresh(): Promise<void> {
    return this.#queue
      .run(async () => {
        const now = this.#options.clock.now();
        const open = this.#records.all().filter(isOpen);
        await this.#end(open.filter((one) => this.#isOver(one)));
        const late = this.#records.all().filter((one) => isOpen(one) && now >= one.endsAt) as OpenReceived[];
        await this.#end(late, late.map(lapse));
        const forgettable = this.#records.all().filter((one) => isForgettable(one, now));
        await this.#records.save(
          [],
          forgettable.map(({ key }) => key),
        );
      })
      .catch((error: unknown) => this.#options.log('warn', 'introductions not looked through', { kind: kindOf(error) }))
      .finally(() => this.#watchTime());
  }

  /** The page is going away. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #isOver({ by, state, fingerprint }: OpenReceived): boolean {
    const { introducer, standing } = this.#options;
    const stands = standing(fingerprint);
    return introducer(by) === undefined || stands === 'blocked' || (state === 'accepted' && stands === 'contact');
  }

  async #accept(received: OpenReceived): Promise<void> {
    const introducer = this.#options.introducer(received.by);
    if (introducer?.verified !== true) throw new KithError('introduction-unverified');
    // First contact is on the disk before the answer: who said yes is never left with nobody looking.
    await this.#meet(received, introducer.name);
    await this.#save([{ ...received, state: 'accepted' }]);
  }

  async #meet({ key, by, secret, fingerprint, endsAt }: OpenReceived, name: string): Promise<void> {
    const agreement = await introducedAgreement(secret, this.#options.self, fingerprint);
    await this.#options.meet({ ...agreement, introduction: { id: key, by, name, endsAt } });
  }

  async #part({ secret, fingerprint }: OpenReceived): Promise<void> {
    await this.#options.part(await introducedAgreement(secret, this.#options.self, fingerprint));
  }

  /** Nobody is looked for under these any more; then they are over, in one commit with what takes their place. */
  async #end(ended: readonly OpenReceived[], instead: readonly Received[] = ended.map(over)): Promise<void> {
    const replaced = new Set(instead.map(({ key }) => key));
    const gone = ended.filter(({ key }) => !replaced.has(key)).map(over);
    for (const one of ended) await this.#part(one);
    await this.#save([...gone, ...instead]);
  }

  async #save(records: readonly Received[]): Promise<void> {
    await this.#records.save(records.map((one) => [one.key, one] as const));
    if (records.length > 0) this.#options.changed();
    this.#watchTime();
  }

  #watchTime(): void {
    this.#timer?.cancel();
    const now = this.#options.clock.now();
    const ends = this.#records
      .all()
      .filter(isOpen)
      .map(({ endsAt }) => Math.max(0, endsAt - now));
    if (this.#closed || ends.length === 0) return;
    this.#timer = this.#options.clock.after(Math.min(LONGEST_WAIT_MS, ...ends), () => void this.refresh());
  }
}

function isReadable(bundle: Uint8Array): boolean {
  try {
    decodeBundle(bundle);
    return true;
  } catch {
    return false;
  }
}
