// Databases that do not count: what an interrupted change of the passphrase left, and what has lost its key.
import { DATABASE_NAME, deleteDatabase, openDatabase } from './database.ts';
import { lockedName, mustBeEmpty, type VaultOptions } from './vault-state.ts';

/** A move was interrupted: what lies at the place that does not count is of no use to anybody. */
export async function finishMove({ keyFiles, name }: VaultOptions, state: 'open' | 'locked'): Promise<void> {
  await deleteDatabase(state === 'open' ? lockedName(name) : (name ?? DATABASE_NAME));
  await keyFiles.endMove();
}

/** No key and no lock record: there may be records that needed one. @throws KithError 'data-key-missing' */
export async function nothingLocked(name?: string): Promise<void> {
  const known = await indexedDB.databases?.().catch(() => undefined);
  if (known && !known.some((database) => database.name === lockedName(name))) return;
  const opened = await openDatabase({ name: lockedName(name) });
  try {
    await mustBeEmpty(opened);
  } finally {
    opened.database.close();
  }
  await deleteDatabase(lockedName(name));
}
