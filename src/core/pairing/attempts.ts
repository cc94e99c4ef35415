// The attempts by cards that I took, in memory as on the disk: one strict commit a change, and a timer for the next that becomes too
// old.
import { kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store, Write } from '../ports/store.ts';
import { type Attempt, decodeAttempt, encodeAttempt, endOf, isForgettable, isOf } from './attempt.ts';
import type { Commit } from './contact-book.ts';
import { LONGEST_WAIT_MS } from './desk.ts';

/** A call under way when its time is over is let end; it is looked at again after so long, milliseconds. */
const MIN_WAIT_MS = 1_000;

export interface AttemptsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Something of them is different now. */
  readonly changed: () => void;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  /** One of them has become too old, or soon has. */
  readonly #due: () => void;
  readonly #attempts = new Map<string, Attempt>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: AttemptsOptions, due: () => void) {
    this.#options = options;
    this.#due = due;
  }

  /** Reads what an earlier page left. Records that make no sense are left alone. */
  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.list('attempts')) {
      try {
        this.#attempts.set(key, decodeAttempt(value));
      } catch (error) {
        this.#options.log('warn', 'attempt not read', { kind: kindOf(error) });
      }
    }
  }

  get(id: string): Attempt | undefined {
    return this.#attempts.get(id);
  }

  all(): Attempt[] {
    return [...this.#attempts.values()];
  }

  waiting(): Attempt[] {
    return this.all().filter(({ state }) => state === 'waiting');
  }

  /** By this very card. */
  by(card: Card): Attempt | undefined {
    return this.all().find((one) => isOf(one, card));
  }

  /** One strict commit; memory follows the disk, never the other way round. @throws KithError 'disk-full' */
  async save(attempts: readonly Attempt[], others: readonly Write[] = []): Promise<void> {
    await this.#options.store.commit([...others, ...attempts.map(put)], 'strict');
    for (const write of others) if ('remove' in write && write.remove === 'attempts') this.#attempts.delete(write.key);
    this.#saved(attempts);
  }

  /** In a commit of somebody else's. @throws what that throws */
  async saveWith(attempts: readonly Attempt[], commit: Commit): Promise<void> {
    await commit(attempts.map(put));
    this.#saved(attempts);
  }

  /** Removals of those that need not be remembered any more. */
  forgettable(): Write[] {
    const now = this.#options.clock.now();
    return this.all()
      .filter((one) => isForgettable(one, now))
      .map(({ id }) => removal(id));
  }

  /** Says when the next one becomes too old. */
  watchTime(): void {
    this.#timer?.cancel();
    const { clock } = this.#options;
    const ends = this.waiting().map((attempt) => endOf(attempt) - clock.now());
    if (this.#closed || ends.length === 0) return;
    this.#timer = clock.after(Math.max(MIN_WAIT_MS, Math.min(LONGEST_WAIT_MS, ...ends)), this.#due);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #saved(attempts: readonly Attempt[]): void {
    for (const one of attempts) this.#attempts.set(one.id, one);
    this.watchTime();
    this.#options.changed();
  }
}

const put = (attempt: Attempt): Write => ({ put: 'attempts', key: attempt.id, value: encodeAttempt(attempt) });

export const removal = (id: string): Write => ({ remove: 'attempts', key: id });
