// The store as the rooms of a node have it, with a gate in front of what they write: held while a backup reads records that belong
// together, shut for good when everything is replaced under them.
import { KithError } from '../errors.ts';
import type { Durability, Range, Store, StoredRecord, Table, Write } from '../ports/store.ts';

export class StoreGate implements Store {
  /** What is to be written once the gate opens, in order; undefined while it is open. */
  private waiting: (() => void)[] | undefined;
  private readonly underWay = new Set<Promise<void>>();
  private shut = false;

  constructor(private readonly store: Store) {}

  /** Resolves when nothing is being written; what is to be written waits from now on, until the function it gives is called. */
  async hold(): Promise<() => void> {
    if (this.waiting) throw new KithError('backup-busy');
    this.waiting = [];
    await Promise.allSettled(this.underWay);
    return () => {
      const waiting = this.waiting?.splice(0) ?? [];
      this.waiting = undefined;
      for (const write of waiting) write();
    };
  }

  /** Nothing more is written by anybody who has this store. Resolves when what had begun has ended. */
  async shutForGood(): Promise<void> {
    this.shut = true;
    await Promise.allSettled(this.underWay);
  }

  commit(writes: readonly Write[], durability: Durability): Promise<void> {
    const { waiting } = this;
    if (waiting === undefined) return this.write(writes, durability);
    // As behind an open gate: whoever calls may change the bytes at once.
    const frozen = writes.map((write) => ('put' in write ? { ...write, value: write.value.slice() } : write));
    return new Promise((resolve, reject) => {
      waiting.push(() => this.write(frozen, durability).then(resolve, reject));
    });
  }

  private write(writes: readonly Write[], durability: Durability): Promise<void> {
    if (this.shut) return Promise.reject(new KithError('storage-unavailable'));
    const written = this.store.commit(writes, durability);
    const ended = written.then(
      () => {},
      () => {},
    );
    this.underWay.add(ended);
    void ended.then(() => this.underWay.delete(ended));
    return written;
  }

  get(table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.store.get(table, key);
  }

  list(table: Table, range?: Range): Promise<StoredRecord[]> {
    return this.store.list(table, range);
  }

  count(table: Table, range?: Pick<Range, 'prefix' | 'after' | 'before'>): Promise<number> {
    return this.store.count(table, range);
  }

  onDamaged(handler: (table: Table, key: string) => void): void {
    this.store.onDamaged(handler);
  }

  close(): void {
    this.store.close();
  }
}
