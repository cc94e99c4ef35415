// What is being written to one conversation: the draft, the files that wait with it, and what was refused.
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { KithNode, Mention, OutgoingFile } from '../core/node-api.ts';
import { MAX_TEXT_BYTES } from '../core/wire/limits.ts';
import { isBlank, utf8Length } from './format.ts';
import type { Platform } from './platform.ts';
import { answerOf, type ReadyFile, type WaitingFile, WaitingFiles } from './waiting-files.ts';

/** Milliseconds between two writings of a draft while one types: as much as a reload or a crash can cost. */
export const DRAFT_DELAY = 250;

export interface ComposeError {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
  /** Name of the refused file, '' for text. */
  readonly fileName: string;
}

export class Composer {
  readonly #node: KithNode;
  readonly #platform: Platform;
  readonly #conversationId: string;
  readonly #maxFileBytes: () => number;
  readonly #text = signal('');
  readonly #files: WaitingFiles;
  readonly #errors = signal<readonly ComposeError[]>([]);
  /** Why the last of what was refused was. */
  readonly error: ReadonlySignal<ComposeError | null> = computed(() => this.#errors.value.at(-1) ?? null);
  readonly canSend: ReadonlySignal<boolean> = computed(() => !isBlank(this.#text.value) || this.files.value.length > 0);
  /** In groups: whom a text names. */
  mentionsIn: ((text: string) => readonly Mention[]) | undefined;
  #touched = false;
  #opened = false;
  #saved = '';
  /** Drafts written here of which the node has not told yet. */
  #writing: { readonly text: string }[] = [];
  /** What is kept was written by another tab while something was sent, or typed, here. */
  #isTheirs = false;
  /** Another tab spoke while the draft was being read: that is newer. */
  #hasFollowed = false;
  #cancelSave: (() => void) | null = null;
  /** One sending after the other: messages keep the order in which Enter was pressed. */
  #queue: Promise<void> = Promise.resolve();

  constructor(node: KithNode, platform: Platform, conversationId: string, maxFileBytes: () => number) {
    this.#node = node;
    this.#platform = platform;
    this.#conversationId = conversationId;
    this.#maxFileBytes = maxFileBytes;
    this.#files = new WaitingFiles(node, platform, conversationId);
  }

  get text(): ReadonlySignal<string> {
    return this.#text;
  }
  get files(): ReadonlySignal<readonly WaitingFile[]> {
    return this.#files.list;
  }
  /** All that was refused since somebody pressed or typed anything. */
  get errors(): ReadonlySignal<readonly ComposeError[]> {
    return this.#errors;
  }

  /** Brings back the draft of an earlier visit, unless something was typed meanwhile. */
  async open(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    const draft = await this.#node.draft(this.#conversationId);
    if (this.#touched || this.#hasFollowed || draft === '') return;
    this.#saved = draft;
    this.#text.value = draft;
  }

  type(text: string): void {
    this.#touched = true;
    this.#text.value = text;
    this.#errors.value = [];
    this.#saveLater();
  }

  /** Whether a text may be pasted. One that could never be sent is refused at once: a field that holds it stands still for seconds a key. */
  takes(pasted: string): boolean {
    if (pasted.length <= MAX_TEXT_BYTES) return true;
    this.#errors.value = [];
    this.#refuse('message-too-long', { limit: MAX_TEXT_BYTES }, '');
    return false;
  }

  #saveLater(): void {
    this.#cancelSave ??= this.#platform.after(DRAFT_DELAY, () => this.flush());
  }

  /** Writes the draft at once. */
  flush(): void {
    this.#cancelSave?.();
    this.#cancelSave = null;
    const text = this.#text.peek();
    if (text === this.#saved) return;
    this.#saved = text;
    this.#isTheirs = false;
    const writing = { text };
    this.#writing.push(writing);
    // It may be told before that, or never: of a contact who was removed nothing is kept.
    const over = () => {
      this.#writing = this.#writing.filter((one) => one !== writing);
    };
    this.#node.setDraft(this.#conversationId, text).then(over, over);
  }

  /** A draft was kept, by this tab or another: what nobody has touched here is as it is there. */
  follow(text: string): void {
    const own = this.#writing.findIndex((one) => one.text === text);
    this.#writing.splice(0, own + 1);
    if (own >= 0) {
      if (this.#writing.length === 0) this.#saved = text;
      return;
    }
    if (!this.#opened) return;
    this.#hasFollowed = true;
    const isUntouched = this.#text.peek() === this.#saved && this.#writing.length === 0;
    this.#saved = text;
    this.#isTheirs = !isUntouched;
    if (isUntouched) this.#text.value = text;
  }

  /** Chosen, pasted or dropped files: each waits until Send and is prepared for it, or is refused at once and does not stay. */
  async addFiles(files: Iterable<File>): Promise<void> {
    this.#errors.value = [];
    for (const file of files) {
      const limit = this.#maxFileBytes();
      if (file.size > limit) this.#refuse('file-too-large', { limit }, file.name);
      else if (!(await this.#platform.readable(file))) this.#refuse('file-unreadable', {}, file.name);
      else this.#files.add(file);
    }
  }

  #refuse(kind: ErrorKind, detail: ErrorDetail, fileName: string): void {
    this.#errors.value = [...this.#errors.peek(), { kind, detail, fileName }];
  }

  /** A photo's metadata goes along. */
  sendAsFile(id: number, on: boolean): void {
    this.#files.sendAsFile(id, on);
  }

  removeFile(id: number): void {
    this.#errors.value = [];
    this.#files.remove(id);
  }

  /** One may write here again: what was refused for that alone is so no more. */
  resume(): void {
    const isOver = (error: { readonly kind: ErrorKind } | null) => error?.kind === 'group-not-member';
    const errors = this.#errors.peek();
    if (![...errors, ...this.files.peek().map(({ error }) => error)].some(isOver)) return;
    this.#errors.value = errors.filter((error) => !isOver(error));
    this.#files.prepareAgain();
  }

  /** What waits was prepared for a conversation as it was before it was cleared. */
  cleared(): void {
    this.#files.prepareAgain();
  }

  /** The page goes. */
  leave(): void {
    this.#files.leave();
  }

  /** The conversation is gone, and what was written with it. */
  dispose(): void {
    this.#cancelSave?.();
    this.#cancelSave = null;
    this.#files.dispose();
  }

  dismissError(): void {
    this.#errors.value = [];
  }

  /** Sends the text, then each file as a message of its own. Resolves when all are queued or refused. */
  send(): Promise<void> {
    this.#errors.value = [];
    if (!this.canSend.peek()) return this.#queue;
    const text = this.#text.peek();
    if (utf8Length(text) > MAX_TEXT_BYTES) {
      this.#refuse('message-too-long', { limit: MAX_TEXT_BYTES }, '');
      return this.#queue;
    }
    const files = batch(() => {
      this.#touched = true;
      this.#text.value = '';
      return this.#files.takeAll();
    });
    const mentions = this.mentionsIn?.(text);
    this.#queue = this.#queue.then(() => this.#sendAll(text, mentions, files));
    return this.#queue;
  }

  async #sendAll(text: string, mentions: readonly Mention[] | undefined, files: readonly ReadyFile[]): Promise<void> {
    if (!isBlank(text)) {
      const sent = await answerOf(() => this.#node.sendText(this.#conversationId, text, undefined, mentions));
      if (!sent.ok) {
        this.#refuse(sent.kind, sent.detail, '');
        this.#putBack(text);
      }
    }
    // The draft on disk goes only when the message is safe there, and only when it is ours.
    if (this.#isTheirs && this.#text.peek() === '') this.#text.value = this.#saved;
    else this.flush();
    if (files.length > 0) await this.#sendFiles(files);
  }

  /** One call a file: what has been sent stays sent, whatever becomes of those after it. */
  async #sendFiles(files: readonly ReadyFile[]): Promise<void> {
    for (const [index, { file, thumbnail, asFile, messageId }] of files.entries()) {
      const outgoing: OutgoingFile = { file, thumbnail: await thumbnail, asFile: asFile === true, messageId };
      const sent = await answerOf(() => this.#node.sendFiles(this.#conversationId, [outgoing]));
      if (sent.ok) continue;
      this.#refuse(await this.#files.reasonOf(sent.kind, file), sent.detail, file.name);
      const hopeless = /^(file|photo)-/.test(sent.kind);
      if (hopeless) continue;
      this.#files.putBack(files.slice(index));
      return;
    }
  }

  /** Nothing written is ever lost: what was refused stands in front of what was typed since. */
  #putBack(text: string): void {
    const since = this.#text.peek();
    this.#text.value = since === '' ? text : `${text}\n${since}`;
  }
}
