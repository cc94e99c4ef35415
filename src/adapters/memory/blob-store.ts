// The BlobStore port in memory: the real unit store over files that a test can fill up, lock, rot and lose in a crash.
import type { Clock } from '../../core/ports/clock.ts';
import type { FileDirectory, RandomAccessFile } from '../../core/transfer/unit-file.ts';
import { UnitStore } from '../../core/transfer/unit-store.ts';

interface Content {
  bytes: Uint8Array;
  length: number;
  /** Called with every part that is read, from and to. */
  onRead?: (from: number, to: number) => void;
}

/** Files that outlive the stores over them, and the faults they will have. */
export class MemoryFiles implements FileDirectory {
  readonly files = new Map<string, Content>();
  /** Bytes that still find room. */
  room = Number.POSITIVE_INFINITY;
  writes = 0;
  flushes = 0;
  readonly opened = new Set<string>();

  async open(name: string, create: boolean): Promise<RandomAccessFile | undefined> {
    if (!this.files.has(name)) {
      if (!create) return undefined;
      this.files.set(name, { bytes: new Uint8Array(0), length: 0 });
    }
    if (this.opened.has(name)) throw new DOMException('locked', 'NoModificationAllowedError');
    this.opened.add(name);
    return this.#access(name, this.files.get(name) as Content);
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()];
  }

  /** The page died: its handles are released. */
  crash(): void {
    this.opened.clear();
  }

  /** Flips one bit, counted from the end of the file. Returns what tells whether anybody has read that byte since, or it is there no more. */
  rot(name: string, fromEnd: number): () => boolean {
    const content = this.files.get(name);
    if (content === undefined) throw new Error('no such file');
    const at = content.length - 1 - fromEnd;
    const rotten = (content.bytes[at] ?? 0) ^ 1;
    content.bytes[at] = rotten;
    let isRead = false;
    const { onRead } = content;
    content.onRead = (from, to) => {
      onRead?.(from, to);
      isRead ||= from <= at && at < to;
    };
    return () => isRead || this.files.get(name) !== content || content.bytes[at] !== rotten;
  }

  #access(name: string, content: Content): RandomAccessFile {
    return {
      size: () => content.length,
      read: (into, at) => {
        const part = content.bytes.subarray(at, Math.min(at + into.length, content.length));
        into.set(part);
        content.onRead?.(at, at + part.length);
        return part.length;
      },
      write: (bytes, at) => this.#write(content, bytes, at),
      truncate: (size) => {
        content.bytes = content.bytes.slice(0, size);
        content.length = Math.min(content.length, size);
      },
      flush: () => void this.flushes++,
      close: () => void this.opened.delete(name),
    };
  }

  #write(content: Content, bytes: Uint8Array, at: number): number {
    const end = at + bytes.length;
    const grows = Math.max(0, end - content.length);
    if (grows > this.room) throw new DOMException('full', 'QuotaExceededError');
    this.room -= grows;
    this.writes++;
    if (end > content.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * content.bytes.length));
      grown.set(content.bytes.subarray(0, content.length));
      content.bytes = grown;
    }
    content.bytes.set(bytes, at);
    content.length = Math.max(content.length, end);
    return bytes.length;
  }
}

export class MemoryBlobStore extends UnitStore {
  readonly files: MemoryFiles;

  constructor(clock: Clock, files: MemoryFiles = new MemoryFiles()) {
    super(files, clock);
    this.files = files;
  }
}
