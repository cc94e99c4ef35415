// The database's versions, oldest first. A version that was once released is never edited: a change is a new entry.
// Migrations run inside the upgrade transaction, which cannot wait for WebCrypto: they make and remove object stores and copy
// sealed values as they are. What changes a record's content (or its place, which is authenticated) is the owning room's work
// after opening: it reads the old format and writes the new one.
import type { IDBPDatabase } from 'idb';

export interface Migration {
  readonly version: number;
  upgrade(database: IDBPDatabase<unknown>): void;
}

const make = (database: IDBPDatabase<unknown>, names: readonly string[]): void => {
  for (const name of names) database.createObjectStore(name);
};

export const migrations: readonly Migration[] = [
  {
    version: 1,
    upgrade: (database) =>
      make(database, ['meta', 'contacts', 'invitations', 'attempts', 'messages', 'message-keys', 'files']),
  },
  // The outbox and each conversation's counters became tables of their own (a start no longer reads every message to find
  // what is queued and unread), and drafts came.
  { version: 2, upgrade: (database) => make(database, ['conversations', 'outbox', 'drafts']) },
  // Contacts who introduce one another.
  { version: 3, upgrade: (database) => make(database, ['introductions']) },
  // Groups.
  {
    version: 4,
    upgrade: (database) => make(database, ['groups', 'group-operations', 'group-messages', 'group-state']),
  },
];

export const DATABASE_VERSION = 4;

/** Runs what lies between the two versions. */
export function migrate(database: IDBPDatabase<unknown>, from: number, to: number): void {
  for (const migration of migrations)
    if (migration.version > from && migration.version <= to) migration.upgrade(database);
}
