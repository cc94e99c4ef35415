// How much each of many may ask of us: a token bucket apiece, for a bounded number of them.
import type { Clock } from '../ports/clock.ts';

/** Askers remembered. Whoever is forgotten starts with a full bucket: no worse than a stranger. */
const MAX_ASKERS = 256;

export interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

export class Allowance {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly rate: Rate,
  ) {}

  /** Whether this one may, now. */
  take(asker: string): boolean {
    const now = this.clock.now();
    const bucket = this.#buckets.get(asker) ?? { tokens: this.rate.atOnce, at: now };
    const earned = (Math.max(0, now - bucket.at) / 1000) * this.rate.perSecond;
    const tokens = Math.min(this.rate.atOnce, bucket.tokens + earned);
    this.#buckets.delete(asker);
    this.#buckets.set(asker, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_ASKERS && oldest !== undefined) this.#buckets.delete(oldest);
    return tokens >= 1;
  }
}
