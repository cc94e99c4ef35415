// The files of a group that is open: those that its messages bring are fetched and given; a person's own are sealed and written.
import { toHex } from '../../../bytes/hex.ts';
import { kindOf } from '../../../errors.ts';
import type { Draft } from '../../../group/events.ts';
import { type FileName, fileNameOf } from '../../../group/files/offer.ts';
import type { Entry } from '../../../group/history/entry.ts';
import type { MemberId } from '../../../group/members-view.ts';
import { cleanFileName, cleanMediaType } from '../../../identity/names.ts';
import type { AttachmentView, OutgoingFile } from '../../../node-api.ts';
import type { BlobStore } from '../../../ports/blob-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { Random } from '../../../ports/random.ts';
import type { Store } from '../../../ports/store.ts';
import { Queue } from '../../../queue.ts';
import type { GroupFileOffer, GroupFileTalk } from '../../../wire/group-files.ts';
import { MAX_THUMBNAIL_BYTES } from '../../../wire/limits.ts';
import { opened } from '../../opened-file.ts';
import { PreparedFiles } from '../../prepared-files.ts';
import { attachmentKind } from '../../views.ts';
import { groupKeys } from '../group-records.ts';
import { blobOfMessage, blobOfName } from './blob-names.ts';
import { decodeNote, encodeNote } from './file-notes.ts';
import { GroupFiles } from './group-files.ts';
import type { FileNote, FileReach } from './known-file.ts';
import type { SealedForGroup } from './sealing.ts';

export interface LiveFilesOptions {
  /** The conversation's id, and the group's. */
  readonly id: string;
  readonly group: Uint8Array;
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly maxFileBytes: () => number;
  readonly self: MemberId;
  readonly mayRead: (entry: Entry, member: MemberId) => boolean;
  readonly send: (to: MemberId, message: GroupFileTalk) => void;
  /** Hashes of the messages whose file moved. */
  readonly changed: (messages: readonly string[]) => void;
}

export class LiveFiles {
  readonly #options: LiveFilesOptions;
  readonly #files: GroupFiles;
  /** Files of messages, by the hash of the message; '' until its name is known. */
  readonly #names = new Map<string, FileName | ''>();
  readonly #entries = new Map<FileName, Entry[]>();
  readonly #line = new Queue();
  /** States as they were shown last, and files whose progress has not been shown. */
  readonly #shown = new Map<FileName, string>();
  readonly #behind = new Set<FileName>();
  readonly #sealed = new Set<string>();
  readonly prepared: PreparedFiles<SealedForGroup>;
  #notes: Map<FileName, FileNote> | undefined;

