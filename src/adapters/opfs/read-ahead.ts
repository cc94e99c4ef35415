// Sealed units fetched from the worker some at a time: a sender reads them one after another, and each message between page
// and worker costs as much as the unit in it (tests/bench/README.md).
import type { FileLayout } from '../../core/ports/blob-store.ts';
import { UNITS_PER_FRAME } from '../../core/wire/limits.ts';

/** About as much as a sender has on its way, in whole frames. The next batch is asked for when half of it is read. */
const BATCH_UNITS = 3 * UNITS_PER_FRAME;
/** Files that are read at the same time and keep a batch each. */
const MAX_FILES = 4;

/** Units from `first` on, at most `count`, up to the first that is not stored. @throws KithError when `first` cannot be read */
export type FetchUnits = (id: string, layout: FileLayout, first: number, count: number) => Promise<Uint8Array[]>;

/** Units under way or waiting to be read, by index; undefined: this one must be asked for alone. */
type Batch = Map<number, Promise<Uint8Array | undefined>>;

export class ReadAhead {
  readonly #fetch: FetchUnits;
  readonly #batches = new Map<string, Batch>();

  constructor(fetch: FetchUnits) {
    this.#fetch = fetch;
  }

  async read(id: string, layout: FileLayout, index: number): Promise<Uint8Array> {
    const batch = this.#batchWith(id, layout, index);
    const unit = batch.get(index);
    batch.delete(index);
    if (batch.size < BATCH_UNITS / 2) this.#fill(batch, id, layout, Math.max(index, ...batch.keys()) + 1);
    return (await unit) ?? this.#readAlone(id, layout, index);
  }

  /** The file changes or goes: what was read ahead of it is no longer true. */
  forget(id: string): void {
    this.#batches.delete(id);
  }

  #batchWith(id: string, layout: FileLayout, index: number): Batch {
    const known = this.#batches.get(id);
    if (known?.has(index)) return known;
    const batch: Batch = new Map();
    this.#batches.delete(id);
    this.#batches.set(id, batch);
    const [oldest] = this.#batches.keys();
    if (this.#batches.size > MAX_FILES && oldest !== undefined) this.#batches.delete(oldest);
    this.#fill(batch, id, layout, index);
    return batch;
  }

  #fill(batch: Batch, id: string, layout: FileLayout, first: number): void {
    const count = Math.min(BATCH_UNITS, layout.units - first);
    if (count <= 0) return;
    const answer = this.#fetch(id, layout, first, count).catch(() => []);
    for (let offset = 0; offset < count; offset++)
      batch.set(
        first + offset,
        answer.then((units) => units[offset]),
      );
  }

  async #readAlone(id: string, layout: FileLayout, index: number): Promise<Uint8Array> {
    const [unit] = await this.#fetch(id, layout, index, 1);
    return unit as Uint8Array;
  }
}
