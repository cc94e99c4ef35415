// The cards I took: calls their showers until each has answered, expired or been given up, and commits every step before it
// is told (PAIRING.md, "The commit rule").
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import { ofLink } from '../identity/card-link.ts';
import type { Link } from '../ports/link.ts';
import type { Write } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import { type Attempt, cardOf, isTooLate, promisedAttempt } from './attempt.ts';
import { Attempts, removal } from './attempts.ts';
import { type Control, encodeControl } from './control.ts';
import type { CheckedCommit, TakenCards } from './crossing.ts';
import { type DeskOptions, ID_BYTES, type Sought } from './desk.ts';
import type { FirstContact } from './first-contact.ts';
import type { Agreement } from './mailbox/phase.ts';
import { PlacedCalls, sayCancelled } from './placed-calls.ts';
import { met, type Promising, promised } from './promise.ts';
import type { Way } from './way.ts';

export interface ListedAttempt {
  readonly id: string;
  /** waiting: nobody has answered yet. calling: somebody is on the line. failed: `kind` says why. */
  readonly state: 'waiting' | 'calling' | 'failed';
  readonly kind: ErrorKind | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly way: Way;
}

export class CallDesk implements TakenCards {
  readonly #options: DeskOptions;
  readonly #queue = new Queue();
  readonly #attempts: Attempts;
  readonly #calls: PlacedCalls;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options, () => void this.#expire());
    this.#calls = new PlacedCalls(
      { ...options, queue: this.#queue },
      {
        waiting: (id) => this.#waiting(id),
        hear: (id, contact, control) => this.#hear(id, contact, control),
        failed: (id, kind) => this.#callFailed(id, kind),
      },
    );
  }

  /** Reads what an earlier page left, and gives up what has become too old meanwhile. */
  async load(): Promise<void> {
    await this.#attempts.load();
    await this.#expire();
  }

  /**
   * Begins to call whoever showed this card; on the disk before the first call. The same card again is the same attempt.
   * From a link and later from themselves: what they showed me counts.
   * @throws KithError 'card-own' | 'card-used' (by me, with success) | 'disk-full'
   */
  async take(card: Card, way: Way = 'card'): Promise<{ readonly attemptId: string }> {
    if (equalBytes(card.fingerprint, this.#options.self.fingerprint)) throw new KithError('card-own');
    return this.#queue.run(async () => {
      const before = this.#before(card);
      if (before?.state === 'waiting') {
        if (surer(before.way, way) !== before.way) await this.#attempts.save([{ ...before, way }]);
        return { attemptId: before.id };
      }
      const attempt = this.#begun(card, surer(before?.way, way));
      const removed = before === undefined ? [] : [removal(before.id)];
      await this.#attempts.save([attempt], [...this.#attempts.forgettable(), ...removed]);
      return { attemptId: attempt.id };
    });
  }

  /**
   * Takes the card of somebody who is here already and waits for me: nobody is called, by whatever card of theirs. `commit` makes them
   * a contact. @throws as `take`
   */
  takeAnswered(card: Card, way: Way, commit: CheckedCommit): Promise<{ readonly attemptId: string }> {
    return this.#queue.run(async () => {
      const before = this.#before(card);
      const attempt: Attempt = { ...(before ?? this.#begun(card, way)), way: surer(before?.way, way) };
      const others = this.#called().filter(
        (one) => one.id !== attempt.id && equalBytes(one.fingerprint, card.fingerprint),
      );
      await this.#end([attempt, ...others], commit);
      return { attemptId: attempt.id };
    });
  }

  /** I made a contact by this very card. */
  hasUsed(card: Card): boolean {
    return this.#attempts.by(card)?.state === 'done';
  }

  awaited(): readonly Uint8Array[] {
    return this.#called().map(({ fingerprint }) => fingerprint);
  }

  settle(fingerprint: Uint8Array, commit: CheckedCommit): Promise<boolean> {
    return this.#queue.run(async () => {
      const awaited = this.#called().filter((one) => equalBytes(one.fingerprint, fingerprint));
      if (awaited.length === 0) return false;
      await this.#end(awaited, commit);
      return true;
    });
  }

  /**
   * The same with a card that came through a mailbox, or an introduction. `agreed`: they certainly have mine, so that they are a contact from now on, in the
   * same commit. Of what is already so nothing changes. @throws KithError 'disk-full'
   */
  promise(agreement: Promising, agreed: boolean): Promise<void> {
    return this.#queue.run(async () => {
      const { theirs } = agreement;
      const before = this.#attempts.by(theirs);
      if (before?.promise?.agreed || (before && !agreed)) return;
      const promise = promised(agreement, agreed);
      const attempt = before
        ? { ...before, promise }
        : promisedAttempt(this.#newId(), theirs, promise, this.#options.clock.now());
      if (!agreed) return this.#attempts.save([attempt], this.#attempts.forgettable());
      await this.#options.contacts.agreed(theirs.fingerprint, (writes) => this.#attempts.save([attempt], writes));
    });
  }

  /** It came to nothing after all. */
  withdraw({ theirs }: Agreement): Promise<void> {
    return this.#queue.run(async () => {
      const promised = this.#attempts.by(theirs);
      if (promised?.promise?.agreed === false) await this.#attempts.save([], [removal(promised.id)]);
    });
  }

  /** What the person waits for or should know, oldest first. */
  attempts(): ListedAttempt[] {
    return this.#attempts
      .all()
      .flatMap(({ id, state, kind = null, startedAt, way, promise }): ListedAttempt[] => {
        // Who came through a mailbox is in the list of contacts; who was introduced is among the introductions.
        const isElsewhere = promise !== undefined && (state === 'waiting' || promise.introduction !== undefined);
        if (state === 'done' || isElsewhere) return [];
        const calling = state === 'waiting' && this.#calls.has(id);
        return [{ id, state: calling ? 'calling' : state, kind: kind && kindBy[way](kind), startedAt, way }];
      })
      .sort((one, other) => one.startedAt - other.startedAt);
  }

  /** Why whoever was introduced is not called any more; undefined while all is well. */
  failureOf(introductionId: string): ErrorKind | undefined {
    return this.#attempts.all().find(({ promise }) => promise?.introduction?.id === introductionId)?.kind;
  }

  /** Cards whose showers are to be found: for rendezvous. `quiet` while one is on the line. */
  searching(): Sought[] {
    return this.#attempts.waiting().map((one) => ({
      id: one.id,
      card: cardOf(one),
      quiet: this.#calls.has(one.id),
      lasting: one.promise !== undefined,
    }));
  }

  /**
   * Somebody arrived under a card that I took. The link is the desk's from here on. A call under way is given up for it:
   * the shower's page may have been reloaded, which the old link notices late. Resolves when this call is over; never rejects.
   */
  call(link: Link, attemptId: string): Promise<void> {
    return this.#calls.place(link, attemptId);
  }

  /** The person gives up, or has read why it failed. An attempt that succeeded meanwhile stays. */
  dismiss(attemptId: string): Promise<void> {
    return this.#queue.run(async () => {
      const attempt = this.#attempts.get(attemptId);
      if (attempt === undefined || attempt.state === 'done') return;
      await this.#attempts.save([], [removal(attemptId)]);
      this.#calls.cancel(attemptId, false);
    });
  }

  /** Ends every call; the page is going away. */
  close(): void {
    this.#attempts.close();
    this.#calls.close();
  }

  /** I wait for this person, by whatever card of theirs. */
  isAsked(fingerprint: Uint8Array): boolean {
    return this.#called().some((one) => equalBytes(one.fingerprint, fingerprint));
  }

  async #hear(attemptId: string, contact: FirstContact, control: Control): Promise<void> {
    const attempt = this.#attempts.get(attemptId);
    // Dismissed meanwhile: the shower is told and nothing is kept.
    if (attempt === undefined) return sayCancelled(contact);
    if (control.say === 'stored') return this.#stored(attempt, contact);
    if (control.say === 'accepted') return this.#answered(attempt, contact, 'accepted');
    if (control.say !== 'refused') throw new KithError('frame-malformed');
    if (attempt.state === 'done') return this.#answered(attempt, contact, 'refused');
    contact.channel.close();
    await this.#fail(attempt, control.why);
  }

  /** The shower keeps me. Now I do, together with the end of the attempt, and only then I say so. */
  async #stored(attempt: Attempt, contact: FirstContact): Promise<void> {
    // They called me meanwhile, and that counts: this call is one too many.
    if (attempt.state !== 'waiting') return sayCancelled(contact);
    const { contacts } = this.#options;
    const { promise, way } = attempt;
    const candidate = { ...contact.person, pairSecret: contact.pairSecret };
    const done: Attempt = { ...attempt, state: 'done', ...(promise && { promise: met(promise) }) };
    const save = (writes: readonly Write[]) => this.#attempts.save([done], writes);
    if (promise) await contacts.met(candidate, promise, save);
    else await contacts.taken(candidate, way, save);
    await contact.channel.send(encodeControl({ say: 'stored' }));
  }

  async #answered(attempt: Attempt, { person, channel }: FirstContact, answer: 'accepted' | 'refused'): Promise<void> {
    if (attempt.state !== 'done') throw new KithError('frame-malformed');
    const { contacts, store } = this.#options;
    await contacts.answered(person.fingerprint, answer, (writes) => store.commit(writes, 'strict'));
    channel.close();
  }

  /** Only an impostor ends the attempt: somebody else has seen the card. Anything else may go better on the next link. */
  async #callFailed(attemptId: string, kind: ErrorKind): Promise<void> {
    if (kind !== 'contact-impostor') return;
    await this.#queue
      .run(async () => {
        const attempt = this.#waiting(attemptId);
        if (attempt !== undefined) await this.#fail(attempt, kind);
      })
      .catch((error: unknown) => this.#options.log('warn', 'failure not stored', { kind: kindOf(error) }));
  }

  /** They are a contact by another way, in one commit with that. */
  async #end(attempts: readonly Attempt[], commit: CheckedCommit): Promise<void> {
    const checked = attempts.some(({ way }) => way === 'card');
    await this.#attempts.saveWith(
      attempts.map((one): Attempt => ({ ...one, state: 'done' })),
      (writes) => commit(writes, checked),
    );
    for (const { id } of attempts) this.#calls.cancel(id, true);
  }

  #fail(attempt: Attempt, kind: ErrorKind): Promise<void> {
    return this.#attempts.save([{ ...attempt, state: 'failed', kind }]);
  }

  /** What was made of this card before. @throws KithError 'card-used' when I made a contact by it */
  #before(card: Card): Attempt | undefined {
    const before = this.#attempts.by(card);
    if (before?.state === 'done') throw new KithError('card-used');
    return before;
  }

  #begun({ fingerprint, secret }: Card, way: Way): Attempt {
    const startedAt = this.#options.clock.now();
    return { v: 1, id: this.#newId(), fingerprint, secret, startedAt, state: 'waiting', way };
  }

  #waiting(attemptId: string): Attempt | undefined {
    const attempt = this.#attempts.get(attemptId);
    return attempt?.state === 'waiting' ? attempt : undefined;
  }

  /** Those whose card I took as they handed it out. */
  #called(): Attempt[] {
    return this.#attempts.waiting().filter(({ way, promise }) => way !== 'number' && promise === undefined);
  }

  /** A card lives a day, so an attempt that nobody answered in a day has failed. */
  async #expire(): Promise<void> {
    await this.#queue
      .run(async () => {
        for (const attempt of this.#attempts.waiting()) {
          if (isTooLate(attempt, this.#options.clock.now()) && !this.#calls.has(attempt.id))
            await this.#fail(attempt, 'card-expired');
        }
      })
      .catch((error: unknown) => this.#options.log('warn', 'expiry not stored', { kind: kindOf(error) }));
    this.#attempts.watchTime();
  }

  #newId(): string {
    return toHex(this.#options.random.bytes(ID_BYTES));
  }
}

/** What they once showed me themselves stays checked, whatever else it comes by. */
const surer = (before: Way | undefined, way: Way): Way => (before === 'card' ? before : way);

/** Whoever opened a link or found somebody by number knows of no card. */
const kindBy: Readonly<Record<Way, (kind: ErrorKind) => ErrorKind>> = {
  card: (kind) => kind,
  link: ofLink,
  number(kind) {
    if (kind === 'card-refused') return 'number-refused';
    return kind === 'card-expired' || kind === 'card-used' ? 'number-gone' : kind;
  },
  member(kind) {
    if (kind === 'card-refused') return 'member-refused';
    return kind === 'card-expired' || kind === 'card-used' ? 'member-gone' : kind;
  },
};
