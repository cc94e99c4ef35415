// Opens and deletes the database: versions, other tabs in the way, browsers that store nothing (Indexed Database API 3.0).
import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { type ErrorKind, KithError } from '../../core/errors.ts';
import { DATABASE_VERSION, migrate } from './migrations.ts';

export const DATABASE_NAME = 'kith';

/** Tabs of Kith let go of the database when they are asked; closing takes a moment to get around. */
const PATIENCE_MS = 5000;

export interface OpenedDatabase {
  readonly database: IDBPDatabase<unknown>;
  /** Why it was closed from outside: another tab brought a newer version or erased everything. undefined while all is well. */
  lost(): ErrorKind | undefined;
}

export interface OpenDatabaseOptions {
  readonly name?: string;
  /** For tests of migrations. */
  readonly version?: number;
  /** How long others get to let go before we say 'database-blocked', ms. */
  readonly patienceMs?: number;
  /** Told once when the database is closed from outside. */
  readonly onLost?: (kind: ErrorKind) => void;
}

function kindOfOpenError(error: unknown): KithError {
  if (error instanceof KithError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'VersionError') return new KithError('database-newer', {}, { cause: error });
  if (name === 'QuotaExceededError') return new KithError('disk-full', {}, { cause: error });
  return new KithError('storage-unavailable', {}, { cause: error });
}

/**
 * Opens the database and migrates it when it is older.
 * @throws KithError 'database-newer' (made by a newer Kith; nothing is touched) | 'database-blocked' (an older tab holds it) |
 * 'disk-full' | 'storage-unavailable'
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<OpenedDatabase> {
  if (typeof indexedDB === 'undefined') throw new KithError('storage-unavailable');
  const version = options.version ?? DATABASE_VERSION;
  let lost: ErrorKind | undefined;
  const lose = (kind: ErrorKind): void => {
    if (lost === undefined) options.onLost?.(kind);
    lost ??= kind;
  };
  const blocked = patience(options.patienceMs);
  const opening = openDB(options.name ?? DATABASE_NAME, version, {
    upgrade: (database, from, to, transaction) => {
      transaction.done.catch(() => {}); // the open itself is then refused
      migrate(database, from, to ?? version);
    },
    blocked: blocked.begin,
    blocking: (_current, newVersion, event) => {
      (event.target as IDBDatabase).close();
      lose(newVersion === null ? 'storage-unavailable' : 'database-newer');
    },
    terminated: () => lose('storage-unavailable'),
  });
  try {
    const database = await Promise.race([opening, blocked.over]);
    return { database, lost: () => lost };
  } catch (error) {
    // Once the other tab lets go, the open that we no longer want still succeeds.
    opening.then(
      (database) => database.close(),
      () => {},
    );
    throw kindOfOpenError(error);
  } finally {
    blocked.end();
  }
}

interface Patience {
  begin(): void;
  end(): void;
  /** Never resolves; rejects with 'database-blocked'. */
  readonly over: Promise<never>;
}

function patience(milliseconds: number = PATIENCE_MS): Patience {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refuse: (error: KithError) => void = () => {};
  const over = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  over.catch(() => {}); // nobody may be waiting any more
  const begin = (): void => {
    timer ??= setTimeout(() => refuse(new KithError('database-blocked')), milliseconds);
  };
  return { begin, end: () => clearTimeout(timer), over };
}

/** Deletes everything in the database. Tabs that hold it open let go when they are asked. @throws KithError 'database-blocked' | 'storage-unavailable' */
export async function deleteDatabase(name: string = DATABASE_NAME, patienceMs?: number): Promise<void> {
  const blocked = patience(patienceMs);
  try {
    await Promise.race([deleteDB(name, { blocked: blocked.begin }), blocked.over]);
  } catch (error) {
    throw kindOfOpenError(error);
  } finally {
    blocked.end();
  }
}
