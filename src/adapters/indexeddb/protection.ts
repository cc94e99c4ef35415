// What a passphrase changes: unlocking, setting one, changing it, taking it away, and starting over. Loaded when one of these is wanted.
// The steps and what a crash between them leaves: core/vault/VAULT.md.
import type { Bytes } from '../../core/bytes/bytes.ts';
import { KithError } from '../../core/errors.ts';
import type { KeyDeriver } from '../../core/ports/key-deriver.ts';
import type { Random } from '../../core/ports/random.ts';
import type { Vault } from '../../core/ports/vault.ts';
import {
  decodeLockRecord,
  type LockRecord,
  removedRecord,
  unwrapDataKey,
  wrapDataKey,
} from '../../core/vault/lock-record.ts';
import { copyRecords } from './copy-records.ts';
import { DATABASE_NAME, deleteDatabase, openDatabase } from './database.ts';
import { finishMove } from './leftovers.ts';
import { lockedCodec } from './locked-codec.ts';
import { DATA_KEY_BYTES, importDataKey, plainCodec, type RecordCodec } from './record-seal.ts';
import { IndexedDbStore, type Place } from './store.ts';
import { type LockedVault, lockedName, type VaultOptions } from './vault-state.ts';

export interface ProtectionOptions extends VaultOptions {
  readonly derive: KeyDeriver;
  readonly random: Random;
}

async function recordOf({ record }: LockedVault): Promise<LockRecord> {
  const decoded = await decodeLockRecord(record);
  if (!decoded) throw new KithError('lock-damaged');
  return decoded;
}

/** @throws KithError 'passphrase-empty' | 'passphrase-wrong' | 'lock-damaged', and as `openVault` */
export async function unlockVault(
  options: ProtectionOptions,
  locked: LockedVault,
  passphrase: string,
): Promise<IndexedDbStore> {
  const dataKey = await unwrapDataKey(options.derive, passphrase, await recordOf(locked));
  const codec = await lockedCodec(dataKey).finally(() => dataKey.fill(0));
  return new IndexedDbStore(await openDatabase({ ...options, name: lockedName(options.name) }), codec);
}

/**
 * Starting over, after the person confirmed: the keys first (which makes the rest unreadable), then files and records.
 * Close the store before. May be called again when it failed half-way.
 */
export async function destroyEverything({ keyFiles, name }: Pick<VaultOptions, 'keyFiles' | 'name'>): Promise<void> {
  await keyFiles.destroy();
  await deleteDatabase(name ?? DATABASE_NAME);
  await deleteDatabase(lockedName(name));
}

/** The vault of a store that is open. */
export class StoredVault implements Vault {
  readonly #options: ProtectionOptions;
  readonly #store: IndexedDbStore;
  #record: Bytes | undefined;

  /** @param record What the passphrase opened; left out: there is none. */
  constructor(options: ProtectionOptions, store: IndexedDbStore, record?: Bytes) {
    this.#options = options;
    this.#store = store;
    this.#record = record;
  }

  get isProtected(): boolean {
    return this.#record !== undefined;
  }

  async setPassphrase(passphrase: string): Promise<void> {
    if (this.#record) throw new KithError('internal');
    const dataKey = this.#options.random.bytes(DATA_KEY_BYTES);
    try {
      const record = await wrapDataKey(this.#options, passphrase, dataKey, 1);
      const codec = await lockedCodec(dataKey);
      await this.#move(lockedName(this.#options.name), codec, 'locked', () => this.#options.keyFiles.lock(record));
      this.#record = record;
    } finally {
      dataKey.fill(0);
    }
  }

  async changePassphrase(current: string, next: string): Promise<void> {
    const { derive, keyFiles } = this.#options;
    const before = await this.#locked();
    const dataKey = await unwrapDataKey(derive, current, before);
    const record = await wrapDataKey(this.#options, next, dataKey, before.sequence + 1).finally(() => dataKey.fill(0));
    await keyFiles.lock(record).catch((error) => this.#unlessDone(error, record));
    this.#record = record;
  }

  async removePassphrase(): Promise<void> {
    const { keyFiles, name, random } = this.#options;
    const { sequence } = await this.#locked();
    const dataKey = random.bytes(DATA_KEY_BYTES);
    try {
      const codec = plainCodec(await importDataKey(dataKey));
      const removed = await removedRecord(sequence + 1);
      await this.#move(name ?? DATABASE_NAME, codec, 'open', () => keyFiles.unlock(dataKey, removed));
      this.#record = undefined;
    } finally {
      dataKey.fill(0);
    }
  }

  #locked(): Promise<LockRecord> {
    if (!this.#record) throw new KithError('internal');
    return recordOf({ record: this.#record });
  }

  /** Copies everything to the database `name`, makes that the one that counts by `commit`, and deletes the other. */
  async #move(name: string, codec: RecordCodec, goal: 'locked' | 'open', commit: () => Promise<void>): Promise<void> {
    const { keyFiles, onLost } = this.#options;
    await this.#store
      .moveTo(async (from) => {
        await keyFiles.beginMove();
        let to: Place | undefined;
        try {
          await deleteDatabase(name);
          to = { opened: await openDatabase({ name, ...(onLost && { onLost }) }), codec };
          await copyRecords(from, to, () => this.#mayGoOn());
          this.#mayGoOn();
          await commit().catch((error) => this.#unlessState(goal, error));
          return to;
        } catch (error) {
          to?.opened.database.close();
          throw error;
        }
      })
      .catch(async (error) => {
        // As before; what was made of the other place goes, at the next start if not now.
        if (!this.#store.closed)
          await finishMove(this.#options, goal === 'open' ? 'locked' : 'open').catch(() => undefined);
        throw error;
      });
    await finishMove(this.#options, goal).catch(() => undefined);
  }

  /** The person erases everything, or the page locks, while it goes on. */
  #mayGoOn(): void {
    if (this.#store.closed) throw new KithError('storage-unavailable');
  }

  /**
   * Writing the record failed somewhere: what lies on the disk decides whether it counts. When not even that can be told, nothing may be
   * written to either place any more.
   */
  async #unlessState(goal: 'locked' | 'open', error: unknown): Promise<void> {
    const { state } = await this.#truth();
    if (state !== goal) throw error;
  }

  async #unlessDone(error: unknown, record: Bytes): Promise<void> {
    const found = await this.#truth();
    if (found.state !== 'locked' || found.record.some((byte, at) => byte !== record[at])) throw error;
  }

  async #truth() {
    try {
      return await this.#options.keyFiles.read();
    } catch (error) {
      this.#store.close();
      this.#options.onLost?.('storage-unavailable');
      throw error;
    }
  }
}
