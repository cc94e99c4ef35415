// What lies on a device: records and files that outlive its pages. Every commit is shown to whoever watches, at once; copies of all of it can
// be kept and put back, as a person does who restores an older one.
import { MemoryFiles } from '../../src/adapters/memory/blob-store.ts';
import { MemoryDisk, MemoryStore } from '../../src/adapters/memory/store.ts';
import { KithError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Durability, Range, Store, StoredRecord, Table, Write } from '../../src/core/ports/store.ts';
import type { Page, Unflushed } from './page.ts';

type Tables = Map<Table, Map<string, Uint8Array>>;

/** All of a device at one moment. */
export interface Copy {
  readonly tables: Tables;
  readonly damaged: readonly string[];
  readonly files: readonly (readonly [string, Uint8Array])[];
}

const copyOf = (tables: Tables): Tables => new Map([...tables].map(([table, rows]) => [table, new Map(rows)]));

export class Disk extends MemoryDisk {
  readonly files = new MemoryFiles();
  readonly unflushed: Unflushed[] = [];
  /** No room for anything. */
  isFull = false;
  /** Told of every commit once it is seen, and again once it survives a crash. */
  watch: (writes: readonly Write[], survives: boolean) => void = () => {};
  /** Told of every commit that finds no room. */
  hadNoRoom: (writes: readonly Write[]) => void = () => {};
  /** Told of every file that finds no room. */
  fileHadNoRoom: (name: string) => void = () => {};
  #unsafe: Write[] = [];

  override commit(writes: readonly Write[], durability: Durability): void {
    super.commit(writes, durability);
    this.watch(writes, false);
    this.#unsafe.push(...writes);
    if (durability === 'relaxed') return;
    this.watch(this.#unsafe, true);
    this.#unsafe = [];
  }

  setFull(full: boolean): void {
    this.isFull = full;
    this.files.room = full ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Everything that was not flushed may be gone, or half there. */
  losePower(random: Random): void {
    this.crash();
    this.#unsafe = [];
    this.files.crash();
    for (const { name, at, before } of this.unflushed.splice(0).reverse()) {
      const content = this.files.files.get(name);
      const kept = Math.floor(3 * random.fraction()) / 2;
      if (!content || kept === 1) continue;
      const from = Math.floor(before.length * kept);
      const lost = before.subarray(from, Math.max(from, content.length - at));
      content.bytes.set(lost.subarray(0, Math.max(0, content.bytes.length - at - from)), at + from);
    }
  }

  /** The browser was killed: the computer goes on and writes what it was given. */
  loseBrowser(): void {
    for (const [table, rows] of copyOf(this.written)) this.durable.set(table, rows);
    this.crash();
    this.watch(this.#unsafe, true);
    this.#unsafe = [];
    this.files.crash();
    this.unflushed.splice(0);
  }

  copy(): Copy {
    const files = [...this.files.files].map(([name, { bytes, length }]) => [name, bytes.slice(0, length)] as const);
    return { tables: copyOf(this.durable), damaged: [...this.damaged], files };
  }

  /** To be called while no page is open. */
  putBack({ tables, damaged, files }: Copy): void {
    this.durable = copyOf(tables);
    this.crash();
    this.#unsafe = [];
    this.damaged.clear();
    for (const place of damaged) this.damaged.add(place);
    this.files.files.clear();
    for (const [name, bytes] of files) this.files.files.set(name, { bytes: bytes.slice(), length: bytes.length });
    this.files.crash();
    this.unflushed.splice(0);
  }
}

/** What may happen to a page at its next commits. */
export interface PageDisk {
  /** A commit takes so long, milliseconds. */
  readonly commitMs: () => number;
  /** Called around every commit; a page that dies in it has not, or has just, committed. */
  readonly boundary: (side: 'before' | 'after') => void;
  /** One more, or one less, waits for the disk. */
  readonly asked: (change: 1 | -1) => void;
}

/** The disk as a page has it: commits happen in order and take time, reads see what was committed before they were asked for. */
export class PageStore implements Store {
  readonly #store: MemoryStore;
  #commits: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly page: Page,
    private readonly disk: Disk,
    private readonly faults: PageDisk,
  ) {
    this.#store = new MemoryStore(disk);
  }

  get(table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.#after(() => this.#store.get(table, key));
  }

  list(table: Table, range?: Range): Promise<StoredRecord[]> {
    return this.#after(() => this.#store.list(table, range));
  }

  count(table: Table, range?: Range): Promise<number> {
    return this.#after(() => this.#store.count(table, range));
  }

  commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const frozen = writes.map((write) => ('put' in write ? { ...write, value: write.value.slice() } : write));
    return this.#after(() => this.#commit(frozen, durability));
  }

  onDamaged(handler: (table: Table, key: string) => void): void {
    this.#store.onDamaged(handler);
  }

  close(): void {
    this.#store.close();
  }

  async #commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const wait = this.faults.commitMs();
    if (wait > 0) await new Promise<void>((done) => this.page.clock.after(wait, done));
    this.faults.boundary('before');
    if (this.page.state === 'dead') return new Promise(() => {});
    if (this.disk.isFull && writes.some((write) => 'put' in write)) {
      this.disk.hadNoRoom(writes);
      throw new KithError('disk-full');
    }
    await this.#store.commit(writes, durability);
    this.faults.boundary('after');
  }

  /** In the order of the calls; never, for a page that is dead by then. */
  #after<T>(work: () => Promise<T>): Promise<T> {
    const alive = () => (this.page.state === 'dead' ? new Promise<T>(() => {}) : work());
    const done = this.#commits.then(alive);
    this.faults.asked(1);
    this.#commits = done.then(
      () => this.faults.asked(-1),
      () => this.faults.asked(-1),
    );
    return this.page.hear(done);
  }
}
