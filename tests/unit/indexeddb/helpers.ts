// A data key file in memory and fresh database names, for tests of the IndexedDB adapter.
import { openDB } from 'idb';
import { openDatabase } from '../../../src/adapters/indexeddb/database.ts';
import { importDataKey } from '../../../src/adapters/indexeddb/record-seal.ts';
import { IndexedDbStore } from '../../../src/adapters/indexeddb/store.ts';
import type { DataKeyFile } from '../../../src/adapters/indexeddb/vault.ts';
import type { StoreBench } from '../../contract/store.ts';

export class MemoryDataKeyFile implements DataKeyFile {
  key: Uint8Array<ArrayBuffer> | undefined;
  readonly calls: string[] = [];

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.calls.push('read');
    return this.key?.slice();
  }

  async write(key: Uint8Array<ArrayBuffer>): Promise<void> {
    this.calls.push('write');
    this.key = key.slice();
  }

  async destroy(): Promise<void> {
    this.calls.push('destroy');
    this.key = undefined;
  }
}

let databases = 0;
export const freshName = (): string => `kith-test-${++databases}`;

export const testKey = (): Promise<CryptoKey> => importDataKey(new Uint8Array(32).fill(7));

/** The adapter over whatever `indexedDB` is global. */
export function indexedDbBench(): StoreBench {
  const names = new WeakMap<object, string>();
  const openAt = async (name: string) => {
    const store = new IndexedDbStore(await openDatabase({ name }), await testKey());
    names.set(store, name);
    return store;
  };
  return {
    open: () => openAt(freshName()),
    reopen: (store) => {
      store.close();
      return openAt(names.get(store) ?? '');
    },
    damage: async (store, table, key) => {
      const database = await openDB(names.get(store) ?? '');
      const stored: Uint8Array = await database.get(table, key);
      stored[stored.length - 1] = (stored[stored.length - 1] ?? 0) ^ 1;
      await database.put(table, stored, key);
      database.close();
    },
  };
}
