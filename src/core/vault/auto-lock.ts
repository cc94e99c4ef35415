// Locks when nobody has used any tab for as long as the person chose. A device that slept does not wake up open: what counts is the
// clock, not how long a timer ran.
import type { Clock, Timer } from '../ports/clock.ts';

/** Minutes to choose from; 0: never. */
export const autoLockChoices = [0, 1, 5, 15, 60] as const;
export type AutoLockMinutes = (typeof autoLockChoices)[number];

/** Timers are late after a sleep: looked at no less often than this, ms. */
const LOOK_EVERY_MS = 30_000;

export class AutoLock {
  readonly #clock: Clock;
  readonly #lock: () => void;
  #idleMs = 0;
  #until = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, lock: () => void) {
    this.#clock = clock;
    this.#lock = lock;
  }

  /** Counts from now. */
  choose(minutes: AutoLockMinutes): void {
    this.stop();
    this.#idleMs = minutes * 60_000;
    this.#until = this.#clock.now() + this.#idleMs;
    this.#wait();
  }

  /** Somebody is there. Too late when the time is over already. */
  used(): void {
    if (this.#idleMs === 0 || this.look()) return;
    this.#until = this.#clock.now() + this.#idleMs;
  }

  /** Locks when it is time. True when it was. */
  look(): boolean {
    if (this.#timer === undefined) return false;
    // A clock that was set back must not keep it open for longer than was chosen.
    this.#until = Math.min(this.#until, this.#clock.now() + this.#idleMs);
    if (this.#clock.now() < this.#until) return false;
    this.stop();
    this.#lock();
    return true;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    if (this.#idleMs === 0) return;
    const rest = Math.min(Math.max(this.#until - this.#clock.now(), 0), LOOK_EVERY_MS);
    this.#timer = this.#clock.after(rest, () => {
      if (!this.look()) this.#wait();
    });
  }
}
