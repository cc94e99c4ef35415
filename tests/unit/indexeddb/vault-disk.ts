// A disk that outlives its pages, with records that hold something of everything.
import { openDB } from 'idb';
import { type ProtectionOptions, StoredVault, unlockVault } from '../../../src/adapters/indexeddb/protection.ts';
import { IndexedDbStore } from '../../../src/adapters/indexeddb/store.ts';
import { openVault } from '../../../src/adapters/indexeddb/vault.ts';
import { lockedName } from '../../../src/adapters/indexeddb/vault-state.ts';
import { MemoryFiles } from '../../../src/adapters/memory/blob-store.ts';
import { tables, type Write } from '../../../src/core/ports/store.ts';
import { quickWrapping } from '../../fixtures/quick-key.ts';
import { freshName, MemoryKeyFiles } from './helpers.ts';

export const PASSPHRASE = 'correct horse battery staple';
export const OTHER = 'another passphrase';
export const fingerprint = 'ab'.repeat(32);
export const id = '0123456789abcdef0123456789abcdef';

export const text = (words: string) => new TextEncoder().encode(words);
export const writes: readonly Write[] = [
  { put: 'meta', key: 'profile', value: text('canary profile') },
  { put: 'contacts', key: id, value: text('canary contact') },
  ...Array.from({ length: 450 }, (_, i): Write => {
    const key = `${id}/${String(i).padStart(12, '0')}`;
    return { put: 'messages', key, value: text(`canary message ${i}`) };
  }),
  { put: 'group-state', key: `${id}/receipt/${fingerprint}`, value: text('canary receipt') },
  { put: 'group-state', key: `${id}/keys`, value: text('canary keys') },
];

/** Everything a store holds, by table and key. */
export async function contents(store: IndexedDbStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const table of tables)
    for (const { key, value } of await store.list(table)) found.set(`${table} ${key}`, new TextDecoder().decode(value));
  return found;
}

export const expected = new Map(
  writes.map((write) => {
    if (!('put' in write)) throw new Error('only puts');
    return [`${write.put} ${write.key}`, new TextDecoder().decode(write.value)];
  }),
);

export const sorted = (entries: Map<string, string>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Raw keys and values of a database, as they lie on the disk. */
export async function raw(name: string): Promise<{ table: string; key: string; value: Uint8Array }[]> {
  const database = await openDB(name);
  const all: { table: string; key: string; value: Uint8Array }[] = [];
  for (const table of database.objectStoreNames)
    for (const key of await database.getAllKeys(table))
      all.push({ table, key: String(key), value: await database.get(table, key) });
  database.close();
  return all;
}

export class Disk {
  readonly name = freshName();
  readonly files = new MemoryFiles();

  options(keyFiles = new MemoryKeyFiles(this.files)): ProtectionOptions {
    return { keyFiles, name: this.name, ...quickWrapping };
  }

  async filled(holding: readonly Write[] = writes): Promise<{ store: IndexedDbStore; vault: StoredVault }> {
    const opened = await this.open();
    await opened.store.commit(holding, 'strict');
    return opened;
  }

  /** As a new page does. @param passphrase For when it is locked. */
  async open(passphrase = PASSPHRASE): Promise<{ store: IndexedDbStore; vault: StoredVault; wasLocked: boolean }> {
    this.files.crash();
    const options = this.options();
    const found = await openVault(options);
    if (found instanceof IndexedDbStore)
      return { store: found, vault: new StoredVault(options, found), wasLocked: false };
    const store = await unlockVault(options, found, passphrase);
    return { store, vault: new StoredVault(options, store, found.record), wasLocked: true };
  }

  async databases(): Promise<string[]> {
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
    return names.filter((name) => name === this.name || name === lockedName(this.name)).sort();
  }
}
