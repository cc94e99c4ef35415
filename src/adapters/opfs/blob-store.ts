// The BlobStore port and the files of the keys, both in the origin private file system by way of the transfer worker.
import type { Bytes } from '../../core/bytes/bytes.ts';
import { KithError } from '../../core/errors.ts';
import type { BlobStore, FileLayout, SealedFile } from '../../core/ports/blob-store.ts';
import { ReadAhead } from './read-ahead.ts';
import type { TransferClient } from './transfer-client.ts';
import { WriteQueue } from './write-queue.ts';

export class OpfsBlobStore implements BlobStore {
  readonly #client: TransferClient;
  readonly #reads: ReadAhead;
  readonly #writes: WriteQueue;

  constructor(client: TransferClient) {
    this.#client = client;
    this.#reads = new ReadAhead((id, layout, first, count) => client.call('readUnits', [id, layout, first, count]));
    this.#writes = new WriteQueue((id, rows) => client.writeRows(id, rows));
  }

  async seal(
    id: string,
    source: Blob,
    key: Uint8Array,
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal } = {},
  ): Promise<SealedFile> {
    this.#changes(id);
    const sealed = await this.#client.call('seal', [id, source, key], options);
    if (!options.signal?.aborted) return sealed;
    // The worker was done before it heard of it.
    await this.remove(id);
    throw new KithError('file-cancelled');
  }

  readUnit(id: string, layout: FileLayout, index: number): Promise<Uint8Array> {
    this.#writes.flush(id);
    return this.#reads.read(id, layout, index);
  }

  writeUnits(id: string, layout: FileLayout, key: Uint8Array, first: number, sealed: Uint8Array): Promise<number[]> {
    this.#reads.forget(id);
    return this.#writes.write(id, layout, key, first, sealed);
  }

  stored(id: string, layout: FileLayout): Promise<Uint8Array> {
    this.#writes.flush(id);
    return this.#client.call('stored', [id, layout]);
  }

  finish(id: string, layout: FileLayout, key: Uint8Array): Promise<Uint8Array> {
    this.#changes(id);
    return this.#client.call('finish', [id, layout, key]);
  }

  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Promise<Blob> {
    this.#writes.flush(id);
    return this.#client.call('open', [id, layout, key, type]);
  }

  remove(id: string): Promise<void> {
    this.#changes(id);
    return this.#client.call('remove', [id]);
  }

  list(): Promise<string[]> {
    return this.#client.call('list', []);
  }

  layout(id: string): Promise<FileLayout | undefined> {
    this.#writes.flush(id);
    return this.#client.call('layout', [id]);
  }

  restoreUnits(id: string, layout: FileLayout, first: number, sealed: Uint8Array): Promise<void> {
    this.#changes(id);
    return this.#client.call('restoreUnits', [id, layout, first, sealed]);
  }

  flush(id: string, layout: FileLayout): Promise<void> {
    this.#writes.flush(id);
    return this.#client.call('flush', [id, layout]);
  }

  #changes(id: string): void {
    this.#writes.flush(id);
    this.#reads.forget(id);
  }
}

/** The files of the keys, in the shape that the vault wants (adapters/indexeddb/vault.ts). */
export const opfsKeyFiles = (client: TransferClient) => ({
  read: () => client.call('readKeys', []),
  write: (key: Bytes) => client.call('writeDataKey', [key]),
  /** The `Witness` of the records (core/ports/witness.ts). */
  seen: () => client.call('hasLived', []),
  note: () => client.call('noteLife', []),
  beginMove: () => client.call('beginMove', []),
  endMove: () => client.call('endMove', []),
  lock: (record: Bytes) => client.call('writeLock', [record]),
  unlock: (key: Bytes, record: Bytes) => client.call('writeUnlocked', [key, record]),
  destroy: () => client.call('destroy', []),
});
