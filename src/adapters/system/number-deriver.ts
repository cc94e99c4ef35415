// NumberDeriver over a worker. One number at a time (each takes 64 MiB), and no worker while there is nothing to do.
import { KithError } from '../../core/errors.ts';
import type { NumberDeriver } from '../../core/ports/number-deriver.ts';

/** The part of Worker that is used. */
export interface NumberWorker {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: () => void): void;
  terminate(): void;
}

type Reply = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failed: true };

interface Job {
  /** As workers/number.worker.ts takes it. */
  readonly question: { readonly fingerprint: Uint8Array } | { readonly find: string };
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * @param createWorker Makes workers/number.worker.ts run, e.g. `() => new Worker(trustedScriptUrl(url), { type: 'module' })`.
 * It rejects with KithError 'internal' when the worker fails; the next call gets a new worker.
 */
export function createNumberDeriver(createWorker: () => NumberWorker): NumberDeriver {
  const queue: Job[] = [];
  let worker: NumberWorker | undefined;
  let current: Job | undefined;
  let nextId = 0;

  const finish = (settle: (job: Job) => void, keepWorker: boolean): void => {
    const job = current;
    current = undefined;
    if (!keepWorker || queue.length === 0) {
      worker?.terminate();
      worker = undefined;
    }
    if (job) settle(job);
    next();
  };

  const fail = (cause?: unknown): void => finish((job) => job.reject(new KithError('internal', {}, { cause })), false);

  const start = (): NumberWorker => {
    const started = createWorker();
    started.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if (started !== worker || data.id !== nextId) return;
      if ('result' in data) finish((job) => job.resolve(data.result), true);
      else fail();
    });
    for (const type of ['error', 'messageerror'] as const) {
      started.addEventListener(type, () => started === worker && fail());
    }
    return started;
  };

  const next = (): void => {
    if (current) return;
    current = queue.shift();
    if (!current) return;
    try {
      worker ??= start();
      worker.postMessage({ id: ++nextId, ...current.question });
    } catch (error) {
      fail(error);
    }
  };

  const ask = (question: Job['question']): Promise<unknown> =>
    new Promise((resolve, reject) => {
      queue.push({ question, resolve, reject });
      next();
    });

  return {
    derive: async (fingerprint) => (await ask({ fingerprint })) as string,
    findTarget: async (find) => (await ask({ find })) as Uint8Array,
  };
}
