// Key files in memory and fresh database names, for tests of the IndexedDB adapter.
import { openDB } from 'idb';
import { openDatabase } from '../../../src/adapters/indexeddb/database.ts';
import { importDataKey, plainCodec, type RecordCodec } from '../../../src/adapters/indexeddb/record-seal.ts';
import { IndexedDbStore } from '../../../src/adapters/indexeddb/store.ts';
import { openVault } from '../../../src/adapters/indexeddb/vault.ts';
import type { KeyFiles, VaultOptions } from '../../../src/adapters/indexeddb/vault-state.ts';
import { MemoryFiles } from '../../../src/adapters/memory/blob-store.ts';
import {
  beginMove,
  endMove,
  forgetKeys,
  readKeys,
  writeDataKey,
  writeLock,
  writeUnlocked,
} from '../../../src/workers/key-files.ts';
import type { StoreBench } from '../../contract/store.ts';

/** The real key files, over files in memory. */
export class MemoryKeyFiles implements KeyFiles {
  readonly calls: string[] = [];

  constructor(readonly files = new MemoryFiles()) {}

  /** undefined: none is there. */
  get key(): Uint8Array | undefined {
    const content = this.files.files.get('data-key');
    return content?.bytes.subarray(0, content.length);
  }

  read = () => this.#did('read', readKeys(this.files));
  write = (key: Uint8Array) => this.#did('write', writeDataKey(this.files, key));
  beginMove = () => this.#did('beginMove', beginMove(this.files));
  endMove = () => this.#did('endMove', endMove(this.files));
  lock = (record: Uint8Array) => this.#did('lock', writeLock(this.files, record));
  unlock = (key: Uint8Array, record: Uint8Array) => this.#did('unlock', writeUnlocked(this.files, key, record));
  destroy = () => this.#did('destroy', forgetKeys(this.files));

  #did<T>(name: string, done: Promise<T>): Promise<T> {
    this.calls.push(name);
    return done;
  }
}

/** Opens a vault without a passphrase. */
export async function openStore(options: VaultOptions): Promise<IndexedDbStore> {
  const found = await openVault(options);
  if (!(found instanceof IndexedDbStore)) throw new Error('it is locked');
  return found;
}

let databases = 0;
export const freshName = (): string => `kith-test-${++databases}`;

export const testKey = (): Promise<CryptoKey> => importDataKey(new Uint8Array(32).fill(7));

/** The adapter over whatever `indexedDB` is global. */
export function indexedDbBench(
  codec: () => Promise<RecordCodec> = async () => plainCodec(await testKey()),
): StoreBench {
  const names = new WeakMap<object, string>();
  const openAt = async (name: string) => {
    const store = new IndexedDbStore(await openDatabase({ name }), await codec());
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
