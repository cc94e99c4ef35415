// Received units on their way to the worker: those of one turn go together, and those that come while it stores them go together
// next.
import type { Bytes } from '../../core/bytes/bytes.ts';
import type { FileLayout } from '../../core/ports/blob-store.ts';
import { UNIT_BYTES } from '../../core/wire/limits.ts';
import type { WrittenRow } from '../../workers/transfer-protocol.ts';

/** For each row, in their order: which of its units do not open, or why nothing could be stored. Rejects when the worker is gone. */
export type StoreRows = (id: string, rows: readonly WrittenRow[]) => Promise<readonly (readonly number[] | Error)[]>;

interface Waiting {
  readonly row: WrittenRow;
  resolve(refused: number[]): void;
  reject(error: unknown): void;
}

export class WriteQueue {
  readonly #store: StoreRows;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(store: StoreRows) {
    this.#store = store;
  }

  /** Resolves to the indices of the units that do not open. */
  write(id: string, layout: FileLayout, key: Uint8Array, first: number, sealed: Uint8Array): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const one = { row: { layout, key, first, sealed: movable(sealed) }, resolve, reject };
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

  /** Resolves to what tells each caller how its row fared. */
  async #ask(id: string, batch: readonly Waiting[]): Promise<() => void> {
    try {
      const outcomes = await this.#store(
        id,
        batch.map(({ row }) => row),
      );
      return () => {
        for (const [at, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[at];
          if (outcome instanceof Error) reject(outcome);
          else resolve([...(outcome ?? [])]);
        }
      };
    } catch (error) {
      return () => {
        for (const { reject } of batch) reject(error);
      };
    }
  }
}

/** What a buffer may hold beside the units that are moved with it: the head of the message they came in. Bytes. */
const MESSAGE_HEAD_BYTES = 1024;

/** Units that have a buffer to themselves move to the worker with it; a part of what one holds is copied. */
function movable(bytes: Uint8Array): Bytes {
  const { buffer } = bytes;
  const beside = buffer.byteLength - bytes.length;
  const alone = beside === 0 || (beside <= MESSAGE_HEAD_BYTES && bytes.length >= UNIT_BYTES);
  return buffer instanceof ArrayBuffer && alone ? (bytes as Bytes) : bytes.slice();
}
