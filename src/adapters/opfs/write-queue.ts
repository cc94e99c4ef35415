// Received units on their way to the worker: those of one turn go together, and those that come while it stores them go together
// next.
import type { FileLayout } from '../../core/ports/blob-store.ts';
import type { WrittenUnit } from '../../workers/transfer-protocol.ts';

/** One promise for each unit, in their order. Rejects only when the worker is gone. */
export type StoreUnits = (id: string, units: readonly WrittenUnit[]) => Promise<readonly PromiseSettledResult<void>[]>;

interface Waiting {
  readonly unit: WrittenUnit;
  resolve(): void;
  reject(error: unknown): void;
}

export class WriteQueue {
  readonly #store: StoreUnits;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(store: StoreUnits) {
    this.#store = store;
  }

  /** Keeps a copy: the caller's bytes are often a view into a larger frame. */
  write(id: string, layout: FileLayout, key: Uint8Array, index: number, sealed: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = { unit: { layout, key, index, sealed: sealed.slice() }, resolve, reject };
      const waiting = this.#waiting.get(id);
      if (waiting) waiting.push(one);
      else {
        this.#waiting.set(id, [one]);
        queueMicrotask(() => void this.#send(id));
      }
    });
  }

  /** What waits goes now: calls about one file are done in the order in which they were made. */
  flush(id: string): void {
    const waiting = this.#waiting.get(id)?.splice(0) ?? [];
    if (waiting.length > 0) void this.#ask(id, waiting).then((settle) => settle());
  }

  /** Sends what waits, and when that is stored what has come meanwhile, until nothing has. */
  async #send(id: string): Promise<void> {
    const batch = this.#waiting.get(id)?.splice(0) ?? [];
    if (batch.length === 0) {
      this.#waiting.delete(id);
      return;
    }
    const settle = await this.#ask(id, batch);
    void this.#send(id);
    settle();
  }

  /** Resolves to what tells each caller how its unit fared. */
  async #ask(id: string, batch: readonly Waiting[]): Promise<() => void> {
    try {
      const units = batch.map(({ unit }) => unit);
      const results = await this.#store(id, units);
      return () => {
        for (const [at, { resolve, reject }] of batch.entries()) {
          const result = results[at];
          if (result?.status === 'rejected') reject(result.reason);
          else resolve();
        }
      };
    } catch (error) {
      return () => {
        for (const { reject } of batch) reject(error);
      };
    }
  }
}
