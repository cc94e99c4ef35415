// What a conversation wrote last, kept to save reading it back: a message is stored, handed over and acknowledged within moments,
// and each of these looks at it again. Everything that changes these records goes through the ledger, so nothing here is stale.
import type { Table, Write } from '../ports/store.ts';

/** A hundred short messages, or the last long one. */
const MAX_BYTES = 65_536;

const nameOf = (table: Table, key: string): string => `${table}/${key}`;

export class RecentRecords {
  private readonly values = new Map<string, Uint8Array>();
  private bytes = 0;

  get(table: Table, key: string): Uint8Array | undefined {
    return this.values.get(nameOf(table, key));
  }

  /** These writes are on the disk. */
  committed(writes: readonly Write[]): void {
    for (const write of writes) {
      if ('put' in write) this.keep(nameOf(write.put, write.key), write.value);
      else if ('remove' in write) this.drop(nameOf(write.remove, write.key));
      else this.dropAll(nameOf(write.clear, write.prefix));
    }
    for (const name of this.values.keys()) {
      if (this.bytes <= MAX_BYTES) return;
      this.drop(name);
    }
  }

  private keep(name: string, value: Uint8Array): void {
    this.drop(name);
    this.values.set(name, value);
    this.bytes += value.length;
  }

  private drop(name: string): void {
    this.bytes -= this.values.get(name)?.length ?? 0;
    this.values.delete(name);
  }

  private dropAll(prefix: string): void {
    for (const name of [...this.values.keys()]) if (name.startsWith(prefix)) this.drop(name);
  }
}
