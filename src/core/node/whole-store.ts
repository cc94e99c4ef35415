// What concerns everything that is stored at once: a backup that is read or brought in, a change of the passphrase, and erasing.
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Erasing waits no longer for what should have ended by itself, milliseconds. */
const PATIENCE_MS = 10_000;

export class WholeStore {
  /** What is here is being replaced. The pages begin anew when that ends, and locked where they lock. */
  replacing = false;
  /** What is here goes for good: nothing else may be written any more. */
  erasing = false;
  private work: Promise<void> | undefined;

  constructor(private readonly clock: Clock) {}

  /**
   * One at a time: a backup that is read page by page while records move to another order would miss some of them, and two would hold back
   * each other's writes or replace what the other reads. @throws KithError 'backup-busy'
   */
  alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.work) return Promise.reject(new KithError('backup-busy'));
    const done = work();
    const over = () => {
      this.work = undefined;
    };
    this.work = done.then(over, over);
    return done;
  }

  /** Resolves when what was under way has ended: call it once the store is closed and `erasing` is set, which end it. */
  async ended(): Promise<void> {
    let late = (): void => {};
    const tooLate = new Promise<void>((resolve) => {
      late = resolve;
    });
    const timer = this.clock.after(PATIENCE_MS, late);
    await Promise.race([this.work, tooLate]);
    timer.cancel();
  }

  /** @throws KithError 'cancelled' once everything is being erased */
  mayGoOn(): void {
    if (this.erasing) throw new KithError('cancelled');
  }
}