  constructor(options: LiveFilesOptions) {
    this.#options = options;
    const { group, blobs, clock, random, log, maxFileBytes, send, mayRead } = options;
    const sealed = this.#sealed;
    this.prepared = new PreparedFiles({
      async prepare(_, id, source, { signal }) {
        const blobId = blobOfMessage(id);
        sealed.add(blobId);
        const { sealForGroup } = await import('./sealing.ts');
        return sealForGroup({ blobs, random }, blobId, source, signal);
      },
      forget: (id) => this.forget(id),
    });
    this.#files = new GroupFiles({
      group,
      blobs,
      clock,
      random,
      maxFileBytes,
      send,
      mayRead: (file, member) => this.#entries.get(file)?.some((entry) => mayRead(entry, member)) ?? false,
      keep: (file, note) => this.#keep(file, note),
      unkeep: (file) => this.#unkeep(file),
      changed: (file) => this.#moved(file),
      refused: (_, kind) => log('debug', 'part of a group refused', { kind }),
    });
  }

  /** What is on show of the history: files that are new in it are looked for. */
  look(entries: readonly Entry[]): void {
    // Mine first: whoever signs my file once more, under an earlier time, must not make me look for its units elsewhere.
    const isMine = ({ from }: Entry) => from === this.#options.self;
    const found: string[] = [];
    for (const entry of [...entries.filter(isMine), ...entries.filter((one) => !isMine(one))]) {
      const { body } = entry.message;
      if (body.type !== 'file' || this.#names.has(entry.hash)) continue;
      this.#names.set(entry.hash, '');
      found.push(entry.hash);
      void this.#inLine(() => this.#bring(entry, body.file));
    }
    // What the disk noted of them.
    if (found.length > 0) void this.#inLine(async () => this.#options.changed(found));
  }

  linked(peer: MemberId): void {
    void this.#inLine(async () => this.#files.linked(peer));
  }

  unlinked(peer: MemberId): void {
    void this.#inLine(async () => this.#files.unlinked(peer));
  }

  /** Resolves when it is carried out: what a member sends counts until then. Never rejects. */
  received(peer: MemberId, message: GroupFileTalk): Promise<void> {
    return this.#inLine(() => this.#files.received(peer, message));
  }

  tick(): void {
    const behind = [...this.#behind];
    this.#behind.clear();
    for (const file of behind) this.#show(file);
    void this.#inLine(() => this.#files.tick());
  }

  /** What waits in a composer is sealed already. @throws KithError what sealing throws */
  async seal({ file, thumbnail, asFile = false }: OutgoingFile, id: Uint8Array): Promise<Draft> {
    const sealed = await this.prepared.take({ contactId: this.#options.id, messageId: toHex(id), file, asFile });
    const offer: GroupFileOffer = {
      ...sealed,
      name: cleanFileName(file.name),
      mediaType: cleanMediaType(file.type),
      ...(thumbnail && thumbnail.length <= MAX_THUMBNAIL_BYTES ? { thumbnail } : {}),
    };
    return { id, body: { type: 'file', file: offer } };
  }

  /** `hash`: of the message; undefined for a draft. */
  view(offer: GroupFileOffer, hash: string | undefined): AttachmentView {
    const name = hash === undefined ? undefined : this.#names.get(hash);
    const state = name ? this.#files.state(name) : undefined;
    return {
      name: cleanFileName(offer.name),
      size: offer.size,
      type: cleanMediaType(offer.mediaType),
      kind: attachmentKind(offer.mediaType),
      state: state?.state ?? 'waiting',
      progress: state?.progress ?? 0,
      sha256: state?.state === 'complete' ? toHex(offer.sha256) : null,
      thumbnail: offer.thumbnail ?? null,
      error: state?.state === 'failed' ? state.error : null,
    };
  }

  /** Of a message of mine, by its hash. */
  reach(hash: string): FileReach {
    return this.#files.reach(this.#names.get(hash) ?? '');
  }

  /** How many files of mine nobody else has, of those that a message for which this is true brings. */
  onlyHere(counts: (entry: Entry) => boolean): number {
    const { self } = this.#options;
    const isBrought = (name: FileName) =>
      this.#entries.get(name)?.some((entry) => entry.from === self && counts(entry));
    return this.#files.onlyHere().filter(isBrought).length;
  }

  /** Messages (hashes) whose file waits, of authors for whom this is true. */
  waiting(isWanted: (author: MemberId) => boolean): string[] {
    const waiting = [...this.#entries].filter(([name]) => this.#files.state(name)?.state === 'waiting');
    return waiting.flatMap(([, entries]) => entries.filter(({ from }) => isWanted(from)).map(({ hash }) => hash));
  }

  /** @throws KithError 'file-unreadable' while it is not whole; 'record-damaged' */
  open(hash: string): Promise<Blob> {
    return opened((type) => this.#files.open(this.#names.get(hash) ?? '', type));
  }

  async cancel(hash: string): Promise<void> {
    await this.#files.cancel(this.#names.get(hash) ?? '');
  }

  /** Of a message of mine that will not be sent. @param id 16 bytes */
  async forget(id: Uint8Array): Promise<void> {
    await this.#options.blobs.remove(blobOfMessage(id));
  }

  /**
   * Of a message of mine that does not count, and that I removed. Should it count again, it may be fetched from others. What a message
   * that `counts` brings as well stays.
   */
  async discard({ message }: Entry, counts: (entry: Entry) => boolean): Promise<void> {
    const { body, id } = message;
    if (body.type !== 'file') return;
    const name = await fileNameOf(body.file);
    await this.#inLine(async () => {
      if (this.#entries.get(name)?.some(counts)) return;
      await this.#files.discard(name);
      await this.#unkeep(name);
      await this.forget(id);
    });
  }

  /** Names in the store of everything that these messages, counting today or not, and these drafts bring. */
  async blobIds(entries: readonly Entry[], drafts: readonly Draft[]): Promise<string[]> {
    const brought = entries.map(async (entry) => {
      const { body } = entry.message;
      return body.type === 'file' ? [this.#blobOf(entry, await fileNameOf(body.file))] : [];
    });
    const waiting = drafts.filter(({ body }) => body.type === 'file').map(({ id }) => blobOfMessage(id));
    return [...(await Promise.all(brought)).flat(), ...waiting];
  }

  /** Something was sealed, or is being sealed, under this name in the store since this page opened. */
  hasSealed(blobId: string): boolean {
    return this.#sealed.has(blobId);
  }

  /** What failed is fetched anew. */
  async retry(hash: string): Promise<void> {
    await this.#files.retry(this.#names.get(hash) ?? '');
  }

  /** A new state is shown at once, progress at the next tick. */
  #moved(file: FileName): void {
    if (this.#shown.get(file) === this.#stateOf(file)) this.#behind.add(file);
    else this.#show(file);
  }

  #show(file: FileName): void {
    this.#shown.set(file, this.#stateOf(file));
    this.#options.changed((this.#entries.get(file) ?? []).map(({ hash }) => hash));
  }

  #stateOf(file: FileName): string {
    return `${this.#files.state(file)?.state} ${this.#files.reach(file)}`;
  }

  async #bring(entry: Entry, offer: GroupFileOffer): Promise<void> {
    const name = await fileNameOf(offer);
    this.#names.set(entry.hash, name);
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), entry]);
    this.#notes ??= await this.#readNotes();
    const isMine = entry.from === this.#options.self;
    const note = this.#notes.get(name);
    await this.#files.brought({ name, blobId: this.#blobOf(entry, name), isMine, offer }, note);
  }

  #blobOf({ from, message }: Entry, name: FileName): string {
    const { self, id } = this.#options;
    return from === self ? blobOfMessage(message.id) : blobOfName(id, name);
  }

  async #readNotes(): Promise<Map<FileName, FileNote>> {
    const { store, id, log } = this.#options;
    const prefix = groupKeys.file(id, '');
    const records = await store.list('group-state', { prefix });
    const notes = new Map<FileName, FileNote>();
    for (const { key, value } of records) {
      try {
        notes.set(key.slice(prefix.length), decodeNote(value));
      } catch (error) {
        // One that cannot be read costs a second look at its own file.
        log('warn', 'end of a file not read', { kind: kindOf(error) });
      }
    }
    return notes;
  }

  async #keep(file: FileName, note: FileNote): Promise<void> {
    const { store, id } = this.#options;
    await store.commit([{ put: 'group-state', key: groupKeys.file(id, file), value: encodeNote(note) }], 'strict');
    this.#notes?.set(file, note);
  }

  async #unkeep(file: FileName): Promise<void> {
    const { store, id } = this.#options;
    await store.commit([{ remove: 'group-state', key: groupKeys.file(id, file) }], 'strict');
    this.#notes?.delete(file);
  }

  #inLine(work: () => Promise<void>): Promise<void> {
    return this.#line.run(work).catch((error) => {
      this.#options.log('warn', 'files of a group not tended', { kind: kindOf(error) });
    });
  }
}
