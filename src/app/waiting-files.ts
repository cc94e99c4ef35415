// Files that wait in a composer until Send. Each is prepared in the background as soon as it is there (`KithNode.prepareFile`), under
// an id of its own choice: whoever removes it or changes how it goes begins anew with a fresh one.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { KithNode, Result } from '../core/node-api.ts';
import type { Platform } from './platform.ts';

export interface WaitingFile {
  readonly id: number;
  readonly file: File;
  /** Object URL of a small preview, or null. */
  readonly previewUrl: string | null;
  /** A photo that goes exactly as it is; null for what is no photo and goes so anyway. */
  readonly asFile: boolean | null;
  readonly state: 'preparing' | 'prepared' | 'failed';
  /** Why it could not be prepared; null also when it failed while it was sent, which the composer has told. */
  readonly error: FileError | null;
}

export interface FileError {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
}

/** What is sent. */
export interface ReadyFile extends WaitingFile {
  /** Of the message that it will be; what is prepared is prepared for it. */
  readonly messageId: string;
  readonly thumbnail: Promise<Uint8Array<ArrayBuffer> | null>;
}

/** The node's answer, also when it has none. */
export async function answerOf<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await call();
  } catch {
    return { ok: false, kind: 'internal', detail: {} };
  }
}

export class WaitingFiles {
  readonly #node: KithNode;
  readonly #platform: Platform;
  readonly #conversationId: string;
  readonly #files = signal<readonly ReadyFile[]>([]);
  #nextId = 1;
  #disposed = false;

  constructor(node: KithNode, platform: Platform, conversationId: string) {
    this.#node = node;
    this.#platform = platform;
    this.#conversationId = conversationId;
  }

  get list(): ReadonlySignal<readonly WaitingFile[]> {
    return this.#files;
  }

  add(file: File): void {
    if (this.#disposed) return;
    const thumbnail = this.#platform.thumbnail(file).catch(() => null);
    const asFile = file.type.startsWith('image/') ? false : null;
    const begun = { state: 'preparing', error: null, messageId: this.#platform.newId() } as const;
    const added: ReadyFile = { id: this.#nextId++, file, previewUrl: null, asFile, thumbnail, ...begun };
    this.#files.value = [...this.#files.peek(), added];
    void this.#showPreview(added);
    void this.#prepare(added);
  }

  /** A photo's metadata goes along, or does not. */
  sendAsFile(id: number, asFile: boolean): void {
    const known = this.#files.peek().find((waiting) => waiting.id === id);
    if (known !== undefined && known.asFile !== asFile) this.#renew({ ...known, asFile });
  }

  /** What was prepared is gone from the node: the conversation was cleared. */
  prepareAgain(): void {
    for (const waiting of this.#files.peek()) this.#renew(waiting);
  }

  remove(id: number): void {
    for (const removed of this.#take((waiting) => waiting.id === id)) this.#discard(removed);
  }

  /** All of them, to be sent: nothing waits any more. */
  takeAll(): readonly ReadyFile[] {
    return this.#take(() => true);
  }

  /** They could not be sent after all, the first of them because of a failure: they stand in front of what was chosen since. */
  putBack(files: readonly ReadyFile[]): void {
    if (this.#disposed) {
      for (const file of files) this.#discard(file);
      return;
    }
    const [failed, ...others] = files.map((file) => ({ ...file, previewUrl: null, error: null }));
    if (failed === undefined) return;
    const waiting = others.map((file) => ({ ...file, state: 'preparing' }) as const);
    this.#files.value = [{ ...failed, state: 'failed' }, ...waiting, ...this.#files.peek()];
    for (const file of [failed, ...waiting]) void this.#showPreview(file);
    for (const file of waiting) void this.#prepare(file);
  }

  /** The page goes: another tab may run the node, and would keep for us what nobody will send. */
  leave(): void {
    for (const waiting of this.#files.peek()) this.#discard(waiting);
  }

  /** The conversation is gone. */
  dispose(): void {
    this.#disposed = true;
    for (const waiting of this.takeAll()) this.#discard(waiting);
  }

  /** It could be read when it was chosen: if it cannot now, it has changed or gone since. */
  async reasonOf(kind: ErrorKind, file: File): Promise<ErrorKind> {
    return kind === 'file-unreadable' && !(await this.#platform.readable(file)) ? 'file-changed' : kind;
  }

  #take(taken: (waiting: ReadyFile) => boolean): readonly ReadyFile[] {
    const all = this.#files.peek();
    const out = all.filter(taken);
    for (const { previewUrl } of out) if (previewUrl !== null) this.#platform.revokeUrl(previewUrl);
    this.#files.value = all.filter((waiting) => !taken(waiting));
    return out;
  }

  #renew(waiting: ReadyFile): void {
    this.#discard(waiting);
    const begun: ReadyFile = { ...waiting, state: 'preparing', error: null, messageId: this.#platform.newId() };
    this.#change(waiting.id, () => begun);
    void this.#prepare(begun);
  }

  async #prepare({ id, messageId, file, asFile }: ReadyFile): Promise<void> {
    const done = await answerOf(() => this.#node.prepareFile(this.#conversationId, messageId, file, asFile === true));
    const error = done.ok ? null : { kind: await this.reasonOf(done.kind, file), detail: done.detail };
    const state = done.ok ? 'prepared' : 'failed';
    this.#change(id, (now) => (now.messageId === messageId ? { ...now, state, error } : now));
  }

  #discard({ messageId }: ReadyFile): void {
    void answerOf(() => this.#node.discardFile(this.#conversationId, messageId));
  }

  async #showPreview({ id, thumbnail }: ReadyFile): Promise<void> {
    const picture = await thumbnail;
    if (picture === null) return;
    this.#change(id, (now) =>
      now.previewUrl === null ? { ...now, previewUrl: this.#platform.objectUrl(new Blob([picture])) } : now,
    );
  }

  #change(id: number, change: (waiting: ReadyFile) => ReadyFile): void {
    this.#files.value = this.#files.peek().map((waiting) => (waiting.id === id ? change(waiting) : waiting));
  }
}
