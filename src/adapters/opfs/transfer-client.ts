// The page's side of the transfer worker: one promise for each call (workers/transfer-protocol.ts).
import { type ErrorKind, KithError } from '../../core/errors.ts';
import workerUrl from '../../workers/transfer.worker.ts?worker&url';
import type {
  CallName,
  TransferCalls,
  TransferFailure,
  TransferReply,
  WrittenRow,
} from '../../workers/transfer-protocol.ts';

/** `trusted` turns the address of our own script into what the page's Trusted Types policy lets through. */
export function createTransferWorker(trusted: (url: string) => string | TrustedScript): Worker {
  return new Worker(trusted(workerUrl) as string, { type: 'module', name: 'kith-transfer' });
}

/** A TrustedScriptURL, without asking every TypeScript library to know it. */
type TrustedScript = { toString(): string };

interface Pending {
  resolve(value: unknown): void;
  reject(error: KithError): void;
  progress?: ((fraction: number) => void) | undefined;
}

interface CallOptions {
  readonly transfer?: Transferable[];
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class TransferClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #broken: KithError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<TransferReply>) => this.#settle(data);
    worker.onerror = (event) => this.#break(event);
    worker.onmessageerror = (event) => this.#break(event);
  }

  /** @throws KithError whatever the worker throws; 'storage-unavailable' when it does not run. */
  call<Name extends CallName>(
    name: Name,
    args: Parameters<TransferCalls[Name]>,
    options: CallOptions = {},
  ): Promise<ReturnType<TransferCalls[Name]>> {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = this.#calls++;
    const cancel = (): void => this.#worker.postMessage({ cancel: id });
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, progress: options.onProgress });
      this.#worker.postMessage({ id, call: name, args }, options.transfer ?? []);
      if (options.signal?.aborted) cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
    });
    return result.finally(() => options.signal?.removeEventListener('abort', cancel)) as Promise<
      ReturnType<TransferCalls[Name]>
    >;
  }

  /** Stores several rows of units; they move to the worker. */
  async writeRows(id: string, rows: readonly WrittenRow[]): Promise<(readonly number[] | KithError)[]> {
    const transfer = rows.map(({ sealed }) => sealed.buffer);
    const outcomes = await this.call('writeRows', [id, rows], { transfer });
    return outcomes.map((outcome) => ('kind' in outcome ? errorOf(outcome) : outcome));
  }

  /** Ends the worker. What is under way is refused; what was stored stays. */
  close(): void {
    this.#worker.terminate();
    this.#fail('storage-unavailable');
  }

  #settle(reply: TransferReply): void {
    const pending = this.#pending.get(reply.id);
    if ('progress' in reply) {
      pending?.progress?.(reply.progress);
      return;
    }
    this.#pending.delete(reply.id);
    if ('kind' in reply) pending?.reject(errorOf(reply));
    else pending?.resolve(reply.value);
  }

  #break(event: Event): void {
    event.preventDefault();
    this.#fail('storage-unavailable', event);
  }

  #fail(kind: ErrorKind, cause?: unknown): void {
    this.#broken ??= new KithError(kind, {}, { cause });
    for (const pending of this.#pending.values()) pending.reject(this.#broken);
    this.#pending.clear();
  }
}

const errorOf = ({ kind, detail, message }: TransferFailure): KithError =>
  new KithError(kind, detail, { cause: message });
