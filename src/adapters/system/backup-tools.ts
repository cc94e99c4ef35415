// BackupTools over a worker of its own, which ends with its one answer: the memory it took goes with it.
import { KithError } from '../../core/errors.ts';
import type { BackupTools } from '../../core/ports/backup-tools.ts';
import type { NumberWorker } from './number-deriver.ts';

/** @param createWorker Makes workers/number.worker.ts run. */
export const createBackupTools = (createWorker: () => NumberWorker): BackupTools => ({
  async stretch(...stretch) {
    const worker = createWorker();
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        const fail = () => reject(new KithError('internal'));
        worker.addEventListener('message', ({ data }: MessageEvent<{ readonly result?: Uint8Array }>) => {
          if (data.result) resolve(data.result);
          else fail();
        });
        for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, fail);
        worker.postMessage({ id: 1, stretch });
      });
    } finally {
      worker.terminate();
    }
  },
});
