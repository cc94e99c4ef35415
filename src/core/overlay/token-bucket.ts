// A token bucket: so much per second, so much at once.
import type { Clock } from '../ports/clock.ts';

export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, perSecond: number, most: number = 2 * perSecond) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#most = most;
    this.#tokens = most;
    this.#at = clock.now();
  }

  take(amount: number): boolean {
    if (this.waitMs(amount) > 0) return false;
    this.spend(amount);
    return true;
  }

  /** Takes what `waitMs` said is there. More than fits at all leaves a debt. */
  spend(amount: number): void {
    if (this.#perSecond !== Number.POSITIVE_INFINITY) this.#tokens -= amount;
  }

  /** Milliseconds until `amount` can be taken; 0 for now. More than fits at all counts as a full bucket. */
  waitMs(amount: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = this.#clock.now();
    // A clock that was set back fills nothing.
    this.#tokens = Math.min(this.#most, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    const missing = Math.min(amount, this.#most) - this.#tokens;
    return missing <= 0 ? 0 : Math.max(1, Math.ceil((missing / this.#perSecond) * 1000));
  }
}
