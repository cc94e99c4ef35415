// Look-ups and puts, a few at a time and not all at once: two hundred contacts must not burst into the network.
import type { Clock, Timer } from '../ports/clock.ts';

/** Jobs under way at a time: each look-up asks eight nodes at once by itself. */
const MAX_RUNNING = 4;
/** Between two starts, milliseconds. */
const GAP_MS = 100;

/** soon: somebody waits for it. later: keeps things as they are. */
export type Haste = 'soon' | 'later';

export class Pace {
  readonly #clock: Clock;
  readonly #waiting: Readonly<Record<Haste, Map<string, () => Promise<void>>>> = { soon: new Map(), later: new Map() };
  #running = 0;
  #gap: Timer | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `job` must not reject. One that still waits under the same name is replaced, and keeps its place. */
  add(name: string, haste: Haste, job: () => Promise<void>): void {
    if (this.#closed) return;
    if (haste === 'soon') this.#waiting.later.delete(name);
    else if (this.#waiting.soon.has(name)) return;
    this.#waiting[haste].set(name, job);
    this.#next();
  }

  remove(name: string): void {
    this.#waiting.soon.delete(name);
    this.#waiting.later.delete(name);
  }

  close(): void {
    this.#closed = true;
    this.#gap?.cancel();
    this.#waiting.soon.clear();
    this.#waiting.later.clear();
  }

  #next(): void {
    if (this.#gap || this.#closed || this.#running >= MAX_RUNNING) return;
    const job = this.#take();
    if (!job) return;
    this.#running++;
    this.#gap = this.#clock.after(GAP_MS, () => {
      this.#gap = undefined;
      this.#next();
    });
    void job().finally(() => {
      this.#running--;
      this.#next();
    });
  }

  #take(): (() => Promise<void>) | undefined {
    for (const jobs of [this.#waiting.soon, this.#waiting.later]) {
      for (const [name, job] of jobs) {
        jobs.delete(name);
        return job;
      }
    }
    return undefined;
  }
}
