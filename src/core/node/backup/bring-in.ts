// A backup comes in: all of it is read and proven before anything is touched, then what is here goes, then it is written. BACKUP.md,
// "Coming in", has the order and what a crash leaves at each place.
import type { BackupItem } from '../../backup/items.ts';
import { KithError } from '../../errors.ts';
import type { BlobStore, FileLayout } from '../../ports/blob-store.ts';
import { type Store, type Table, tables, type Write } from '../../ports/store.ts';
import { isLayout, layoutOf, SEALED_UNIT_BYTES } from '../../transfer/layout.ts';
import { decode } from '../../wire/cbor.ts';
import { MAX_FILE_BYTES } from '../../wire/limits.ts';
import { profileSchema, SETTINGS_KEY, settingsHere } from '../profile.ts';
import { agedRecord, newAndAsking } from './aged.ts';
import { clearOut, withoutMark } from './unfinished.ts';

/** Records written in one commit, and their bytes. */
const BATCH = 256;
const BATCH_BYTES = 1_048_576;

export interface Disk {
  readonly store: Store;
  readonly blobs: BlobStore;
}

/** What is of this device, whatever the backup holds. */
export interface Here {
  readonly now: number;
  /** Minutes until it locks by itself; 0: none chosen here. A backup of a device without a passphrase must not keep this one open. */
  readonly autoLock: number;
}

type Items = AsyncIterable<BackupItem>;

/**
 * Reads everything and believes nothing.
 * @throws KithError 'backup-damaged' | 'backup-newer' | 'backup-truncated' | 'file-unreadable'
 */
export async function checkBackup(items: Items): Promise<void> {
  const check = new Check();
  for await (const item of items) check.take(item);
  check.end();
}

const tableNames: ReadonlySet<string> = new Set(tables);

/** What a backup of this version is: see items.ts. */
class Check {
  private count = 0;
  private ended = false;
  private person = false;
  private layout: FileLayout | undefined;

  take(item: BackupItem): void {
    if (this.ended || (this.count === 0) !== (item.is === 'head')) throw new KithError('backup-damaged');
    if (item.is === 'record') this.record(item);
    if (item.is === 'file') this.layout = checkedLayout(item.size);
    if (item.is === 'units') this.units(item);
    if (item.is === 'end') {
      this.ended = true;
      if (item.items !== this.count) throw new KithError('backup-damaged');
    }
    this.count += 1;
  }

  end(): void {
    if (!this.ended || !this.person) throw new KithError('backup-damaged');
  }

  private record({ table, key, value }: Extract<BackupItem, { is: 'record' }>): void {
    if (this.layout) throw new KithError('backup-damaged');
    // A table that is not known here came with a later version.
    if (!tableNames.has(table)) throw new KithError('backup-newer');
    if (table !== 'meta' || key !== 'profile') return;
    try {
      decode(value, profileSchema);
    } catch (cause) {
      throw new KithError('backup-newer', {}, { cause });
    }
    this.person = true;
  }

  private units({ first, sealed }: Extract<BackupItem, { is: 'units' }>): void {
    const units = this.layout?.units ?? 0;
    if (first + Math.ceil(sealed.length / SEALED_UNIT_BYTES) > units) throw new KithError('backup-damaged');
  }
}

function checkedLayout(size: number): FileLayout {
  const layout = layoutOf(size);
  if (size > MAX_FILE_BYTES || !isLayout(layout)) throw new KithError('backup-damaged');
  return layout;
}

/**
 * Replaces what is on this disk. When it rejects, or the page dies, the mark is there (unfinished.ts), or nothing was touched.
 * @param items Of a backup that was checked.
 * @throws KithError 'disk-full' | 'storage-unavailable' | 'file-unreadable', and what reading throws
 */
export async function replaceEverything(disk: Disk, items: Items, here: Here): Promise<void> {
  await clearOut(disk.store, disk.blobs, 'import-unfinished');
  const writing = new Writing(disk, here);
  for await (const item of items) await writing.take(item);
  await writing.end();
}

class Writing {
  private writes: Write[] = [];
  private bytes = 0;
  private settled = false;
  private file: { readonly id: string; readonly layout: FileLayout } | undefined;
  /** Contacts with whom nothing was ever said, as far as the backup knows. */
  private readonly untalked = new Set<string>();

  constructor(
    private readonly disk: Disk,
    private readonly here: Here,
  ) {}

  async take(item: BackupItem): Promise<void> {
    switch (item.is) {
      case 'record':
        return this.record(item.table as Table, item.key, item.value);
      case 'file':
        await this.flushFile();
        this.file = { id: item.id, layout: layoutOf(item.size) };
        return;
      case 'units':
        if (this.file) await this.disk.blobs.restoreUnits(this.file.id, this.file.layout, item.first, item.sealed);
        return;
    }
  }

  /** The last commit, and the only one that is strict: a disk keeps what was written before it as well. */
  async end(): Promise<void> {
    await this.flushFile();
    for (const key of this.untalked)
      this.writes.push({ put: 'conversations', key, value: newAndAsking(this.here.now) });
    if (!this.settled && this.here.autoLock !== 0) this.writes.push(settingsHere(undefined, this.here.autoLock));
    this.writes.push(withoutMark);
    await this.commit('strict');
  }

  private async record(table: Table, key: string, value: Uint8Array): Promise<void> {
    const aged = agedRecord(table, key, value, this.here.now);
    if (aged === undefined) return;
    if (table === 'meta' && key === SETTINGS_KEY && this.here.autoLock !== 0) {
      this.settled = true;
      this.writes.push(settingsHere(aged, this.here.autoLock));
      return;
    }
    if (table === 'contacts') this.untalked.add(key);
    if (table === 'conversations') this.untalked.delete(key);
    this.writes.push({ put: table, key, value: aged });
    this.bytes += aged.length;
    if (this.writes.length >= BATCH || this.bytes >= BATCH_BYTES) await this.commit('relaxed');
  }

  private async commit(durability: 'strict' | 'relaxed'): Promise<void> {
    const { writes } = this;
    this.writes = [];
    this.bytes = 0;
    await this.disk.store.commit(writes, durability);
  }

  private async flushFile(): Promise<void> {
    if (this.file) await this.disk.blobs.flush(this.file.id, this.file.layout);
    this.file = undefined;
  }
}
