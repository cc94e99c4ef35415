// Files as sealed units on disk. The units are sealed under the file's own key before they get here or while they are read
// from the source; the same sealed bytes are stored, sent and stored again at the other side (transfer/TRANSFER.md).

/** Names of sealed files that belong to groups begin with this; those between two are hexadecimal digits. */
export const GROUP_BLOB_PREFIX = 'g-';

/** Size of a file and its units. */
export interface FileLayout {
  /** Plain bytes, 0 … maxFileBytes. */
  readonly size: number;
  /** Number of units: ceil(size / 65,536), at least 1 (an empty file has one empty unit). */
  readonly units: number;
}

export interface SealedFile {
  readonly layout: FileLayout;
  /** SHA-256 of the plain bytes, 32 bytes. */
  readonly sha256: Uint8Array;
}

export interface BlobStore {
  /**
   * Reads `source` once, seals each 64 KiB unit under `key` (32 bytes) and stores it. Holds the file in memory once at most.
   * @throws KithError 'file-changed' | 'file-unreadable' | 'disk-full' | 'file-cancelled' (signal aborted)
   */
  seal(
    id: string,
    source: Blob,
    key: Uint8Array,
    options?: { onProgress?: (fraction: number) => void; signal?: AbortSignal },
  ): Promise<SealedFile>;
  /** The sealed bytes of one stored unit. @throws KithError 'record-damaged' */
  readUnit(id: string, layout: FileLayout, index: number): Promise<Uint8Array>;
  /**
   * Authenticates received units under `key`, `first` and those that follow it one after another in `sealed`, and stores them.
   * Idempotent. Resolves to the indices of those that do not open. `sealed` is given away with its buffer when it
   * has that to itself: nothing else is in it, or, beside a unit and more, at most 1 KiB.
   * @throws KithError 'disk-full'
   */
  writeUnits(id: string, layout: FileLayout, key: Uint8Array, first: number, sealed: Uint8Array): Promise<number[]>;
  /** Which units are stored: ceil(units / 8) bytes, least significant bit first. All zero for an unknown id. */
  stored(id: string, layout: FileLayout): Promise<Uint8Array>;
  /** When every unit is stored: flushes to disk and returns SHA-256 of the plain bytes. Units that do not open are dropped from `stored`. @throws KithError 'file-corrupt-unit' */
  finish(id: string, layout: FileLayout, key: Uint8Array): Promise<Uint8Array>;
  /** The plain file. `type` becomes the Blob's type. @throws KithError 'record-damaged' */
  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Promise<Blob>;
  remove(id: string): Promise<void>;
  /** Ids of everything stored, to find what no record names any more. */
  list(): Promise<string[]>;
  /** How what is stored under this id was cut; undefined when there is nothing, or nothing that can be read. */
  layout(id: string): Promise<FileLayout | undefined>;
  /**
   * Stores units as they come out of a backup, which has authenticated them, `first` and those behind it: they are not opened.
   * @throws KithError 'backup-damaged' when they are not such units | 'disk-full'
   */
  restoreUnits(id: string, layout: FileLayout, first: number, sealed: Uint8Array): Promise<void>;
  /** Resolves once everything written under this id is on the disk. */
  flush(id: string, layout: FileLayout): Promise<void>;
}
