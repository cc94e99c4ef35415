// What concerns everything that is stored at once: a backup that is read or brought in, a change of the passphrase, and erasing.
import { KithError } from '../errors.ts';

export class WholeStore {
  /** What is here is being replaced; settles when nothing more is written for it. The pages begin anew then, and locked where they lock. */
  replacing: Promise<void> | undefined;
  /** What is here goes for good: nothing else may be written any more. */
  erasing = false;
  private busy = false;

  /**
   * One at a time: a backup that is read page by page while records move to another order would miss some of them, and two would hold back
   * each other's writes or replace what the other reads. @throws KithError 'backup-busy'
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy) throw new KithError('backup-busy');
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }

  /** @throws KithError 'cancelled' once everything is being erased */
  mayGoOn(): void {
    if (this.erasing) throw new KithError('cancelled');
  }
}
