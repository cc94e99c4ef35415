// The files that are known, their records on the disk, and what the rest of Kith is told about them.
import { fromHex, toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import { type BlobStore, type FileLayout, GROUP_BLOB_PREFIX } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Durability, Store } from '../ports/store.ts';
import {
  completeRecord,
  decodeRecord,
  encodeRecord,
  type FileRecord,
  failedRecord,
  waitingAgain,
  wantedRecord,
} from './records.ts';

export type TransferState = 'waiting' | 'transferring' | 'complete' | 'failed';

export interface TransferEvent {
  readonly contactId: string;
  /** Hex, 32 characters. */
  readonly fileId: string;
  readonly direction: 'in' | 'out';
  readonly state: TransferState;
  /** 0 … 1: on the receiver's disk, as far as this side knows. */
  readonly progress: number;
  readonly error?: ErrorKind;
  /** With `failed`: the other side ended it. */
  readonly byThem?: boolean;
}

export interface TransferCounters {
  /** Units handed to a link since start, repeated ones too. */
  unitsSent: number;
  /** Units that came from a link since start. */
  unitsReceived: number;
}

export interface TransfersOptions {
  readonly blobs: BlobStore;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: { bytes(length: number): Uint8Array };
  readonly log: Log;
  /** Largest file taken or sent, bytes. */
  readonly maxFileBytes: () => number;
  readonly onEvent: (event: TransferEvent) => void;
}

/** One file in memory. */
export interface TransferFile {
  readonly id: string;
  readonly idBytes: Uint8Array;
  record: FileRecord;
}

export const layoutOfFile = ({ record }: TransferFile): FileLayout => ({ size: record.size, units: record.units });

/** Progress is told when it has moved by this much. */
const PROGRESS_STEP = 0.01;

export class Files {
  readonly options: TransfersOptions;
  readonly counters: TransferCounters = { unitsSent: 0, unitsReceived: 0 };
  readonly #files = new Map<string, TransferFile>();
  readonly #told = new Map<string, TransferEvent>();
  #order = 0;

  constructor(options: TransfersOptions) {
    this.options = options;
  }

  /** Reads every record, and removes sealed files that no record names (a crash while sealing). In order of moving. */
  async load(): Promise<readonly TransferFile[]> {
    const { store, log } = this.options;
    for (const { key, value } of await store.list('files')) {
      try {
        this.#files.set(key, { id: key, idBytes: fromHex(key), record: decodeRecord(value) });
      } catch {
        log('warn', 'file record not understood');
      }
    }
    // A damaged record is not in the list but still stands in the table: its file stays.
    const named = (await store.count('files')) > this.#files.size ? undefined : this.#files;
    if (named) await this.#removeUnnamed(named);
    const files = [...this.#files.values()].sort((a, b) => a.record.order - b.record.order);
    this.#order = (files.at(-1)?.record.order ?? 0) + 1;
    return files;
  }

  /** Housekeeping: a file that cannot be removed now is tried again at the next start, and holds up nobody. */
  async #removeUnnamed(named: ReadonlyMap<string, unknown>): Promise<void> {
    const { blobs, log } = this.options;
    try {
      const ids = (await blobs.list()).filter((id) => !id.startsWith(GROUP_BLOB_PREFIX));
      for (const id of ids) if (!named.has(id)) await blobs.remove(id);
    } catch (error) {
      log('warn', 'sealed files not tidied', { kind: kindOf(error) });
    }
  }

