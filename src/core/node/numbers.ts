// Numbers of people, derived until it succeeds: Argon2id takes 64 MiB, which a busy phone may not have this minute.
import { kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { NumberDeriver } from '../ports/number-deriver.ts';

/** Wait after a failure, milliseconds. */
const RETRY_MS = 10_000;

export class PatientNumbers {
  constructor(
    private readonly numbers: Pick<NumberDeriver, 'derive'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Never rejects. */
  async derive(fingerprint: Uint8Array): Promise<string> {
    for (;;) {
      try {
        return await this.numbers.derive(fingerprint);
      } catch (error) {
        this.log('warn', 'number not derived', { kind: kindOf(error) });
        await new Promise<void>((resolve) => this.clock.after(RETRY_MS, resolve));
      }
    }
  }
}
