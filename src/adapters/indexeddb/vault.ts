// Everything Kith keeps in records, opened: the database and the data key that seals it. The key lies outside of IndexedDB,
// whose files keep deleted bytes; it is on the disk before the first record is.
import { type ErrorKind, KithError } from '../../core/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import { DATABASE_NAME, deleteDatabase, openDatabase } from './database.ts';
import { DATA_KEY_BYTES, importDataKey } from './record-seal.ts';
import { IndexedDbStore } from './store.ts';

/** Where the data key lies (adapters/opfs). All three throw KithError 'storage-unavailable'. */
export interface DataKeyFile {
  /** undefined when there is no whole key. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Stores the key and resolves once it is flushed to the disk. Overwrites what is there. */
  write(key: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Overwrites the key in place, then removes it and every file stored beside it. */
  destroy(): Promise<void>;
}

export interface VaultOptions {
  readonly dataKeyFile: DataKeyFile;
  readonly name?: string;
  /** Another tab brought a newer version ('database-newer') or erased everything ('storage-unavailable'). */
  readonly onLost?: (kind: ErrorKind) => void;
}

/**
 * Opens the store, making the data key at the very first start.
 * @throws KithError 'data-key-missing' (there are records and no key: nothing is deleted) | 'database-newer' | 'database-blocked' |
 * 'disk-full' | 'storage-unavailable' (a private window, or a browser that stores nothing)
 */
export async function openVault(options: VaultOptions): Promise<Store> {
  const opened = await openDatabase(options);
  try {
    const found = await options.dataKeyFile.read();
    if (found?.length === DATA_KEY_BYTES) return new IndexedDbStore(opened, await importDataKey(found));
    for (const table of opened.database.objectStoreNames)
      if ((await opened.database.count(table)) > 0) throw new KithError('data-key-missing');
    const fresh = crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));
    await options.dataKeyFile.write(fresh);
    return new IndexedDbStore(opened, await importDataKey(fresh));
  } catch (error) {
    opened.database.close();
    throw error instanceof KithError ? error : new KithError('storage-unavailable', {}, { cause: error });
  }
}

/**
 * Starting over, after the person confirmed: the key first (which makes the rest unreadable), then files and records.
 * Close the store before. May be called again when it failed half-way.
 */
export async function destroyEverything(options: Pick<VaultOptions, 'dataKeyFile' | 'name'>): Promise<void> {
  await options.dataKeyFile.destroy();
  await deleteDatabase(options.name ?? DATABASE_NAME);
}