  all(): TransferFile[] {
    return [...this.#files.values()];
  }

  /** `id`: hex. */
  byId(id: string): TransferFile | undefined {
    return this.#files.get(id);
  }

  get(fileId: Uint8Array, contactId?: string): TransferFile | undefined {
    const file = this.byId(toHex(fileId));
    return contactId === undefined || file?.record.contactId === contactId ? file : undefined;
  }

  /** @throws KithError 'disk-full' */
  async add(fileId: Uint8Array, record: Omit<FileRecord, 'version' | 'order' | 'state'>): Promise<TransferFile> {
    const id = toHex(fileId);
    const order = this.#files.get(id)?.record.order ?? this.#order++;
    const file = { id, idBytes: fileId.slice(), record: { version: 1, state: 'waiting', order, ...record } as const };
    await this.#put(file.id, file.record, 'strict');
    this.#files.set(id, file);
    return file;
  }

  /** Its turn comes after all that are known now. */
  async moveToEnd(file: TransferFile): Promise<void> {
    file.record = { ...file.record, order: this.#order++ };
    await this.#put(file.id, file.record, 'relaxed');
  }

  /** Waits again: at once, and for good only when that is on the disk. @throws KithError 'disk-full': all is as it was, unless `anyhow` */
  async restart(file: TransferFile, anyhow = false): Promise<void> {
    const before = file.record;
    const after = waitingAgain(before);
    file.record = after;
    try {
      await this.#put(file.id, after, 'strict');
    } catch (error) {
      if (!anyhow && file.record === after) file.record = before;
      throw error;
    }
  }

  /** The other side asks for what was tried again. */
  wanted(file: TransferFile): void {
    if (!file.record.again) return;
    file.record = wantedRecord(file.record);
    this.#put(file.id, file.record, 'relaxed').catch(() => {});
  }

  /** It is whole on our disk. False when it was ended meanwhile. @throws KithError 'disk-full' */
  async received(file: TransferFile): Promise<boolean> {
    const before = file.record;
    const record = completeRecord(before);
    await this.#put(file.id, record, 'strict');
    if (file.record !== before) return false;
    file.record = record;
    this.tell(file, 'complete', 1);
    return true;
  }

  /** It is whole on their disk; should ours be full, we ask again after a reload. */
  async delivered(file: TransferFile): Promise<void> {
    file.record = completeRecord(file.record);
    const saved = this.#put(file.id, file.record, 'strict');
    this.tell(file, 'complete', 1);
    await saved.catch(() => {});
  }

  /** What it holds of a received file goes; a sealed file of ours stays for another try. */
  async fail(file: TransferFile, error: ErrorKind, byThem: boolean): Promise<void> {
    if (file.record.state !== 'waiting') return;
    file.record = failedRecord(file.record, error, byThem);
    // A full disk: after a reload it simply waits again.
    const saved = this.#put(file.id, file.record, 'strict').catch(() => {});
    this.tell(file, 'failed', this.#told.get(file.id)?.progress ?? 0, { error, byThem });
    if (file.record.direction === 'in') await this.options.blobs.remove(file.id).catch(() => {});
    await saved;
  }

  /** For the progress shown after a reload; losing it costs nothing. */
  rememberAcked(file: TransferFile, acked: Uint8Array): void {
    file.record = { ...file.record, acked };
    this.#put(file.id, file.record, 'relaxed').catch(() => {});
  }

  async forget(file: TransferFile): Promise<void> {
    this.#files.delete(file.id);
    this.#told.delete(file.id);
    await this.options.store.commit([{ remove: 'files', key: file.id }], 'relaxed');
    await this.options.blobs.remove(file.id);
  }

  /** Passes on what is new. */
  tell(
    file: TransferFile,
    state: TransferState,
    progress: number,
    more: { error?: ErrorKind; byThem?: boolean } = {},
  ): void {
    const { contactId, direction } = file.record;
    const before = this.#told.get(file.id);
    const news = before?.state !== state || Math.abs(progress - before.progress) >= PROGRESS_STEP;
    if (!news) return;
    const event: TransferEvent = { contactId, fileId: file.id, direction, state, progress, ...more };
    this.#told.set(file.id, event);
    this.options.onEvent(event);
  }

  #put(id: string, record: FileRecord, durability: Durability): Promise<void> {
    return this.options.store.commit([{ put: 'files', key: id, value: encodeRecord(record) }], durability);
  }
}

/** @throws KithError 'file-too-large' naming the limit. */
export function checkSize(size: number, limit: number): void {
  if (size > limit) throw new KithError('file-too-large', { limit });
}
