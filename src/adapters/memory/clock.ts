// Clock twin: time stands still until a test moves it. Timers fire in order of time, then in order of being set.
import type { Clock, Timer } from '../../core/ports/clock.ts';

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** 2026-06-15 12:00:00 UTC: noon, so that a test meets midnight only when it asks for it. */
const DEFAULT_START_MS = Date.UTC(2026, 5, 15, 12);

export class MemoryClock implements Clock {
  #now: number;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(start: number = DEFAULT_START_MS) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): Timer {
    const entry = { at: this.#now + Math.max(ms, 0), order: this.#order++, callback };
    this.#waiting.add(entry);
    return { cancel: () => this.#waiting.delete(entry) };
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#waiting.size;
  }

  /**
   * Moves time forward by `ms`, firing every timer on the way at its own time. `settle` is awaited before the first and
   * after each of them: give it whatever tells that the asynchronous work started by a timer has ended (default: one turn
   * of the microtask queue), so that timers set by that work still fire at the right time.
   */
  async advance(ms: number, settle: () => Promise<unknown> = async () => {}): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Moves time, timer by timer, until the promise settles. Real work in between (WebCrypto) gets its turns. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    while (!settled) {
      await new Promise((resolve) => setTimeout(resolve));
      const next = settled ? undefined : this.#next(Number.POSITIVE_INFINITY);
      if (next) await this.advance(next.at - this.#now);
    }
    return promise;
  }

  #next(end: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of this.#waiting) {
      if (entry.at > end) continue;
      if (first === undefined || entry.at < first.at || (entry.at === first.at && entry.order < first.order))
        first = entry;
    }
    return first;
  }
}

/** The same clock as somebody else's watch shows it: `offsetMs` ahead. */
export function skewed(clock: Clock, offsetMs: number): Clock {
  return { now: () => clock.now() + offsetMs, after: (ms, callback) => clock.after(ms, callback) };
}
