// The cards I took: calls their showers until each has answered, expired or been given up, and commits every step before it
// is told (PAIRING.md, "The commit rule").
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Timer } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Write } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import {
  type Attempt,
  decodeAttempt,
  encodeAttempt,
  endOf,
  isForgettable,
  isTooLate,
  promisedAttempt,
} from './attempt.ts';
import type { Commit } from './contact-book.ts';
import { type Control, decodeControl, encodeControl } from './control.ts';
import type { TakenCards } from './crossing.ts';
import { type DeskOptions, ID_BYTES, LONGEST_WAIT_MS, type Sought } from './desk.ts';
import { callShower, type FirstContact } from './first-contact.ts';
import type { Agreement } from './mailbox/phase.ts';
import { met, type Promising, promised } from './promise.ts';

/** A shower who says nothing for so long after the handshake is given up; the next call may find a healthier page. */
const WORD_DEADLINE_MS = 30_000;

export interface ListedAttempt {
  readonly id: string;
  /** waiting: nobody has answered yet. calling: somebody is on the line. failed: `kind` says why. */
  readonly state: 'waiting' | 'calling' | 'failed';
  readonly kind: ErrorKind | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

interface Line {
  readonly link: Link;
  contact: FirstContact | undefined;
  /** Everything heard on it is carried out, and nothing more will come. */
  ended: Promise<void>;
}

export class CallDesk implements TakenCards {
  readonly #options: DeskOptions;
  readonly #attempts = new Map<string, Attempt>();
  /** One call at a time for each attempt: two at once could each leave another secret on either side. */
  readonly #lines = new Map<string, Line>();
  readonly #queue = new Queue();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Reads what an earlier page left, and gives up what has become too old meanwhile. */
  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.list('attempts')) {
      try {
        this.#attempts.set(key, decodeAttempt(value));
      } catch (error) {
        this.#options.log('warn', 'attempt not read', { kind: kindOf(error) });
      }
    }
    await this.#expire();
  }

  /**
   * Begins to call whoever showed this card; on the disk before the first call. The same card again is the same attempt.
   * `byNumber`: they handed it over because I found their number.
   * @throws KithError 'card-own' | 'card-used' (by me, with success) | 'disk-full'
   */
  async take(card: Card, byNumber = false): Promise<{ readonly attemptId: string }> {
    if (equalBytes(card.fingerprint, this.#options.self.fingerprint)) throw new KithError('card-own');
    return this.#queue.run(async () => {
      const before = this.#before(card);
      if (before?.state === 'waiting') return { attemptId: before.id };
      const attempt = this.#begun(card, byNumber);
      const removed = [...this.#forgettable(), ...(before === undefined ? [] : [before.id])].map(removal);
      await this.#save(attempt, removed);
      return { attemptId: attempt.id };
    });
  }

  /**
   * Takes the card of somebody who is here already and waits for me: nobody is called. `commit` makes them a contact.
   * @throws as `take`
   */
  takeAnswered(card: Card, commit: Commit): Promise<{ readonly attemptId: string }> {
    return this.#queue.run(async () => {
      const attempt: Attempt = { ...(this.#before(card) ?? this.#begun(card, false)), state: 'done' };
      await this.#saveWith([attempt], commit);
      return { attemptId: attempt.id };
    });
  }

  awaited(): readonly Uint8Array[] {
    return this.#called().map(({ fingerprint }) => fingerprint);
  }

  settle(fingerprint: Uint8Array, commit: Commit): Promise<boolean> {
    return this.#queue.run(async () => {
      const awaited = this.#called().filter((one) => equalBytes(one.fingerprint, fingerprint));
      if (awaited.length === 0) return false;
      await this.#saveWith(
        awaited.map((one): Attempt => ({ ...one, state: 'done' })),
        commit,
      );
      // One whose handshake is under way says so when that is done.
      for (const { id } of awaited) {
        const contact = this.#lines.get(id)?.contact;
        if (contact !== undefined) sayCancelled(contact);
      }
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
      const before = [...this.#attempts.values()].find((one) => isOf(one, theirs));
      if (before?.promise?.agreed || (before && !agreed)) return;
      const promise = promised(agreement, agreed);
      const fresh = promisedAttempt(toHex(this.#options.random.bytes(ID_BYTES)), theirs, promise, this.#now());
      const attempt = before ? { ...before, promise } : fresh;
      if (!agreed) return this.#save(attempt, this.#forgettable().map(removal));
      await this.#options.contacts.agreed(theirs.fingerprint, (writes) => this.#save(attempt, writes));
    });
  }

  /** It came to nothing after all. */
  withdraw({ theirs }: Agreement): Promise<void> {
    return this.#queue.run(async () => {
      const promised = [...this.#attempts.values()].find((one) => isOf(one, theirs));
      if (promised?.promise?.agreed === false) await this.#save(undefined, [removal(promised.id)]);
    });
  }

  /** What the person waits for or should know, oldest first. */
  attempts(): ListedAttempt[] {
    return [...this.#attempts.values()]
      .flatMap(({ id, state, kind = null, startedAt, byNumber, promise }): ListedAttempt[] => {
        // Who came through a mailbox is in the list of contacts; who was introduced is among the introductions.
        const isElsewhere = promise !== undefined && (state === 'waiting' || promise.introduction !== undefined);
        if (state === 'done' || isElsewhere) return [];
        const calling = state === 'waiting' && this.#lines.has(id);
        return [{ id, state: calling ? 'calling' : state, kind: byNumber ? ofNumber(kind) : kind, startedAt }];
      })
      .sort((one, other) => one.startedAt - other.startedAt);
  }

  /** Why whoever was introduced is not called any more; undefined while all is well. */
  failureOf(introductionId: string): ErrorKind | undefined {
    return [...this.#attempts.values()].find(({ promise }) => promise?.introduction?.id === introductionId)?.kind;
  }

  /** Cards whose showers are to be found: for rendezvous. `quiet` while one is on the line. */
  searching(): Sought[] {
    return this.#waiting().map((one) => ({
      id: one.id,
      card: cardOf(one),
      quiet: this.#lines.has(one.id),
      lasting: one.promise !== undefined,
    }));
  }

  /**
   * Somebody arrived under a card that I took. The link is the desk's from here on. A call under way is given up for it:
   * the shower's page may have been reloaded, which the old link notices late. Resolves when this call is over; never rejects.
   */
  async call(link: Link, attemptId: string): Promise<void> {
    for (let before = this.#lines.get(attemptId); before !== undefined; before = this.#lines.get(attemptId)) {
      if (this.#attempts.get(attemptId)?.state !== 'waiting') break;
      before.link.close();
      await before.ended;
    }
    const attempt = this.#attempts.get(attemptId);
    if (this.#closed || attempt?.state !== 'waiting') return link.close();
    const line: Line = { link, contact: undefined, ended: Promise.resolve() };
    this.#lines.set(attemptId, line);
    line.ended = this.#callOn(line, attempt);
    this.#options.changed();
    await line.ended;
  }

  /** The person gives up, or has read why it failed. An attempt that succeeded meanwhile stays. */
  dismiss(attemptId: string): Promise<void> {
    return this.#queue.run(async () => {
      const attempt = this.#attempts.get(attemptId);
      if (attempt === undefined || attempt.state === 'done') return;
      await this.#save(undefined, [removal(attemptId)]);
      const line = this.#lines.get(attemptId);
      if (line !== undefined) cancel(line);
    });
  }

  /** Ends every call; the page is going away. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const { link } of this.#lines.values()) link.close();
  }

  async #callOn(line: Line, attempt: Attempt): Promise<void> {
    try {
      const { name, ...rest } = this.#options;
      const { promise } = attempt;
      line.contact = await callShower({ ...rest, link: line.link, card: cardOf(attempt), promise, name: name() });
      await this.#listen(attempt.id, line.contact);
    } catch (error) {
      await this.#callFailed(attempt.id, kindOf(error));
    } finally {
      this.#lines.delete(attempt.id);
      this.#options.changed();
    }
  }

  /** Resolves when the call has ended and everything heard on it is carried out. */
  #listen(attemptId: string, contact: FirstContact): Promise<void> {
    const { channel } = contact;
    const deadline = this.#options.clock.after(WORD_DEADLINE_MS, () => channel.close(false));
    const ended = new Promise<void>((resolve) => channel.onClose(() => resolve(this.#queue.run(async () => {}))));
    channel.onMessage((payload) => {
      deadline.cancel();
      const step = this.#queue.run(() => this.#hear(attemptId, contact, decodeControl(payload)));
      step.catch((error: unknown) => this.#stepFailed(contact, error));
    });
    if (this.#attempts.get(attemptId)?.state !== 'waiting') sayCancelled(contact);
    return ended.finally(() => deadline.cancel());
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
  async #stored(attempt: Attempt, { person, pairSecret, channel }: FirstContact): Promise<void> {
    // They called me meanwhile, and that counts: this call is one too many.
    if (attempt.state !== 'waiting') return sayCancelled({ person, pairSecret, channel });
    const { contacts } = this.#options;
    const { promise, byNumber } = attempt;
    const candidate = { ...person, pairSecret };
    const done: Attempt = { ...attempt, state: 'done', ...(promise && { promise: met(promise) }) };
    const save = (writes: readonly Write[]) => this.#save(done, writes);
    if (promise) await contacts.met(candidate, promise, save);
    else await contacts.taken(candidate, !byNumber, save);
    await channel.send(encodeControl({ say: 'stored' }));
  }

  async #answered(attempt: Attempt, { person, channel }: FirstContact, answer: 'accepted' | 'refused'): Promise<void> {
    if (attempt.state !== 'done') throw new KithError('frame-malformed');
    const { contacts, store } = this.#options;
    await contacts.answered(person.fingerprint, answer, (writes) => store.commit(writes, 'strict'));
    channel.close();
  }

  /** A step that could not be carried out, for lack of room or because it made no sense, leaves the attempt as it was. */
  #stepFailed({ channel }: FirstContact, error: unknown): void {
    this.#options.log('warn', 'step of first contact failed', { kind: kindOf(error) });
    channel.close(false);
  }

  /** Only an impostor ends the attempt: somebody else has seen the card. Anything else may go better on the next link. */
  async #callFailed(attemptId: string, kind: ErrorKind): Promise<void> {
    if (kind !== 'contact-impostor') return;
    await this.#queue
      .run(async () => {
        const attempt = this.#attempts.get(attemptId);
        if (attempt?.state === 'waiting') await this.#fail(attempt, kind);
      })
      .catch((error: unknown) => this.#options.log('warn', 'failure not stored', { kind: kindOf(error) }));
  }

  async #fail(attempt: Attempt, kind: ErrorKind): Promise<void> {
    await this.#save({ ...attempt, state: 'failed', kind });
  }

  /** What was made of this card before. @throws KithError 'card-used' when I made a contact by it */
  #before(card: Card): Attempt | undefined {
    const before = [...this.#attempts.values()].find((one) => isOf(one, card));
    if (before?.state === 'done') throw new KithError('card-used');
    return before;
  }

  #begun({ fingerprint, secret }: Card, byNumber: boolean): Attempt {
    const id = toHex(this.#options.random.bytes(ID_BYTES));
    return { v: 1, id, fingerprint, secret, startedAt: this.#now(), state: 'waiting', byNumber };
  }

  /** Those whose card I took from themselves. */
  #called(): Attempt[] {
    return this.#waiting().filter(({ byNumber, promise }) => !byNumber && promise === undefined);
  }

  /** In a commit of somebody else's. */
  async #saveWith(attempts: readonly Attempt[], commit: Commit): Promise<void> {
    await commit(attempts.map((one): Write => ({ put: 'attempts', key: one.id, value: encodeAttempt(one) })));
    for (const one of attempts) this.#attempts.set(one.id, one);
    this.#watchTime();
    this.#options.changed();
  }

  async #save(attempt: Attempt | undefined, others: readonly Write[] = []): Promise<void> {
    const puts = attempt ? [{ put: 'attempts', key: attempt.id, value: encodeAttempt(attempt) } as const] : [];
    await this.#options.store.commit([...others, ...puts], 'strict');
    for (const write of others) if ('remove' in write && write.remove === 'attempts') this.#attempts.delete(write.key);
    if (attempt !== undefined) this.#attempts.set(attempt.id, attempt);
    this.#watchTime();
    this.#options.changed();
  }

  #forgettable(): string[] {
    return [...this.#attempts.values()].filter((one) => isForgettable(one, this.#now())).map(({ id }) => id);
  }

  /** A card lives a day, so an attempt that nobody answered in a day has failed. */
  async #expire(): Promise<void> {
    await this.#queue
      .run(async () => {
        for (const attempt of this.#waiting()) {
          if (isTooLate(attempt, this.#now()) && !this.#lines.has(attempt.id))
            await this.#fail(attempt, 'card-expired');
        }
      })
      .catch((error: unknown) => this.#options.log('warn', 'expiry not stored', { kind: kindOf(error) }));
    this.#watchTime();
  }

  #watchTime(): void {
    this.#timer?.cancel();
    const ends = this.#waiting().map((attempt) => endOf(attempt) - this.#now());
    if (this.#closed || ends.length === 0) return;
    this.#timer = this.#options.clock.after(
      Math.max(MIN_WAIT_MS, Math.min(LONGEST_WAIT_MS, ...ends)),
      () => void this.#expire(),
    );
  }

  #waiting(): Attempt[] {
    return [...this.#attempts.values()].filter(({ state }) => state === 'waiting');
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** A call under way when its time is over is let end; it is looked at again after so long. */
const MIN_WAIT_MS = 1_000;

const cardOf = ({ fingerprint, secret }: Attempt): Card => ({
  fingerprint: Uint8Array.from(fingerprint),
  secret: Uint8Array.from(secret),
});

const isOf = (attempt: Attempt, card: Card): boolean =>
  equalBytes(attempt.secret, card.secret) && equalBytes(attempt.fingerprint, card.fingerprint);

/** Whoever was found by number knows of no card. */
function ofNumber(kind: ErrorKind | null): ErrorKind | null {
  if (kind === 'card-refused') return 'number-refused';
  return kind === 'card-expired' || kind === 'card-used' ? 'number-gone' : kind;
}

const removal = (id: string): Write => ({ remove: 'attempts', key: id });

function cancel({ link, contact }: Line): void {
  if (contact === undefined) link.close();
  else sayCancelled(contact);
}

function sayCancelled({ channel }: FirstContact): void {
  channel.send(encodeControl({ say: 'cancelled' })).catch(() => undefined);
  channel.close();
}
