// The façade: joins the rooms and runs their effects. One node serves every tab of a profile (node-api.ts says what it offers).
import { fromHex, toHex } from './bytes/hex.ts';
import { Chat } from './chat/chat.ts';
import type { ChangedMessage } from './chat/ledger.ts';
import { type ParsedConfig, parseTrackers } from './config.ts';
import { KithError } from './errors.ts';
import { cleanName } from './identity/names.ts';
import { Board } from './node/board.ts';
import { type Contact, ContactBook } from './node/contact-book.ts';
import { Files } from './node/files.ts';
import { Network, type NetworkOptions } from './node/network.ts';
import { ProfileBook } from './node/profile.ts';
import { resultOf } from './node/result.ts';
import { composeSnapshot } from './node/snapshot.ts';
import { isTombstone, refusedBy, TOMBSTONE_MS, worthMeeting } from './node/standing.ts';
import { StorageWatch } from './node/storage-watch.ts';
import { type LiveTransfer, messageView } from './node/views.ts';
import type { DiagnosticsView, KithNode, MessageView, OutgoingFile, Result, Snapshot } from './node-api.ts';
import type { BlobStore } from './ports/blob-store.ts';
import type { NumberDeriver } from './ports/number-deriver.ts';
import type { StorageManager } from './ports/storage-manager.ts';
import type { Store } from './ports/store.ts';
import { type TransferEvent, Transfers } from './transfer/transfers.ts';

export interface NodeOptions extends Pick<NetworkOptions, 'dialer' | 'openEntryPoint' | 'clock' | 'random' | 'log'> {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly numbers: NumberDeriver;
  readonly storage: StorageManager;
  readonly config: ParsedConfig;
  /** Address of the page, against which relative trackers are resolved. */
  readonly page: string;
}

/** How often chosen expiries are looked at. */
const EXPIRY_EVERY_MS = 15_000;

/** A node that runs in this tab. */
export interface RunningNode extends KithNode {
  /** The browser says that the network is back, or the person came back to the page: try everything at once. */
  retryNow(): void;
  /** The page is going away: say goodbye to everybody. */
  close(): void;
}

