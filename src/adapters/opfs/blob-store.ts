// The BlobStore port and the data key's file, both in the origin private file system by way of the transfer worker.
import type { BlobStore, FileLayout, SealedFile } from '../../core/ports/blob-store.ts';
import type { TransferClient } from './transfer-client.ts';

export class OpfsBlobStore implements BlobStore {
  readonly #client: TransferClient;

  constructor(client: TransferClient) {
    this.#client = client;
  }

  seal(
    id: string,
    source: Blob,
    key: Uint8Array,
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal } = {},
  ): Promise<SealedFile> {
    return this.#client.call('seal', [id, source, key], options);
  }

  readUnit(id: string, layout: FileLayout, index: number): Promise<Uint8Array> {
    return this.#client.call('readUnit', [id, layout, index]);
  }

  writeUnit(id: string, layout: FileLayout, key: Uint8Array, index: number, sealed: Uint8Array): Promise<void> {
    // The caller keeps its bytes (often a view into a larger frame): one copy, and that one moves.
    const moved = sealed.slice();
    return this.#client.call('writeUnit', [id, layout, key, index, moved], { transfer: [moved.buffer] });
  }

  stored(id: string, layout: FileLayout): Promise<Uint8Array> {
    return this.#client.call('stored', [id, layout]);
  }

  finish(id: string, layout: FileLayout, key: Uint8Array): Promise<Uint8Array> {
    return this.#client.call('finish', [id, layout, key]);
  }

  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Promise<Blob> {
    return this.#client.call('open', [id, layout, key, type]);
  }

  remove(id: string): Promise<void> {
    return this.#client.call('remove', [id]);
  }

  list(): Promise<string[]> {
    return this.#client.call('list', []);
  }
}

/** The data key's file, in the shape that the vault wants (adapters/indexeddb/vault.ts). */
export class OpfsDataKeyFile {
  readonly #client: TransferClient;

  constructor(client: TransferClient) {
    this.#client = client;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#client.call('readDataKey', []);
  }

  write(key: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#client.call('writeDataKey', [key]);
  }

  destroy(): Promise<void> {
    return this.#client.call('destroy', []);
  }
}
