// The Store port in memory: a twin for tests. A MemoryDisk outlives its stores, as a disk outlives a page, and can be told
// to run full, to crash the page between two commits, and to rot.
import { KithError } from '../../core/errors.ts';
import type { Durability, Range, Store, StoredRecord, Table, Write } from '../../core/ports/store.ts';

type Rows = Map<string, Uint8Array>;
type Tables = Map<Table, Rows>;

const copyOf = (tables: Tables): Tables => new Map([...tables].map(([table, rows]) => [table, new Map(rows)]));

/** What is on the disk, and the faults it will have. */
export class MemoryDisk {
  /** Seen by the page: everything committed. */
  written: Tables = new Map();
  /** Survives a crash: everything up to the last strict commit. */
  durable: Tables = new Map();
  readonly damaged = new Set<string>();
  /** How many more commits find room. */
  commitsUntilFull = Number.POSITIVE_INFINITY;
  /** The page dies right before the commit after these many. */
  commitsUntilCrash = Number.POSITIVE_INFINITY;
  /** Counts crashes: a store opened before the last one is dead. */
  crashes = 0;
  commits = 0;
  #relaxed: Write[] = [];

  /** The record no longer decrypts. */
  damage(table: Table, key: string): void {
    this.damaged.add(`${table}\n${key}`);
  }

  /** Kills the page: stores opened so far never answer again, commits that were not strict are lost. */
  crash(): void {
    this.crashes++;
    this.#relaxed = [];
    this.written = copyOf(this.durable);
    this.commitsUntilCrash = Number.POSITIVE_INFINITY;
  }

  commit(writes: readonly Write[], durability: Durability): void {
    this.commits++;
    for (const write of writes) {
      apply(this.written, write);
      if ('put' in write) this.damaged.delete(`${write.put}\n${write.key}`);
    }
    this.#relaxed.push(...writes);
    if (durability === 'relaxed') return;
    for (const write of this.#relaxed) apply(this.durable, write);
    this.#relaxed = [];
  }

  /** A new page opens what the crash, or a plain close, has left. */
  reopen(): MemoryStore {
    return new MemoryStore(this);
  }
}

function inRange(key: string, range: Range): boolean {
  if (range.prefix !== undefined && !key.startsWith(range.prefix)) return false;
  if (range.after !== undefined && key <= range.after) return false;
  return range.before === undefined || key < range.before;
}

function apply(tables: Tables, write: Write): void {
  if ('put' in write) {
    const rows = tables.get(write.put) ?? new Map();
    tables.set(write.put, rows.set(write.key, write.value.slice()));
  } else if ('remove' in write) {
    tables.get(write.remove)?.delete(write.key);
  } else {
    const rows = tables.get(write.clear) ?? new Map();
    for (const key of [...rows.keys()]) if (key.startsWith(write.prefix)) rows.delete(key);
  }
}

export class MemoryStore implements Store {
  readonly disk: MemoryDisk;
  readonly #crashes: number;
  #closed = false;
  readonly #handlers: ((table: Table, key: string) => void)[] = [];

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.disk = disk;
    this.#crashes = disk.crashes;
  }

  async get(table: Table, key: string): Promise<Uint8Array | undefined> {
    await this.#alive();
    const value = this.disk.written.get(table)?.get(key);
    if (value !== undefined && this.disk.damaged.has(`${table}\n${key}`)) throw new KithError('record-damaged');
    return value?.slice();
  }

  async list(table: Table, range: Range = {}): Promise<StoredRecord[]> {
    await this.#alive();
    const found: StoredRecord[] = [];
    for (const key of this.#keys(table, range)) {
      if (found.length >= (range.limit ?? Number.POSITIVE_INFINITY)) break;
      const value = this.disk.written.get(table)?.get(key);
      if (this.disk.damaged.has(`${table}\n${key}`)) for (const handler of this.#handlers) handler(table, key);
      else if (value) found.push({ key, value: value.slice() });
    }
    return found;
  }

  async count(table: Table, range: Pick<Range, 'prefix' | 'after' | 'before'> = {}): Promise<number> {
    await this.#alive();
    return this.#keys(table, range).length;
  }

  commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const frozen = writes.map((write) => ('put' in write ? { ...write, value: write.value.slice() } : write));
    return this.#alive().then(() => this.#commit(frozen, durability));
  }

  onDamaged(handler: (table: Table, key: string) => void): void {
    this.#handlers.push(handler);
  }

  close(): void {
    this.#closed = true;
  }

  #commit(writes: readonly Write[], durability: Durability): Promise<void> {
    if (this.disk.commitsUntilCrash-- <= 0) this.disk.crash();
    if (this.disk.crashes !== this.#crashes) return this.#alive();
    if (this.disk.commitsUntilFull-- <= 0) throw new KithError('disk-full');
    this.disk.commit(writes, durability);
    return Promise.resolve();
  }

  #keys(table: Table, range: Range): string[] {
    const keys = [...(this.disk.written.get(table)?.keys() ?? [])].filter((key) => inRange(key, range)).sort();
    return range.reverse ? keys.reverse() : keys;
  }

  /** A dead page waits for ever, as a real one would. */
  #alive(): Promise<void> {
    if (this.disk.crashes !== this.#crashes) return new Promise(() => {});
    if (this.#closed) return Promise.reject(new KithError('storage-unavailable'));
    return Promise.resolve();
  }
}
