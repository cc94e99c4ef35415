// Files of the origin private file system with synchronous access (File System Standard, WHATWG), which only dedicated workers
// have. A handle locks its file; a Web Lock of the same name lets another tab wait for it instead of trying again and again.
import { KithError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { FileDirectory, RandomAccessFile } from '../core/transfer/unit-file.ts';

/** A worker that just died may hold its handle a little longer than its Web Lock. */
const RETRY_MS = 20;
const MAX_RETRIES = 250;

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

export class OpfsDirectory implements FileDirectory {
  readonly #path: readonly string[];
  readonly #clock: Clock;
  #directory: Promise<FileSystemDirectoryHandle> | undefined;

  /** `path`: names of directories below the origin's root; made when missing. */
  constructor(path: readonly string[], clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async open(name: string, create: boolean): Promise<RandomAccessFile | undefined> {
    const release = await hold(this.#lockName(name));
    try {
      const handle = await this.#fileHandle(name, create);
      if (handle === undefined) return release();
      return accessTo(await this.#access(handle), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const release = await hold(this.#lockName(name));
    try {
      const directory = await this.#open();
      await this.#whenFree(() => directory.removeEntry(name));
    } catch (error) {
      if (!isNamed(error, 'NotFoundError')) throw error;
    } finally {
      release();
    }
  }

  async list(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of (await this.#open()).keys()) names.push(name);
    return names;
  }

  /** The directory itself may have been removed meanwhile; it is made again. */
  forget(): void {
    this.#directory = undefined;
  }

  #lockName(name: string): string {
    return [...this.#path, name].join('/');
  }

  #open(): Promise<FileSystemDirectoryHandle> {
    this.#directory ??= openPath(this.#path).catch((error: unknown) => {
      this.#directory = undefined;
      throw new KithError('storage-unavailable', {}, { cause: error });
    });
    return this.#directory;
  }

  async #fileHandle(name: string, create: boolean): Promise<FileSystemFileHandle | undefined> {
    const directory = await this.#open();
    try {
      return await directory.getFileHandle(name, { create });
    } catch (error) {
      if (!create && isNamed(error, 'NotFoundError')) return undefined;
      throw error;
    }
  }

  #access(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
    return this.#whenFree(() => handle.createSyncAccessHandle());
  }

  /** Repeats `attempt` while the file is locked by somebody who does not know our Web Lock. */
  async #whenFree<T>(attempt: () => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isNamed(error, 'NoModificationAllowedError') || retries >= MAX_RETRIES) throw error;
        await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve));
      }
    }
  }
}

async function openPath(path: readonly string[]): Promise<FileSystemDirectoryHandle> {
  let directory = await navigator.storage.getDirectory();
  for (const name of path) directory = await directory.getDirectoryHandle(name, { create: true });
  return directory;
}

/** Waits for the lock; the function returned gives it back. The browser does so when this worker ends. */
function hold(name: string): Promise<() => undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        return new Promise<void>((release) => {
          resolve(() => {
            release();
            return undefined;
          });
        });
      })
      .catch(reject);
  });
}

function accessTo(handle: FileSystemSyncAccessHandle, release: () => void): RandomAccessFile {
  return {
    size: () => handle.getSize(),
    read: (into, at) => handle.read(into as Uint8Array<ArrayBuffer>, { at }),
    write: (bytes, at) => handle.write(bytes as Uint8Array<ArrayBuffer>, { at }),
    truncate: (size) => handle.truncate(size),
    flush: () => handle.flush(),
    close: () => {
      handle.close();
      release();
    },
  };
}
