// What the vault's two halves share: where the keys lie, and what they say (workers/key-files.ts, core/vault/VAULT.md).
import type { Bytes } from '../../core/bytes/bytes.ts';
import { type ErrorKind, KithError } from '../../core/errors.ts';
import { DATABASE_NAME, type OpenedDatabase } from './database.ts';

/** As workers/key-files.ts says. */
export type KeyState =
  | { readonly state: 'none' | 'damaged' }
  | { readonly state: 'open'; readonly key: Bytes; readonly unfinished: boolean }
  | { readonly state: 'locked'; readonly record: Bytes; readonly unfinished: boolean };

/** Where the keys lie (adapters/opfs). All throw KithError 'disk-full' or 'storage-unavailable'. */
export interface KeyFiles {
  read(): Promise<KeyState>;
  /** Stores the data key and resolves once it is flushed to the disk. */
  write(key: Bytes): Promise<void>;
  beginMove(): Promise<void>;
  endMove(): Promise<void>;
  /** From now on this lock record opens the data. */
  lock(record: Bytes): Promise<void>;
  /** From now on this data key opens the data. */
  unlock(key: Bytes, record: Bytes): Promise<void>;
  /** Overwrites the keys in place, then removes them and every file stored beside them. */
  destroy(): Promise<void>;
}

export interface VaultOptions {
  readonly keyFiles: KeyFiles;
  readonly name?: string;
  /** Another tab brought a newer version ('database-newer') or erased everything ('storage-unavailable'). */
  readonly onLost?: (kind: ErrorKind) => void;
}

/** A passphrase is needed: protection.ts takes it. */
export interface LockedVault {
  readonly record: Bytes;
}

/** Where the records lie while there is a passphrase. */
export const lockedName = (name = DATABASE_NAME): string => `${name}-locked`;

/** @throws KithError 'data-key-missing' */
export async function mustBeEmpty({ database }: OpenedDatabase): Promise<void> {
  for (const table of database.objectStoreNames)
    if ((await database.count(table)) > 0) throw new KithError('data-key-missing');
}
