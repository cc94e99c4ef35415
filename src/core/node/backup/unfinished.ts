// The mark of an import that has begun: it is on the disk before the first thing is removed for it, and goes with the last thing that is
// written. Where a page finds it, what else is there is half of something and is removed.
import * as v from 'valibot';
import { type ErrorKind, errorKinds, kindOf } from '../../errors.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { type Store, tables, type Write } from '../../ports/store.ts';
import { decode, encode } from '../../wire/cbor.ts';

/** In table `meta`. Never in a backup. */
export const IMPORT_KEY = 'import';

const markSchema = v.object({ v: v.literal(1), kind: v.picklist(errorKinds) });

const markOf = (kind: ErrorKind): Write => ({
  put: 'meta',
  key: IMPORT_KEY,
  value: encode({ v: 1, kind } satisfies v.InferOutput<typeof markSchema>),
});

export const withoutMark: Write = { remove: 'meta', key: IMPORT_KEY };

/**
 * Why an import did not end; undefined when none has begun. A mark that is damaged, or of a later version, is one as well; a disk that cannot
 * be read has none: everything would be removed for it.
 * @throws KithError 'storage-unavailable' and the like
 */
export async function unfinishedImport(store: Store): Promise<ErrorKind | undefined> {
  try {
    const bytes = await store.get('meta', IMPORT_KEY);
    return bytes && decode(bytes, markSchema).kind;
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'record-damaged' || kind === 'frame-malformed') return 'import-unfinished';
    throw error;
  }
}

/**
 * Why it did not end, on the disk. Only where the mark lies already: without one nothing was touched, and a mark would have the next page
 * remove what is still whole. Resolves to whether there is one.
 */
export async function noteWhy(store: Store, kind: ErrorKind): Promise<boolean> {
  const isTouched = (await store.get('meta', IMPORT_KEY)) !== undefined;
  if (isTouched) await store.commit([markOf(kind)], 'strict');
  return isTouched;
}

/**
 * Removes every record and every sealed file, with the mark set before. May be repeated when it failed.
 * @throws KithError 'disk-full' | 'storage-unavailable'
 */
export async function clearOut(store: Store, blobs: BlobStore, kind: ErrorKind): Promise<void> {
  const meta = (await store.list('meta')).filter(({ key }) => key !== IMPORT_KEY);
  const writes: Write[] = [
    markOf(kind),
    ...meta.map(({ key }): Write => ({ remove: 'meta', key })),
    ...tables.filter((table) => table !== 'meta').map((table): Write => ({ clear: table, prefix: '' })),
  ];
  await store.commit(writes, 'strict');
  for (const id of await blobs.list()) await blobs.remove(id);
}
