// The Store port over IndexedDB. WebCrypto is asynchronous and an IndexedDB transaction ends when nothing is asked of it, so
// values are sealed before a transaction begins and opened after it has ended.
import type { IDBPDatabase } from 'idb';
import { type ErrorKind, KithError } from '../../core/errors.ts';
import type { Durability, Range, Store, StoredRecord, Table, Write } from '../../core/ports/store.ts';
import type { OpenedDatabase } from './database.ts';
import { keyRange } from './key-range.ts';
import { openRecord, sealRecord } from './record-seal.ts';

interface RawRecord {
  readonly key: string;
  readonly value: unknown;
}

type DamagedHandler = (table: Table, key: string) => void;

const tableOf = (write: Write): Table => ('put' in write ? write.put : 'remove' in write ? write.remove : write.clear);

function kindOfWriteError(error: unknown): KithError {
  if (error instanceof KithError) return error;
  const full = error instanceof Error && error.name === 'QuotaExceededError';
  return new KithError(full ? 'disk-full' : 'storage-unavailable', {}, { cause: error });
}

function commitNow(transaction: { commit(): void }): void {
  try {
    transaction.commit();
  } catch {
    // It has failed already; its `done` says why.
  }
}

export class IndexedDbStore implements Store {
  readonly #opened: OpenedDatabase;
  readonly #dataKey: CryptoKey;
  readonly #damagedHandlers: DamagedHandler[] = [];
  #closed = false;
  /** Settles when every commit called so far has; never rejects. */
  #commits: Promise<void> = Promise.resolve();

  constructor(opened: OpenedDatabase, dataKey: CryptoKey) {
    this.#opened = opened;
    this.#dataKey = dataKey;
  }

  async get(table: Table, key: string): Promise<Uint8Array | undefined> {
    await this.#commits;
    const stored = await this.#read((database) => database.get(table, key));
    return stored === undefined ? undefined : openRecord(this.#dataKey, table, key, stored);
  }

  async list(table: Table, range: Range = {}): Promise<StoredRecord[]> {
    await this.#commits;
    const limit = range.limit ?? Number.POSITIVE_INFINITY;
    const found: StoredRecord[] = [];
    let rest: Range = range;
    while (found.length < limit) {
      const wanted = limit - found.length;
      const raw = await this.#readRaw(table, rest, wanted);
      found.push(...(await this.#openAll(table, raw)));
      const last = raw.at(-1);
      if (raw.length < wanted || last === undefined) break;
      rest = range.reverse ? { ...range, before: last.key } : { ...range, after: last.key };
    }
    return found;
  }

  async count(table: Table, range: Pick<Range, 'prefix' | 'after' | 'before'> = {}): Promise<number> {
    await this.#commits;
    const keys = keyRange(range);
    if (keys === 'empty') return 0;
    return this.#read((database) => database.count(table, keys === 'all' ? undefined : keys));
  }

  commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const sealing = Promise.all(
      writes.map((write) =>
        'put' in write ? sealRecord(this.#dataKey, write.put, write.key, write.value) : Promise.resolve(undefined),
      ),
    );
    sealing.catch(() => {}); // heard below, perhaps later
    const done = this.#commits.then(async () => this.#apply(writes, await sealing, durability));
    this.#commits = done.catch(() => {});
    return done;
  }

  onDamaged(handler: DamagedHandler): void {
    this.#damagedHandlers.push(handler);
  }

  /** Waits for nothing: a transaction that has begun still ends. */
  close(): void {
    this.#closed = true;
    this.#opened.database.close();
  }

  async #apply(
    writes: readonly Write[],
    sealed: readonly (Uint8Array | undefined)[],
    durability: Durability,
  ): Promise<void> {
    if (writes.length === 0) return;
    const database = this.#database();
    try {
      const names = [...new Set(writes.map(tableOf))];
      const transaction = database.transaction(names, 'readwrite', { durability });
      const requests = writes.map((write, index) => {
        const table = transaction.objectStore(tableOf(write));
        if ('put' in write) return table.put(sealed[index], write.key);
        if ('remove' in write) return table.delete(write.key);
        const range = keyRange(write);
        return range === 'all' ? table.clear() : range === 'empty' ? undefined : table.delete(range);
      });
      // Everything is asked for: without this the browser would wait for our word once more, and a page that is reloaded
      // meanwhile would take its last write with it.
      commitNow(transaction);
      // A failed request aborts the transaction, and `done` then carries its error; the others must not go unheard.
      const [done] = await Promise.allSettled([transaction.done, ...requests]);
      if (done.status === 'rejected') throw done.reason;
    } catch (error) {
      throw kindOfWriteError(error);
    }
  }

  /** At most `limit` records as they lie on the disk, in the order asked for. */
  #readRaw(table: Table, range: Range, limit: number): Promise<RawRecord[]> {
    const keys = keyRange(range);
    if (keys === 'empty') return Promise.resolve([]);
    const query = keys === 'all' ? undefined : keys;
    const many = limit === Number.POSITIVE_INFINITY ? undefined : limit;
    return this.#read(async (database) => {
      if (range.reverse && many !== undefined) return readBackwards(database, table, query, many);
      const transaction = database.transaction(table, 'readonly');
      const [names, values] = await Promise.all([
        transaction.store.getAllKeys(query, many),
        transaction.store.getAll(query, many),
      ]);
      const records = names.map((key, index) => ({ key: String(key), value: values[index] as unknown }));
      return range.reverse ? records.reverse() : records;
    });
  }

  async #openAll(table: Table, raw: readonly RawRecord[]): Promise<StoredRecord[]> {
    const opened = await Promise.all(
      raw.map(({ key, value }) =>
        openRecord(this.#dataKey, table, key, value).then(
          (plain) => ({ key, value: plain }),
          () => {
            for (const handler of this.#damagedHandlers) handler(table, key);
            return undefined;
          },
        ),
      ),
    );
    return opened.filter((record) => record !== undefined);
  }

  async #read<T>(read: (database: IDBPDatabase<unknown>) => Promise<T>): Promise<T> {
    const database = this.#database();
    try {
      return await read(database);
    } catch (error) {
      throw kindOfWriteError(error);
    }
  }

  #database(): IDBPDatabase<unknown> {
    const lost: ErrorKind | undefined = this.#closed ? 'storage-unavailable' : this.#opened.lost();
    if (lost !== undefined) throw new KithError(lost);
    return this.#opened.database;
  }
}

async function readBackwards(
  database: IDBPDatabase<unknown>,
  table: Table,
  query: IDBKeyRange | undefined,
  limit: number,
): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  let cursor = await database.transaction(table, 'readonly').store.openCursor(query, 'prev');
  while (cursor !== null && records.length < limit) {
    records.push({ key: String(cursor.key), value: cursor.value as unknown });
    if (records.length < limit) cursor = await cursor.continue();
  }
  return records;
}
