// Files between this device and its contacts: prepares, sends, receives, resumes and opens them (TRANSFER.md).
import { toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { FileOffer } from '../wire/chat-messages.ts';
import type { TransferMessage } from '../wire/transfer-messages.ts';
import { kindOfReason, reasonOf, type TransferChannel } from './channel.ts';
import {
  checkSize,
  Files,
  layoutOfFile,
  type TransferCounters,
  type TransferFile,
  type TransfersOptions,
} from './files.ts';
import { IncomingFile } from './incoming-file.ts';
import { isLayout, unitsIn } from './layout.ts';
import { OutgoingLane } from './outgoing-lane.ts';

export type { TransferChannel } from './channel.ts';
export type { TransferCounters, TransferEvent, TransferState, TransfersOptions } from './files.ts';

const FILE_KEY_BYTES = 32;

/** What sealing tells; with id, name and type it makes a FileOffer. */
export type PreparedFile = Pick<FileOffer, 'key' | 'size' | 'units' | 'sha256'>;

export interface PrepareOptions {
  /** 0 … 1 */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

interface Peer {
  channel: TransferChannel | undefined;
  readonly lane: OutgoingLane;
  readonly incoming: Map<string, IncomingFile>;
  /** Whole files of mine for which they have asked in this session. */
  readonly asked: Set<TransferFile>;
}

export class Transfers {
  readonly #files: Files;
  readonly #peers = new Map<string, Peer>();
  /** Sealed and not offered: nobody is told of these. */
  readonly #unoffered = new Set<TransferFile>();

  constructor(options: TransfersOptions) {
    this.#files = new Files(options);
  }

  get counters(): Readonly<TransferCounters> {
    return this.#files.counters;
  }

  /** All of this file of that contact's, or of mine to them, is on the receiver's disk and its hash is right. */
  isComplete(contactId: string, fileId: Uint8Array, direction: 'in' | 'out'): boolean {
    const record = this.#files.get(fileId, contactId)?.record;
    return record?.direction === direction && record.state === 'complete';
  }

  /** Nothing has become of it since it ended like this. `fileId`: hex; one that is not known here has ended for good. */
  hasEnded(fileId: string, state: 'complete' | 'failed'): boolean {
    const file = this.#files.byId(fileId);
    return file === undefined || file.record.state === state;
  }

  /** Files that failed for good. */
  failed(): { readonly contactId: string; readonly fileId: string; readonly error: ErrorKind }[] {
    const failed = this.#files.all().filter(({ record }) => record.state === 'failed');
    return failed.map(({ id, record: { contactId, error = 'internal' } }) => ({ contactId, fileId: id, error }));
  }

  /** Sealed files of the person's that have not ended. */
  outgoingWaiting(): { readonly contactId: string; readonly fileId: string }[] {
    const waiting = this.#files.all().filter(({ record }) => record.direction === 'out' && record.state === 'waiting');
    return waiting.map(({ id, record: { contactId } }) => ({ contactId, fileId: id }));
  }

  /** At start, before anything else: picks up every file that has not ended. */
  async resumeAll(): Promise<void> {
    for (const file of await this.#files.load()) {
      if (file.record.state !== 'waiting') continue;
      this.#follow(file);
      if (file.record.direction === 'in') this.#announceTo(file.record.contactId, file);
    }
  }

  /**
   * Seals a file of the person's under a fresh key and stores the sealed units. `fileId`: 16 random bytes, used once. The other side
   * learns nothing of it before `outgoing`.
   * @throws KithError 'file-too-large' (before anything is read) | 'file-changed' | 'file-unreadable' | 'file-cancelled' | 'disk-full'
   */
  async prepare(
    contactId: string,
    fileId: Uint8Array,
    file: Blob,
    options: PrepareOptions = {},
  ): Promise<PreparedFile> {
    const { blobs, random, maxFileBytes } = this.#files.options;
    checkSize(file.size, maxFileBytes());
    if (this.#files.get(fileId)) throw new KithError('internal');
    const key = random.bytes(FILE_KEY_BYTES);
    const { layout, sha256 } = await blobs.seal(toHex(fileId), file, key, options);
    const prepared = { key, ...layout, sha256 };
    try {
      this.#unoffered.add(await this.#files.add(fileId, { contactId, direction: 'out', ...prepared }));
    } catch (error) {
      await blobs.remove(toHex(fileId));
      throw error;
    }
    return prepared;
  }

  /**
   * A prepared file is about to be offered, or what had failed is tried again: from here on it goes as soon as the other side wants
   * it. To be called before its message is written, or an early `have` would be lost. False when there is no such file here.
   */
  async outgoing(contactId: string, offer: Pick<FileOffer, 'fileId'>): Promise<boolean> {
    const file = this.#files.get(offer.fileId, contactId);
    if (file?.record.direction !== 'out') return false;
    if (file.record.state === 'complete') return true;
    if (file.record.state === 'failed') await this.#files.restart(file);
    // Files move in the order of their offers, not in that of their sealing.
    if (this.#unoffered.delete(file) && this.#peer(contactId).lane.goesBefore(file)) await this.#files.moveToEnd(file);
    this.#follow(file);
    return true;
  }

  /** The other side had this file of mine and came back without it: it moves again as soon as they want it. */
  async again(contactId: string, fileId: Uint8Array): Promise<void> {
    const file = this.#files.get(fileId, contactId);
    if (file?.record.direction === 'out' && file.record.state === 'complete') await this.#giveAgain(file);
  }

  /** The other side offers a file and its message is stored: asks for its units. Repeating an offer does no harm. */
  async offered(contactId: string, offer: FileOffer): Promise<void> {
    const known = this.#files.get(offer.fileId);
    if (known) return this.#offeredAgain(contactId, known, offer);
    await this.#accept(contactId, offer);
  }

  attach(contactId: string, channel: TransferChannel): void {
    const peer = this.#peer(contactId);
    if (peer.channel !== undefined) this.detach(contactId);
    peer.channel = channel;
    peer.asked.clear();
    peer.lane.attach(channel);
    for (const [id, incoming] of peer.incoming) {
      if (incoming.file.record.state === 'waiting') this.#announce(incoming);
      else peer.incoming.delete(id);
    }
  }

  detach(contactId: string): void {
    const peer = this.#peer(contactId);
    peer.channel = undefined;
    peer.lane.detach();
    for (const incoming of peer.incoming.values()) incoming.rest();
  }

  /** Call in the order of arrival; it need not be awaited. Only after `attach`. */
  async handle(contactId: string, message: TransferMessage): Promise<void> {
    const { counters } = this.#files;
    if (message.type === 'units') counters.unitsReceived += unitsIn(message.sealed.length);
    const file = this.#files.get(message.fileId, contactId);
    if (file === undefined) return this.#unknown(contactId, message);
    const { asked, lane } = this.#peer(contactId);
    const isWhole = file.record.direction === 'out' && file.record.state === 'complete';
    // They had all of it, and ask: they came back without it. Once in a session, for it costs me much and them nothing.
    if (isWhole && message.type === 'have' && !asked.has(file)) {
      asked.add(file);
      await this.#giveAgain(file);
      return lane.handle(file, message);
    }
    if (file.record.state !== 'waiting') return this.#ended(contactId, file, message);
    if (file.record.direction === 'in') return this.#toReceiver(contactId, file, message);
    if (message.type !== 'units') await this.#peer(contactId).lane.handle(file, message);
  }

  /** Stops a file that has not ended, on both sides. */
  async cancel(contactId: string, fileId: Uint8Array): Promise<void> {
    const file = this.#files.get(fileId, contactId);
    if (file?.record.state !== 'waiting') return;
    this.#send(contactId, { type: 'stop', fileId, reason: 'cancelled' });
    await this.#end(file, 'file-cancelled', false);
  }

  /** Removes the file and all that is known of it; the other side is told when it was offered and had not ended. */
  async forget(fileId: Uint8Array): Promise<void> {
    const file = this.#files.get(fileId);
    if (file === undefined) return;
    const offered = !this.#unoffered.delete(file);
    if (offered && file.record.state === 'waiting')
      this.#send(file.record.contactId, { type: 'stop', fileId, reason: 'cancelled' });
    this.#unfollow(file);
    await this.#files.forget(file);
  }

  /**
   * The plain file, one's own or a complete received one. `type` becomes the Blob's.
   * @throws KithError 'file-unreadable' when it is not here (whole) | 'record-damaged'
   */
  openFile(fileId: Uint8Array, type: string): Promise<Blob> {
    const file = this.#files.get(fileId);
    const whole = file?.record.direction === 'out' || file?.record.state === 'complete';
    if (file === undefined || !whole) return Promise.reject(new KithError('file-unreadable'));
    return this.#files.options.blobs.open(file.id, layoutOfFile(file), file.record.key, type);
  }

  async #accept(contactId: string, offer: FileOffer): Promise<void> {
    const { fileId, key, size, units, sha256 } = offer;
    const limit = this.#files.options.maxFileBytes();
    const refusal: ErrorKind | undefined =
      size > limit ? 'file-too-large' : isLayout({ size, units }) ? undefined : 'file-corrupt-unit';
    const record = { contactId, direction: 'in', key, size, units, sha256 } as const;
    try {
      const file = await this.#files.add(fileId, record);
      this.#follow(file);
      if (refusal) await this.#peer(contactId).incoming.get(file.id)?.fail(refusal);
      else this.#announceTo(contactId, file);
    } catch (error) {
      // Not even its record finds room.
      const kind = kindOf(error);
      this.#send(contactId, { type: 'stop', fileId, reason: reasonOf(kind) });
      this.#lost(contactId, fileId, 'in', kind);
    }
  }

  /** Tells the end of a file of which there is no record. */
  #lost(contactId: string, fileId: Uint8Array, direction: 'in' | 'out', error: ErrorKind, byThem = false): void {
    const end = { state: 'failed', progress: 0, error, byThem } as const;
    this.#files.options.onEvent({ contactId, fileId: toHex(fileId), direction, ...end });
  }

  async #offeredAgain(contactId: string, file: TransferFile, offer: FileOffer): Promise<void> {
    const { record } = file;
    // Somebody else's file, or our own: an id names one file for ever.
    if (record.contactId !== contactId || record.direction !== 'in') return;
    if (record.state === 'failed') return this.#accept(contactId, offer);
    if (record.state === 'complete') this.#send(contactId, { type: 'done', fileId: offer.fileId });
    else this.#announceTo(contactId, file);
  }

  async #toReceiver(contactId: string, file: TransferFile, message: TransferMessage): Promise<void> {
    const incoming = this.#peer(contactId).incoming.get(file.id);
    if (incoming === undefined) return;
    try {
      if (message.type === 'units') await incoming.onUnits(message);
      else if (message.type === 'have') await incoming.announce();
      else if (message.type === 'stop') await this.#end(file, kindOfReason(message.reason), true);
    } catch (error) {
      // Our disk, not their message: the session goes on, the file waits for the next one.
      this.#files.options.log('error', 'stored units not readable', { kind: kindOf(error) });
    }
  }

  /** Nothing here has this id. A sender that asks may be early: its offer is on the way and will be answered. */
  #unknown(contactId: string, message: TransferMessage): void {
    const early = message.type === 'have' && message.bitmap.every((byte) => byte === 0xff);
    // They want no such file, and what is known of it here was lost: nobody else will end it.
    if (message.type === 'stop') this.#lost(contactId, message.fileId, 'out', kindOfReason(message.reason), true);
    if (early || message.type === 'stop' || message.type === 'done' || message.type === 'ack-units') return;
    this.#send(contactId, { type: 'stop', fileId: message.fileId, reason: 'unknown' });
    // They want it, so it was offered; what is known of it here was lost or cannot be read any more.
    if (message.type === 'have') this.#lost(contactId, message.fileId, 'out', 'record-damaged');
  }

  async #giveAgain(file: TransferFile): Promise<void> {
    // No room to note it: should this page end before the file has arrived, they ask once more.
    await this.#files.restart(file, true).catch(() => {});
    this.#follow(file);
  }

  /** The file has ended here, and the other side does not know yet. */
  #ended(contactId: string, file: TransferFile, message: TransferMessage): void {
    const asks = message.type === 'have' || message.type === 'units';
    if (!asks) return;
    const { state, direction, error, byThem } = file.record;
    // Its sender stopped it and speaks of it all the same: it is tried again, and its offer, which may be behind this, will be answered.
    if (direction === 'in' && byThem) return;
    if (state === 'failed') this.#send(contactId, { type: 'stop', fileId: file.idBytes, reason: reasonOf(error) });
    else if (direction === 'in') this.#send(contactId, { type: 'done', fileId: file.idBytes });
    else this.#send(contactId, { type: 'stop', fileId: file.idBytes, reason: 'unknown' });
  }

  async #end(file: TransferFile, error: ErrorKind, byThem: boolean): Promise<void> {
    this.#unfollow(file);
    await this.#files.fail(file, error, byThem);
  }

  #follow(file: TransferFile): void {
    const { contactId, direction } = file.record;
    const peer = this.#peer(contactId);
    if (direction === 'out') {
      peer.lane.add(file);
      return;
    }
    const send = (message: TransferMessage): void => this.#send(contactId, message);
    peer.incoming.set(file.id, new IncomingFile(this.#files, file, send));
  }

  #unfollow(file: TransferFile): void {
    const peer = this.#peer(file.record.contactId);
    peer.lane.drop(file);
    peer.incoming.delete(file.id);
  }

  #announceTo(contactId: string, file: TransferFile): void {
    const incoming = this.#peer(contactId).incoming.get(file.id);
    if (incoming) this.#announce(incoming);
  }

  #announce(incoming: IncomingFile): void {
    incoming.announce().catch(() => this.#files.options.log('error', 'stored units not readable'));
  }

  #send(contactId: string, message: TransferMessage): void {
    this.#peers
      .get(contactId)
      ?.channel?.send(message)
      .catch(() => {}); // the session's end is told by detach
  }

  #peer(contactId: string): Peer {
    const peer = this.#peers.get(contactId);
    if (peer) return peer;
    const lane = new OutgoingLane(this.#files);
    const fresh: Peer = { channel: undefined, lane, incoming: new Map(), asked: new Set() };
    this.#peers.set(contactId, fresh);
    return fresh;
  }
}
