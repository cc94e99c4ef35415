// The Store port over IndexedDB. WebCrypto is asynchronous and an IndexedDB transaction ends when nothing is asked of it, so
// values are sealed before a transaction begins and opened after it has ended.
import type { IDBPDatabase } from 'idb';
import { type ErrorKind, KithError } from '../../core/errors.ts';
import type { Durability, Range, Store, StoredRecord, Table, Write } from '../../core/ports/store.ts';
import type { OpenedDatabase } from './database.ts';
import { keyRange } from './key-range.ts';
import type { RecordCodec } from './record-seal.ts';

interface RawRecord {
  readonly key: string;
  readonly value: unknown;
}

/** A database and how it is read. */
export interface Place {
  readonly opened: OpenedDatabase;
  readonly codec: RecordCodec;
}

/** A write, sealed, at its key on the disk. */
interface Prepared {
  readonly table: Table;
  readonly key: string;
  /** undefined: what lies there goes. */
  readonly value: Uint8Array | undefined;
  /** Also everything whose key begins like this. */
  readonly clears: boolean;
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
  #place: Place;
  readonly #damagedHandlers: DamagedHandler[] = [];
  #closed = false;
  /** Everything is on its way to another place: what is written meanwhile is sealed when it has got there. */
  #moves = 0;
  /** Settles when every commit called so far has; never rejects. */
  #commits: Promise<unknown> = Promise.resolve();
  /** Reads that have not ended. */
  readonly #reads = new Set<Promise<void>>();

  constructor(opened: OpenedDatabase, codec: RecordCodec) {
    this.#place = { opened, codec };
  }

  get(table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.#reading(async (place) => {
      const at = await place.codec.keyOf(key);
      const stored = await this.#read(place, (database) => database.get(table, at));
      return stored === undefined ? undefined : (await place.codec.open(table, at, stored)).value;
    });
  }

  list(table: Table, range: Range = {}): Promise<StoredRecord[]> {
    return this.#reading((place) => this.#list(place, table, range));
  }

  count(table: Table, range: Pick<Range, 'prefix' | 'after' | 'before'> = {}): Promise<number> {
    return this.#reading(async (place) => {
      const keys = keyRange(await onDisk(place, range));
      if (keys === 'empty') return 0;
      return this.#read(place, (database) => database.count(table, keys === 'all' ? undefined : keys));
    });
  }

  /** After every commit called so far. */
  #reading<T>(read: (place: Place) => Promise<T>): Promise<T> {
    const done = this.#commits.then(() => read(this.#place));
    const ended = done.then(
      () => void this.#reads.delete(ended),
      () => void this.#reads.delete(ended),
    );
    this.#reads.add(ended);
    return done;
  }

  async #list(place: Place, table: Table, range: Range): Promise<StoredRecord[]> {
    const limit = range.limit ?? Number.POSITIVE_INFINITY;
    const found: StoredRecord[] = [];
    const asked = await onDisk(place, range);
    let rest = asked;
    while (found.length < limit) {
      const wanted = limit - found.length;
      const raw = await this.#readRaw(place, table, rest, wanted);
      found.push(...(await this.#openAll(place, table, raw)));
      const last = raw.at(-1);
      if (raw.length < wanted || last === undefined) break;
      rest = asked.reverse ? { ...asked, before: last.key } : { ...asked, after: last.key };
    }
    return found;
  }

  commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const own = this.#moves > 0 ? structuredClone(writes) : undefined;
    const early = own ? undefined : prepareAll(this.#place, writes);
    early?.catch(() => {}); // heard below, perhaps later
    const done = this.#commits.then(async () =>
      this.#apply(await (early ?? prepareAll(this.#place, own ?? [])), durability),
    );
    this.#commits = done.catch(() => {});
    return done;
  }

  /**
   * `move` copies everything to another place and resolves to it. Reads and commits called from now on wait for it and are of that place;
   * when it rejects they go on where they were.
   */
  moveTo(move: (from: Place) => Promise<Place>): Promise<void> {
    this.#moves++;
    const reads = [...this.#reads];
    const done = this.#commits.then(async () => {
      await Promise.all(reads);
      const before = this.#place;
      this.#database(before);
      this.#place = await move(before);
      before.opened.database.close();
      if (this.#closed) this.#place.opened.database.close();
    });
    this.#commits = done.then(
      () => this.#moves--,
      () => this.#moves--,
    );
    return done;
  }

  get closed(): boolean {
    return this.#closed;
  }

  onDamaged(handler: DamagedHandler): void {
    this.#damagedHandlers.push(handler);
  }

  /** Waits for nothing: a transaction that has begun still ends. */
  close(): void {
    this.#closed = true;
    this.#place.opened.database.close();
  }

  async #apply(writes: readonly Prepared[], durability: Durability): Promise<void> {
    if (writes.length === 0) return;
    const database = this.#database(this.#place);
    try {
      const transaction = database.transaction([...new Set(writes.map(({ table }) => table))], 'readwrite', {
        durability,
      });
      const requests = writes.map(({ table, key, value, clears }) => {
        const at = transaction.objectStore(table);
        if (value) return at.put(value, key);
        if (!clears) return at.delete(key);
        const range = keyRange({ prefix: key });
        return range === 'all' ? at.clear() : range === 'empty' ? undefined : at.delete(range);
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
  #readRaw(place: Place, table: Table, range: Range, limit: number): Promise<RawRecord[]> {
    const keys = keyRange(range);
    if (keys === 'empty') return Promise.resolve([]);
    const query = keys === 'all' ? undefined : keys;
    const many = limit === Number.POSITIVE_INFINITY ? undefined : limit;
    return this.#read(place, async (database) => {
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

  async #openAll({ codec }: Place, table: Table, raw: readonly RawRecord[]): Promise<StoredRecord[]> {
    const opened = await Promise.all(
      raw.map(({ key, value }) =>
        codec.open(table, key, value).catch(() => {
          for (const handler of this.#damagedHandlers) handler(table, key);
          return undefined;
        }),
      ),
    );
    return opened.filter((record) => record !== undefined);
  }

  async #read<T>(place: Place, read: (database: IDBPDatabase<unknown>) => Promise<T>): Promise<T> {
    const database = this.#database(place);
    try {
      return await read(database);
    } catch (error) {
      throw kindOfWriteError(error);
    }
  }

  #database({ opened }: Place): IDBPDatabase<unknown> {
    const lost: ErrorKind | undefined = this.#closed ? 'storage-unavailable' : opened.lost();
    if (lost !== undefined) throw new KithError(lost);
    return opened.database;
  }
}

const prepareAll = ({ codec }: Place, writes: readonly Write[]): Promise<Prepared[]> =>
  Promise.all(
    writes.map(async (write) => {
      // Begun before anything is waited for: the value is the caller's to change.
      const sealing = 'put' in write ? codec.seal(write.put, write.key, write.value) : undefined;
      const clears = 'clear' in write;
      const key = await codec.keyOf(clears ? write.prefix : write.key);
      return { table: tableOf(write), key, value: await sealing, clears };
    }),
  );

async function onDisk({ codec }: Place, range: Range): Promise<Range> {
  const bounds = { ...range };
  for (const bound of ['prefix', 'after', 'before'] as const) {
    const key = range[bound];
    if (key !== undefined) bounds[bound] = await codec.keyOf(key);
  }
  return bounds;
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
