// Everything Kith keeps in records, opened: the database and the key that seals it. Keys lie outside of IndexedDB, whose files keep
// deleted bytes; the data key is on the disk before the first record is. What a passphrase changes: protection.ts, core/vault/VAULT.md.
import { KithError } from '../../core/errors.ts';
import { type OpenedDatabase, openDatabase } from './database.ts';
import { DATA_KEY_BYTES, importDataKey, plainCodec } from './record-seal.ts';
import { IndexedDbStore } from './store.ts';
import { type LockedVault, mustBeEmpty, type VaultOptions } from './vault-state.ts';

/**
 * Opens the store, making the data key at the very first start.
 * @throws KithError 'data-key-missing' (there are records and no key: nothing is deleted) | 'lock-damaged' (the same, of a lock record) |
 * 'database-newer' | 'database-blocked' | 'disk-full' | 'storage-unavailable' (a private window, or a browser that stores nothing)
 */
export async function openVault(options: VaultOptions): Promise<IndexedDbStore | LockedVault> {
  const { keyFiles, name } = options;
  let opened: OpenedDatabase | undefined;
  try {
    const found = await keyFiles.read();
    if (found.state === 'damaged') throw new KithError('lock-damaged');
    if ('unfinished' in found && found.unfinished)
      await (await import('./leftovers.ts')).finishMove(options, found.state).catch(() => undefined);
    if (found.state === 'locked') return found;
    opened = await openDatabase(options);
    const key = found.state === 'open' ? found.key : crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));
    if (found.state === 'none') {
      await mustBeEmpty(opened);
      await (await import('./leftovers.ts')).nothingLocked(name);
      await keyFiles.write(key);
    }
    return new IndexedDbStore(opened, plainCodec(await importDataKey(key)));
  } catch (error) {
    opened?.database.close();
    throw error instanceof KithError ? error : new KithError('storage-unavailable', {}, { cause: error });
  }
}