/** Loads what is on the disk and starts the network when there is an identity. @throws KithError 'record-damaged' for the identity itself. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const node = new Node(options);
  await node.load();
  return node;
}

class Node implements RunningNode {
  private readonly storage: StorageWatch;
  private readonly store: Store;
  private readonly profile: ProfileBook;
  private readonly book: ContactBook;
  private readonly board: Board;
  private readonly chat: Chat;
  private readonly transfers: Transfers;
  private readonly files: Files;
  private network: Network | undefined;
  /** Files that are on their way now, by id in hex. */
  private readonly moving = new Map<string, LiveTransfer>();
  private previous: Snapshot | undefined;

  constructor(private readonly options: NodeOptions) {
    const { clock, random, log, blobs, config } = options;
    this.storage = new StorageWatch(options.store, options.storage, () => this.board.changed());
    this.store = this.storage.watched();
    this.profile = new ProfileBook(this.store);
    this.board = new Board(clock, () => this.compose());
    this.book = new ContactBook(this.store, clock, random, () => this.board.changed());
    const maxFileBytes = () => config.config.maxFileBytes;
    this.chat = new Chat({
      store: this.store,
      clock,
      random,
      maxFileBytes,
      sendReadReceipts: () => this.profile.settings.sendReadReceipts,
      events: {
        changed: (contactId, _, messages) => this.chatChanged(contactId, messages),
        fileExpected: (contactId, offer) => {
          this.tellComplete(contactId, offer.fileId);
          void this.transfers.offered(contactId, offer);
        },
        fileUnwanted: (contactId, fileId) => this.network?.conversations.fileUnwanted(contactId, fileId),
        fileDropped: (_, fileId) => void this.transfers.cancel(fileId),
      },
    });
    this.transfers = new Transfers({
      blobs,
      store: this.store,
      clock,
      random,
      log,
      maxFileBytes,
      onEvent: (event) => void this.transferChanged(event),
    });
    this.files = new Files({ chat: this.chat, transfers: this.transfers, random, maxFileBytes });
  }

  // Start

  async load(): Promise<void> {
    await this.profile.load();
    await this.book.load();
    const now = this.options.clock.now();
    for (const contact of this.book.all()) {
      if (isTombstone(contact) && contact.createdAt + TOMBSTONE_MS < now) await this.book.erase(contact.id);
      else if (!isTombstone(contact)) await this.openConversation(contact);
    }
    await this.transfers.resumeAll();
    for (const { contactId, fileId, error } of this.transfers.failed()) {
      if (this.chat.conversation(contactId)) await this.chat.files.stop(contactId, fileId, error);
    }
    if (this.profile.identity) await this.startNetwork();
    this.expireEveryNow();
  }

  private async openConversation(contact: Contact): Promise<void> {
    const conversation = await this.chat.open(contact.id);
    if (conversation.lastPosition === 0) return;
    const [last] = await this.chat.list(contact.id, conversation.lastPosition + 1, 1);
    if (last) this.board.setLast(contact.id, last);
  }

  private async startNetwork(): Promise<void> {
    const { identity } = this.profile;
    if (!identity) return;
    const { clock, random, log, dialer, openEntryPoint } = this.options;
    this.network = new Network({
      identity,
      store: this.store,
      clock,
      random,
      log,
      dialer,
      openEntryPoint,
      book: this.book,
      chat: this.chat,
      transfers: this.transfers,
      self: () => ({
        name: this.profile.profile?.name ?? '',
        maxFileBytes: this.options.config.config.maxFileBytes,
        sendReadReceipts: this.profile.settings.sendReadReceipts,
      }),
      changed: () => this.board.changed(),
      contactAdded: async (contact) => {
        await this.openConversation(contact);
        void this.deriveNumber(contact.id);
      },
      deriveNumber: (fingerprint) => this.options.numbers.derive(fingerprint),
    });
    await this.network.start(this.trackers());
    void this.deriveNumbers();
  }

  private trackers(): readonly string[] {
    return this.profile.settings.trackers ?? this.options.config.config.trackers;
  }

  private async deriveNumbers(): Promise<void> {
    const { profile, identity } = this.profile;
    if (profile && identity && profile.number === '') {
      await this.profile.edit({ number: await this.options.numbers.derive(identity.fingerprint) });
      this.board.changed();
    }
    for (const contact of this.book.all()) await this.deriveNumber(contact.id);
  }

  private async deriveNumber(contactId: string): Promise<void> {
    const contact = this.book.get(contactId);
    if (contact?.number !== '') return;
    const number = await this.options.numbers.derive(contact.fingerprint);
    await this.book.edit(contactId, (before) => ({ ...before, number }));
  }

  private expireEveryNow(): void {
    this.options.clock.after(EXPIRY_EVERY_MS, () => {
      const due = this.book.shown().map((contact) => this.chat.housekeeping.expireDue(contact.id));
      void Promise.allSettled(due).then(() => this.expireEveryNow());
    });
  }

  // What is told

  subscribe: KithNode['subscribe'] = (listener) => this.board.subscribe(listener);

  async snapshot(): Promise<Snapshot> {
    return this.board.snapshot();
  }

  private compose(): Snapshot {
    const { profile, book, chat, board, storage, network } = this;
    const parts = { profile, book, chat, board, storage, network, config: this.options.config };
    this.previous = composeSnapshot({ ...parts, trackers: this.trackers() }, this.previous);
    return this.previous;
  }

  private chatChanged(contactId: string, messages: readonly ChangedMessage[]): void {
    const lastPosition = this.chat.conversation(contactId)?.lastPosition;
    const last = messages.find(({ position }) => position === lastPosition);
    if (last) this.board.setLast(contactId, last);
    this.board.messages(
      contactId,
      messages.map((message) => this.view(contactId, message)),
    );
    this.board.changed();
  }

  /** The page may have died after the file was complete and before its message knew. */
  private tellComplete(contactId: string, fileId: Uint8Array): void {
    if (this.transfers.isComplete(fileId)) void this.chat.files.complete(contactId, toHex(fileId));
  }

  private view(contactId: string, message: ChangedMessage): MessageView {
    const { id, direction, fileState } = message.record;
    if (direction === 'in' && fileState === 'waiting') this.tellComplete(contactId, id);
    const from = message.record.direction === 'out' ? this.profile.profile?.number : this.book.get(contactId)?.number;
    const live = this.moving.get(toHex(message.record.id));
    return messageView(contactId, message, this.chat.conversation(contactId), from ?? '', live);
  }

  private async transferChanged(event: TransferEvent): Promise<void> {
    const { contactId, fileId, state, progress, error } = event;
    if (error === 'disk-full') this.storage.noRoom();
    if (state === 'complete' || state === 'failed') {
      this.moving.delete(fileId);
      await this.network?.conversations.fileEnded(contactId, fileId, error, event.byThem === true);
    } else {
      this.moving.set(fileId, { state, progress });
    }
    const message = await this.chat.message(contactId, fileId);
    if (message) this.board.messages(contactId, [this.view(contactId, message)]);
  }

  async diagnostics(): Promise<DiagnosticsView> {
    const { dialer } = this.options;
    const totals = this.network?.peers.totals();
    const units = this.transfers.counters;
    return {
      links: totals?.live ?? 0,
      routes: 0,
      peerConnectionsOpened: dialer.opened,
      peerConnectionsAlive: dialer.alive,
      bytesIn: totals?.bytesIn ?? 0,
      bytesOut: totals?.bytesOut ?? 0,
      unitsSent: units.unitsSent,
      unitsReceived: units.unitsReceived,
      session: {
        protocol: totals?.protocol ?? null,
        live: totals?.live ?? 0,
        handshakes: this.network?.peers.handshakes ?? 0,
      },
      entryPoints: this.network?.view().entryPoints ?? [],
    };
  }

  // Me

  createIdentity(name: string): Promise<Result> {
    return this.attempt(async () => {
      if (this.profile.identity) return;
      await this.profile.create(requireName(name), this.options.random);
      await this.startNetwork();
      await this.network?.firstContact.newCard();
      this.board.changed();
    });
  }

  rename(name: string): Promise<Result> {
    return this.attempt(async () => {
      await this.profile.edit({ name: requireName(name) });
      for (const contact of this.book.shown()) this.network?.conversations.announce(contact.id);
      this.board.changed();
    });
  }

  // First contact

  newCard(): Promise<Result> {
    return this.attempt(() => this.requireNetwork().firstContact.newCard());
  }

  takeCard(text: string): Promise<Result<{ readonly attemptId: string }>> {
    return this.attempt(async () => ({ attemptId: await this.requireNetwork().firstContact.take(text) }));
  }

  async dismissAttempt(attemptId: string): Promise<void> {
    await this.network?.firstContact.dismiss(attemptId);
  }

  answerRequest(requestId: string, answer: 'accept' | 'accept-verified' | 'refuse'): Promise<Result> {
    return this.attempt(() => this.requireNetwork().firstContact.answer(requestId, answer));
  }

  // Contacts

  setNickname(conversationId: string, nickname: string): Promise<Result> {
    return this.attempt(async () => {
      await this.book.edit(conversationId, (contact) => ({ ...contact, nickname: cleanName(nickname) }));
    });
  }

  setGiveUpAfter(conversationId: string, milliseconds: number): Promise<Result> {
    return this.attempt(async () => {
      await this.chat.housekeeping.setGiveUpAfter(conversationId, Math.max(0, Math.floor(milliseconds)));
      await this.chat.housekeeping.expireDue(conversationId);
    });
  }

  block(conversationId: string): Promise<Result> {
    return this.stand(conversationId, 'blocked');
  }

  unblock(conversationId: string): Promise<Result> {
    return this.stand(conversationId, 'accepted');
  }

  private stand(conversationId: string, mine: Contact['mine']): Promise<Result> {
    return this.attempt(async () => {
      const contact = await this.book.edit(conversationId, (before) => ({ ...before, mine, told: false }));
      if (!contact) throw new KithError('not-a-contact');
      this.network?.conversations.announce(conversationId);
      await this.network?.conversations.follow(contact);
    });
  }

  removeContact(conversationId: string): Promise<Result> {
    return this.attempt(async () => {
      const contact = await this.book.edit(conversationId, (before) => ({
        ...before,
        mine: 'removed',
        told: before.theirs === 'declined' || before.theirs === 'removed',
        nickname: '',
        theirName: '',
      }));
      if (!contact) throw new KithError('not-a-contact');
      this.network?.conversations.announce(conversationId);
      await this.files.remove(await this.chat.housekeeping.remove(conversationId));
      await this.store.commit([{ remove: 'drafts', key: conversationId }], 'strict');
      if (worthMeeting(contact)) await this.network?.conversations.follow(contact);
      else {
        this.network?.peers.unwatch(conversationId);
        await this.book.erase(conversationId);
      }
      this.board.cleared(conversationId);
    });
  }

  clearConversation(conversationId: string): Promise<Result> {
    return this.attempt(async () => {
      await this.files.remove(await this.chat.housekeeping.clear(conversationId));
      this.board.cleared(conversationId);
    });
  }

  // Messages

  async listMessages(conversationId: string, before: number | null, limit: number): Promise<readonly MessageView[]> {
    const messages = await this.chat.list(conversationId, before, Math.min(Math.max(1, limit), 1000));
    return messages.map((message) => this.view(conversationId, message));
  }

  sendText(conversationId: string, text: string): Promise<Result<{ readonly messageId: string }>> {
    return this.attempt(async () => {
      const messageId = await this.chat.writeText(conversationId, text);
      await this.dropIfRefused(conversationId);
      return { messageId };
    });
  }

  sendFiles(conversationId: string, files: readonly OutgoingFile[]): Promise<Result> {
    return this.attempt(async () => {
      await this.files.send(conversationId, files);
      await this.dropIfRefused(conversationId);
    });
  }

  /** Who refuses me refuses this one too: say so at once instead of waiting for ever. */
  private async dropIfRefused(conversationId: string): Promise<void> {
    const contact = this.book.get(conversationId);
    const reason = contact && refusedBy(contact);
    if (reason) await this.chat.housekeeping.refuseAll(conversationId, reason);
  }

  cancelMessage(conversationId: string, messageId: string): Promise<Result> {
    return this.attempt(async () => {
      await this.chat.cancel(conversationId, messageId);
    });
  }

  retryMessage(conversationId: string, messageId: string): Promise<Result> {
    return this.attempt(async () => {
      const contact = this.book.get(conversationId);
      if (!contact) throw new KithError('not-a-contact');
      const found = await this.chat.message(conversationId, messageId);
      if (found?.record.file) await this.transfers.outgoing(conversationId, found.record.file);
      await this.chat.retry(conversationId, messageId);
      // Who blocked me may have thought again, so a retry waits to be told; who removed me has forgotten me.
      if (!worthMeeting(contact)) await this.dropIfRefused(conversationId);
    });
  }

  async markRead(conversationId: string, position: number): Promise<void> {
    if (this.chat.conversation(conversationId)) await this.chat.markRead(conversationId, position);
  }

  cancelTransfer(conversationId: string, messageId: string): Promise<Result> {
    return this.attempt(async () => {
      if (!(await this.chat.cancel(conversationId, messageId))) {
        await this.chat.files.stop(conversationId, messageId, 'file-cancelled');
      }
      await this.transfers.cancel(fromHex(messageId));
    });
  }

  openAttachment(conversationId: string, messageId: string): Promise<Result<{ readonly blob: Blob }>> {
    return this.attempt(async () => ({ blob: await this.files.open(conversationId, messageId) }));
  }

  async draft(conversationId: string): Promise<string> {
    const bytes = await this.store.get('drafts', conversationId).catch(() => undefined);
    return bytes ? new TextDecoder().decode(bytes) : '';
  }

  async setDraft(conversationId: string, text: string): Promise<void> {
    const write =
      text === ''
        ? ({ remove: 'drafts', key: conversationId } as const)
        : ({ put: 'drafts', key: conversationId, value: new TextEncoder().encode(text) } as const);
    await this.store.commit([write], 'relaxed').catch(() => {});
  }

  // Settings

  setTrackers(urls: readonly string[] | null): Promise<Result> {
    return this.attempt(async () => {
      const trackers = urls === null ? null : parseTrackers(urls, this.options.page);
      await this.profile.saveSettings({ trackers });
      this.network?.useTrackers(this.trackers());
      this.board.changed();
    });
  }

  setSendReadReceipts(on: boolean): Promise<Result> {
    return this.attempt(async () => {
      await this.profile.saveSettings({ sendReadReceipts: on });
      this.board.changed();
    });
  }

  requestPersistence(): Promise<void> {
    return this.storage.requestPersistence();
  }

  retryNow(): void {
    this.network?.retryNow();
  }

  close(): void {
    this.network?.close();
  }

  private requireNetwork(): Network {
    if (!this.network) throw new KithError('internal');
    return this.network;
  }

  private attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
    return resultOf(this.options.log, work);
  }
}

/** @throws KithError 'name-empty' */
function requireName(name: string): string {
  const clean = cleanName(name);
  if (clean === '') throw new KithError('name-empty');
  return clean;
}
