// One sealed file while it is in use: its handle, its key, and its plain bytes while it is received.
import { type Bytes, equalBytes } from '../bytes/bytes.ts';
import { importAeadKey } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { FileLayout } from '../ports/blob-store.ts';
import { UNIT_BYTES } from '../wire/limits.ts';
import { type FileDirectory, UnitFile } from './unit-file.ts';

/** Files that are being received are kept in memory as far as they all fit into this, and need not be read again for their hash. */
const MAX_PLAIN_BYTES = 32 * 1024 * 1024;

/** What the files of one store hold in memory together. */
export interface PlainMemory {
  bytes: number;
}

export class FileInUse {
  readonly #directory: FileDirectory;
  readonly #id: string;
  readonly #memory: PlainMemory;
  #file: UnitFile | undefined;
  #key: { readonly raw: Uint8Array; readonly imported: CryptoKey } | undefined;
  /** The plain file, if it was begun since it was opened and there was room; `opened` units of it are here. */
  #plain: Bytes | undefined;
  #opened = 0;

  constructor(directory: FileDirectory, id: string, memory: PlainMemory) {
    this.#directory = directory;
    this.#id = id;
    this.#memory = memory;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** undefined when there is none of this layout. */
  async existing(layout: FileLayout): Promise<UnitFile | undefined> {
    if (this.#file !== undefined) return sameLayout(this.#file.layout, layout) ? this.#file : undefined;
    const handle = await this.#directory.open(this.#id, false);
    if (handle === undefined) return undefined;
    this.#file = UnitFile.existing(handle, layout);
    if (this.#file === undefined) handle.close();
    return this.#file;
  }

  /** As it was written; undefined when there is none that can be read. */
  async layout(): Promise<FileLayout | undefined> {
    if (this.#file !== undefined) return this.#file.layout;
    const handle = await this.#directory.open(this.#id, false);
    if (handle === undefined) return undefined;
    try {
      return UnitFile.layoutIn(handle);
    } finally {
      handle.close();
    }
  }

  /** Empty, whatever was there before. @throws KithError 'storage-unavailable' */
  async fresh(layout: FileLayout): Promise<UnitFile> {
    this.close();
    const handle = await this.#directory.open(this.#id, true);
    if (handle === undefined) throw new KithError('storage-unavailable');
    try {
      this.#file = UnitFile.fresh(handle, layout);
    } catch (error) {
      handle.close();
      throw error;
    }
    return this.#file;
  }

  /** The file of somebody who begins to send it. */
  async begun(layout: FileLayout): Promise<UnitFile> {
    const file = await this.fresh(layout);
    if (this.#memory.bytes + layout.size > MAX_PLAIN_BYTES) return file;
    this.#plain = new Uint8Array(layout.size);
    this.#memory.bytes += layout.size;
    return file;
  }

  async imported(raw: Uint8Array): Promise<CryptoKey> {
    if (this.#key && equalBytes(this.#key.raw, raw)) return this.#key.imported;
    this.#key = { raw: raw.slice(), imported: await importAeadKey(raw) };
    return this.#key.imported;
  }

  /** This unit has been received. */
  keep(index: number, plain: Uint8Array): void {
    this.#plain?.set(plain, index * UNIT_BYTES);
    this.#opened++;
  }

  /** The plain file, when all of it is in memory. */
  whole({ units }: FileLayout): Bytes | undefined {
    return this.#opened === units ? this.#plain : undefined;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#key = undefined;
    this.#memory.bytes -= this.#plain?.length ?? 0;
    this.#plain = undefined;
    this.#opened = 0;
  }

  async discard(): Promise<void> {
    this.close();
    await this.#directory.remove(this.#id);
  }
}

const sameLayout = (a: FileLayout, b: FileLayout): boolean => a.size === b.size && a.units === b.units;
