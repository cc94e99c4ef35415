// Every record of one place, sealed anew for another.
import type { IDBPDatabase } from 'idb';
import { KithError } from '../../core/errors.ts';
import { type Table, tables } from '../../core/ports/store.ts';
import type { Place } from './store.ts';

/** Records in memory at a time. The largest hold a picture of 32 KiB. */
const BATCH = 200;

/**
 * A record that does not open is copied as it lies there: it does not open at the other place either, and is told of as before.
 * @param mayGoOn Throws when it may not.
 * @throws KithError 'disk-full' | 'storage-unavailable'
 */
export async function copyRecords(from: Place, to: Place, mayGoOn: () => void): Promise<void> {
  try {
    for (const table of tables) {
      for await (const batch of batches(from.opened.database, table)) {
        mayGoOn();
        await write(to.opened.database, table, await Promise.all(batch.map((one) => resealed(from, to, table, one))));
      }
    }
  } catch (error) {
    if (error instanceof KithError) throw error;
    const full = error instanceof Error && error.name === 'QuotaExceededError';
    throw new KithError(full ? 'disk-full' : 'storage-unavailable', {}, { cause: error });
  }
}

type Stored = readonly [key: string, value: unknown];

async function* batches(database: IDBPDatabase<unknown>, table: Table): AsyncGenerator<Stored[]> {
  let after: IDBKeyRange | undefined;
  for (;;) {
    const transaction = database.transaction(table, 'readonly');
    const [keys, values] = await Promise.all([
      transaction.store.getAllKeys(after, BATCH),
      transaction.store.getAll(after, BATCH),
    ]);
    if (keys.length > 0) yield keys.map((key, index) => [String(key), values[index] as unknown]);
    if (keys.length < BATCH) return;
    after = IDBKeyRange.lowerBound(keys.at(-1), true);
  }
}

async function resealed(from: Place, to: Place, table: Table, [place, stored]: Stored): Promise<Stored> {
  const opened = await from.codec.open(table, place, stored).catch(() => undefined);
  if (!opened) return [place, stored];
  const { key, value } = opened;
  const [at, sealed] = await Promise.all([to.codec.keyOf(key), to.codec.seal(table, key, value)]);
  return [at, sealed];
}

/** `strict`: when the last of them is on the disk, all are. */
async function write(database: IDBPDatabase<unknown>, table: Table, records: readonly Stored[]): Promise<void> {
  const transaction = database.transaction(table, 'readwrite', { durability: 'strict' });
  const puts = records.map(async ([key, value]) => transaction.store.put(value, key)); // one that throws is heard below
  const [done] = await Promise.allSettled([transaction.done, ...puts]);
  if (done.status === 'rejected') throw done.reason;
}
