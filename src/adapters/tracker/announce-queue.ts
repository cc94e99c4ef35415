// Paces announces, so that somebody with 200 contacts on three days does not send 600 at once; today's go first.
import type { Clock, Timer } from '../../core/ports/clock.ts';

/** At most this many announces go out together, and then again after the pause: 50 a second. */
const BATCH = 10;
const PAUSE_MS = 200;

export interface Announced {
  readonly urgency: 'now' | 'later';
}

export class AnnounceQueue<T extends Announced> {
  readonly #clock: Clock;
  readonly #announce: (item: T) => void;
  readonly #now = new Set<T>();
  readonly #later = new Set<T>();
  #pause: Timer | undefined;

  constructor(clock: Clock, announce: (item: T) => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  /** Each item waits once, however often it is asked for. */
  add(item: T): void {
    (item.urgency === 'now' ? this.#now : this.#later).add(item);
    if (!this.#pause) this.#pause = this.#clock.after(0, () => this.#sendBatch());
  }

  remove(item: T): void {
    this.#now.delete(item);
    this.#later.delete(item);
  }

  clear(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#now.clear();
    this.#later.clear();
  }

  #sendBatch(): void {
    this.#pause = undefined;
    const batch = [...this.#now, ...this.#later].slice(0, BATCH);
    for (const item of batch) this.remove(item);
    // Before the items are sent: what they cause to be added waits for the next batch.
    if (batch.length > 0) this.#pause = this.#clock.after(PAUSE_MS, () => this.#sendBatch());
    for (const item of batch) this.#announce(item);
  }
}
