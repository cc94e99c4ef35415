// Argon2id of a passphrase in a worker of its own, which ends with the answer and takes its memory along.
import { KithError } from '../../core/errors.ts';
import type { KeyDeriver } from '../../core/ports/key-deriver.ts';
import type { NumberWorker } from './number-deriver.ts';

type Reply = { readonly result: Uint8Array<ArrayBuffer> } | { readonly failed: true };

/** @param createWorker Makes workers/number.worker.ts run. KithError 'internal' when it does not, mostly for lack of memory. */
export const passphraseDeriver =
  (createWorker: () => NumberWorker): KeyDeriver =>
  async (passphrase, salt, cost) => {
    const worker = createWorker();
    try {
      const reply = await new Promise<Reply>((resolve) => {
        const failed = () => resolve({ failed: true });
        worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => resolve(data));
        worker.addEventListener('error', failed);
        worker.addEventListener('messageerror', failed);
        worker.postMessage({ id: 1, passphrase, salt, cost });
      });
      if ('failed' in reply) throw new KithError('internal');
      return reply.result;
    } finally {
      worker.terminate();
    }
  };
