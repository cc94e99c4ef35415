// Everything that a backup holds, read through the ports: records in the clear, files as the sealed units they are. So it does not
// matter how records lie on this disk, or on the one they come to.
import type { BackupItem } from '../../backup/items.ts';
import { hasUnit } from '../../bytes/bitmap.ts';
import { joined } from '../../bytes/bytes.ts';
import { kindOf } from '../../errors.ts';
import type { BlobStore, FileLayout } from '../../ports/blob-store.ts';
import { type Store, tables } from '../../ports/store.ts';
import { UNITS_PER_FRAME } from '../../wire/limits.ts';
import { IMPORT_KEY } from './unfinished.ts';

/** Records asked for at a time. */
const PAGE = 256;

export interface ReadOutOptions {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly now: number;
  /** No record changes between this and the call of what it gives. */
  readonly hold: () => Promise<() => void>;
}

/** Records are those of one moment. A file of then that goes meanwhile is there as far as it could be read. */
export async function* readOut(options: ReadOutOptions): AsyncGenerator<BackupItem> {
  let items = 0;
  for await (const item of contents(options)) {
    items += 1;
    yield item;
  }
  yield { is: 'end', items };
}

async function* contents({ store, blobs, now, hold }: ReadOutOptions): AsyncGenerator<BackupItem> {
  yield { is: 'head', createdAt: now };
  const release = await hold();
  let files: string[];
  try {
    yield* recordsOf(store);
    files = await blobs.list();
  } finally {
    release();
  }
  for (const id of files) yield* unitsOf(blobs, id);
}

async function* recordsOf(store: Store): AsyncGenerator<BackupItem> {
  for (const table of tables) {
    for (let after: string | undefined; ; ) {
      const page = await store.list(table, { limit: PAGE, ...(after !== undefined && { after }) });
      for (const { key, value } of page)
        if (table !== 'meta' || key !== IMPORT_KEY) yield { is: 'record', table, key, value };
      after = page.at(-1)?.key;
      if (page.length < PAGE || after === undefined) break;
    }
  }
}

async function* unitsOf(blobs: BlobStore, id: string): AsyncGenerator<BackupItem> {
  const layout = await blobs.layout(id);
  if (layout === undefined) return;
  yield { is: 'file', id, size: layout.size };
  try {
    for (const { first, count } of rowsOf(layout, await blobs.stored(id, layout)))
      yield { is: 'units', first, sealed: await readRow(blobs, id, layout, first, count) };
  } catch (error) {
    if (kindOf(error) !== 'record-damaged') throw error;
  }
}

/** Stored units that follow one another. */
function* rowsOf({ units }: FileLayout, stored: Uint8Array): Generator<{ first: number; count: number }> {
  for (let first = 0; first < units; ) {
    let end = first;
    while (end < units && end < first + UNITS_PER_FRAME && hasUnit(stored, end)) end += 1;
    if (end > first) yield { first, count: end - first };
    first = Math.max(end, first + 1);
  }
}

async function readRow(blobs: BlobStore, id: string, layout: FileLayout, first: number, count: number) {
  const row: Uint8Array[] = [];
  for (let index = first; index < first + count; index++) row.push(await blobs.readUnit(id, layout, index));
  const [unit, ...more] = row;
  return joined(unit as Uint8Array, ...more);
}
