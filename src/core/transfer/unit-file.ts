// One file of sealed units on disk: header, one flag byte for each unit, then a fixed slot for each unit.
//   header  "kith" || format version (4 bytes, big-endian) || plain size (8)      16 bytes
//   flags   01 = the unit is stored, 00 = look at its slot                         `units` bytes
//   slots   65,536 + 16 bytes each; the last may be shorter
// Storing a unit is a single write. Flags are written when the file is closed; after a crash a unit whose flag is missing counts
// when its slot ends in something else than 16 zeros (a tag is written last, and is all zeros once in 2^128). Losing power may
// leave slots half written: units that no longer open are dropped when the whole file is read again (UnitStore.finish).
import { emptyBitmap, markUnit } from '../bytes/bitmap.ts';
import { concat, equalBytes, joined } from '../bytes/bytes.ts';
import { bigIntFromBytes, uint32be, uint64be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { KithError } from '../errors.ts';
import type { FileLayout } from '../ports/blob-store.ts';
import { MAX_FILE_BYTES } from '../wire/limits.ts';
import { layoutOf, SEALED_UNIT_BYTES, sealedLength, UNIT_TAG_BYTES } from './layout.ts';

/** A file with random access, as OPFS gives it to workers (File System Standard, FileSystemSyncAccessHandle). */
export interface RandomAccessFile {
  size(): number;
  /** How many bytes there were to read. */
  read(into: Uint8Array, at: number): number;
  /** Grows the file as needed. @throws DOMException QuotaExceededError */
  write(bytes: Uint8Array, at: number): number;
  truncate(size: number): void;
  /** Returns once everything written is on the disk. */
  flush(): void;
  close(): void;
}

/** A flat directory of such files. */
export interface FileDirectory {
  /** undefined when there is none and `create` is false. Waits while another page holds the file. */
  open(name: string, create: boolean): Promise<RandomAccessFile | undefined>;
  /** Removing what is not there is fine. */
  remove(name: string): Promise<void>;
  list(): Promise<string[]>;
}

const HEADER_BYTES = 16;
const NO_TAG = new Uint8Array(UNIT_TAG_BYTES);
const FORMAT_VERSION = 1;

const headerOf = ({ size }: FileLayout): Uint8Array =>
  concat(utf8('kith'), uint32be(FORMAT_VERSION), uint64be(BigInt(size)));

/** Maps what a file system throws. */
export function fileError(error: unknown): KithError {
  if (error instanceof KithError) return error;
  const full = error instanceof Error && error.name === 'QuotaExceededError';
  return new KithError(full ? 'disk-full' : 'storage-unavailable', {}, { cause: error });
}

export class UnitFile {
  readonly layout: FileLayout;
  readonly #file: RandomAccessFile;
  readonly #flags: Uint8Array<ArrayBuffer>;
  /** Flags on the disk are behind. */
  #dirty = false;

  private constructor(file: RandomAccessFile, layout: FileLayout, flags: Uint8Array<ArrayBuffer>) {
    this.#file = file;
    this.layout = layout;
    this.#flags = flags;
  }

  /** What the header says; undefined when it is none of ours. */
  static layoutIn(file: RandomAccessFile): FileLayout | undefined {
    const header = new Uint8Array(HEADER_BYTES);
    if (file.read(header, 0) !== HEADER_BYTES) return undefined;
    const layout = layoutOf(Number(bigIntFromBytes(header.subarray(8))));
    return layout.size <= MAX_FILE_BYTES && equalBytes(header, headerOf(layout)) ? layout : undefined;
  }

  /** What is stored of this layout; undefined when the file holds something else. */
  static existing(file: RandomAccessFile, layout: FileLayout): UnitFile | undefined {
    const header = new Uint8Array(HEADER_BYTES);
    const flags = new Uint8Array(layout.units);
    if (file.read(header, 0) !== HEADER_BYTES || !equalBytes(header, headerOf(layout))) return undefined;
    if (file.read(flags, HEADER_BYTES) !== layout.units) return undefined;
    const unitFile = new UnitFile(file, layout, flags);
    unitFile.#findUnflagged();
    return unitFile;
  }

  /** Empties the file. @throws KithError 'disk-full' */
  static fresh(file: RandomAccessFile, layout: FileLayout): UnitFile {
    const unitFile = new UnitFile(file, layout, new Uint8Array(layout.units));
    file.truncate(0);
    unitFile.#write(concat(headerOf(layout), unitFile.#flags), 0);
    return unitFile;
  }

  has(index: number): boolean {
    return this.#flags[index] === 1;
  }

  get complete(): boolean {
    return this.#flags.every((flag) => flag === 1);
  }

  bitmap(): Uint8Array<ArrayBuffer> {
    const bitmap = emptyBitmap(this.layout.units);
    this.#flags.forEach((flag, index) => {
      if (flag === 1) markUnit(bitmap, index);
    });
    return bitmap;
  }

  /** The sealed bytes. @throws KithError 'record-damaged' when the unit is not stored whole. */
  read(index: number): Uint8Array<ArrayBuffer> {
    return this.readRun(index, 1)[0] as Uint8Array<ArrayBuffer>;
  }

  /** Up to `count` sealed units that follow one another, as far as they are stored. @throws KithError 'record-damaged' */
  readRun(first: number, count: number): Uint8Array<ArrayBuffer>[] {
    let end = first;
    while (end < first + count && this.has(end)) end++;
    if (end === first) throw new KithError('record-damaged');
    const run = new Uint8Array(this.#slot(end - 1) - this.#slot(first) + sealedLength(this.layout, end - 1));
    if (this.#file.read(run, this.#slot(first)) !== run.length) throw new KithError('record-damaged');
    return Array.from({ length: end - first }, (_, i) =>
      run.subarray(i * SEALED_UNIT_BYTES, i * SEALED_UNIT_BYTES + sealedLength(this.layout, first + i)),
    );
  }

  /** Stores one unit, or several that follow one another. @throws KithError 'disk-full' */
  write(first: number, sealed: readonly Uint8Array[]): void {
    const [unit, ...more] = sealed;
    if (unit) this.#write(joined(unit, ...more), this.#slot(first));
    this.#flags.fill(1, first, first + sealed.length);
    this.#dirty = true;
  }

  /** The unit does not open: it no longer counts. */
  drop(index: number): void {
    this.#write(NO_TAG, this.#tag(index));
    this.#flags[index] = 0;
    this.#dirty = true;
  }

  /** @throws KithError 'disk-full' */
  flush(): void {
    this.#writeFlags();
    this.#file.flush();
  }

  close(): void {
    try {
      this.#writeFlags();
    } catch {
      // Their slots say the same.
    }
    this.#file.close();
  }

  #writeFlags(): void {
    if (this.#dirty) this.#write(this.#flags, HEADER_BYTES);
    this.#dirty = false;
  }

  /** Units written by a page that died before it closed the file. */
  #findUnflagged(): void {
    const size = this.#file.size();
    const tag = new Uint8Array(UNIT_TAG_BYTES);
    for (let index = 0; index < this.layout.units; index++) {
      const at = this.#tag(index);
      if (this.has(index) || at + UNIT_TAG_BYTES > size) continue;
      this.#file.read(tag, at);
      if (equalBytes(tag, NO_TAG)) continue;
      this.#flags[index] = 1;
      this.#dirty = true;
    }
  }

  #tag(index: number): number {
    return this.#slot(index) + sealedLength(this.layout, index) - UNIT_TAG_BYTES;
  }

  #slot(index: number): number {
    return HEADER_BYTES + this.layout.units + index * SEALED_UNIT_BYTES;
  }

  #write(bytes: Uint8Array, at: number): void {
    try {
      if (this.#file.write(bytes, at) !== bytes.length) throw new KithError('disk-full');
    } catch (error) {
      throw fileError(error);
    }
  }
}
