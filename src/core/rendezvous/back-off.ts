// The waits between calls that lead to nothing: random, up to a bound that doubles (full jitter; RENDEZVOUS.md, "Back-off").
import type { Clock, Timer } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** Bounds of the random wait after a call without a link, milliseconds. */
const FIRST_MS = 2_000;
export const LONGEST_BACKOFF_MS = 120_000;

export class BackOff {
  /** Calls in vain so far: the next wait is bounded by 2 s · 2^round. */
  round = 0;
  readonly #tools: { readonly clock: Clock; readonly random: Random };
  readonly #over: () => void;
  #timer: Timer | undefined;

  constructor(tools: { readonly clock: Clock; readonly random: Random }, over: () => void) {
    this.#tools = tools;
    this.#over = over;
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** `longest`: milliseconds. */
  start(longest: number): void {
    const bound = Math.min(longest, FIRST_MS * 2 ** this.round);
    this.round++;
    this.stop();
    this.#timer = this.#tools.clock.after(Math.ceil(bound * this.#tools.random.fraction()), () => {
      this.#timer = undefined;
      this.#over();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
