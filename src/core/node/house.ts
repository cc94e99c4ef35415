// The house a node lives in: its rooms, joined, and what they tell the screens.
import { toHex } from '../bytes/hex.ts';
import { Chat } from '../chat/chat.ts';
import type { ChangedMessage } from '../chat/ledger.ts';
import { unlessDamaged } from '../chat/records.ts';
import type { ParsedConfig } from '../config.ts';
import { type ErrorKind, KithError } from '../errors.ts';
import { cleanName } from '../identity/names.ts';
import type { LockView, MessageView, Result, Snapshot } from '../node-api.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Timer } from '../ports/clock.ts';
import type { KeyDeriver } from '../ports/key-deriver.ts';
import type { NumberDeriver } from '../ports/number-deriver.ts';
import type { StorageManager } from '../ports/storage-manager.ts';
import type { Store } from '../ports/store.ts';
import type { VaultSource } from '../ports/vault.ts';
import type { Witness } from '../ports/witness.ts';
import { Transfers } from '../transfer/transfers.ts';
import { inBackground } from './background.ts';
import { clearOut, unfinishedImport } from './backup/unfinished.ts';
import { Board } from './board.ts';
import { type Contact, ContactBook } from './contact-book.ts';
import { whatIsGone } from './data-gone.ts';
import { FileFates } from './file-fates.ts';
import { Files } from './files.ts';
import type { Network, NetworkOptions } from './network.ts';
import { PatientNumbers } from './numbers.ts';
import type { OverlaySource } from './overlay-house.ts';
import { type KnownIdentity, ProfileBook } from './profile.ts';
import { reconcileFiles } from './reconcile.ts';
import { resultOf } from './result.ts';
import { composeSnapshot } from './snapshot.ts';
import { isOutlived, isTombstone } from './standing.ts';
import { StorageWatch } from './storage-watch.ts';
import { StoreGate } from './store-gate.ts';
import { messageView } from './views.ts';
import { WholeStore } from './whole-store.ts';

export interface NodeOptions extends Pick<NetworkOptions, 'dialer' | 'openEntryPoint' | 'clock' | 'random' | 'log'> {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly numbers: NumberDeriver;
  readonly storage: StorageManager;
  readonly config: ParsedConfig;
  /** Address of the page, against which relative trackers are resolved. */
  readonly page: string;
  /** None: contacts meet at trackers alone. */
  readonly overlay?: OverlaySource;
  /** None: nothing is taken along, and nothing brought in. */
  readonly deriveKey?: KeyDeriver;
  /** None: there is nothing that a passphrase could protect. */
  readonly vault?: VaultSource;
  /** None: a database that is gone is taken for a first start. */
  readonly witness?: Witness;
  /** What `openEntryPoint` needs is loaded when this resolves. */
  readonly beforeNetwork?: () => Promise<void>;
}

/** How often chosen expiries are looked at. */
const EXPIRY_EVERY_MS = 15_000;

/** Everything a node is made of. */
export class House {
  readonly storage: StorageWatch;
  readonly store: Store;
  /** What `store` is. */
  readonly gate: StoreGate;
  readonly whole: WholeStore;
  readonly profile: ProfileBook;
  readonly book: ContactBook;
  readonly board: Board;
  readonly chat: Chat;
  readonly transfers: Transfers;
  readonly files: Files;
  network: Network | undefined;
  readonly fates: FileFates;
  /** The identity is being made. */
  creating: Promise<void> | undefined;
  /** Why nothing is here where something should be: an import that did not end, or 'data-gone'. */
  unfinished: ErrorKind | undefined;
  lock: LockView = { state: 'none', autoLock: 0 };
  private readonly numbers: PatientNumbers;
  private expiry: Timer | undefined;
  private closed = false;
  private previous: Snapshot | undefined;

  constructor(readonly options: NodeOptions) {
    const { clock, random, log, blobs, config } = options;
    this.storage = new StorageWatch(options.store, options.storage, () => this.board.changed());
    this.whole = new WholeStore(clock);
    this.gate = new StoreGate(this.storage.watched());
    this.store = this.gate;
    this.profile = new ProfileBook(this.store);
    this.board = new Board(clock, log, () => this.compose());
    this.book = new ContactBook(this.store, clock, random, log, () => {
      this.board.changed();
      this.network?.contactsChanged();
    });
    this.numbers = new PatientNumbers(options.numbers, clock, log);
    const maxFileBytes = () => config.config.maxFileBytes;
    this.chat = new Chat({
      store: this.store,
      clock,
      random,
      maxFileBytes,
      hasFile: (contactId, fileId) => this.transfers.isComplete(contactId, fileId, 'in'),
      sendReadReceipts: () => this.profile.settings.sendReadReceipts,
      cameBack: () => this.profile.cameBack,
      events: {
        changed: (contactId, _, messages) => this.chatChanged(contactId, messages),
        fileExpected: (contactId, offer) => {
          this.fates.tellComplete(contactId, offer.fileId);
          this.inBackground('file not taken', this.transfers.offered(contactId, offer));
        },
        fileUnwanted: (contactId, fileId) => this.network?.conversations.fileUnwanted(contactId, fileId),
        fileDropped: (contactId, fileId) =>
          this.inBackground('file not stopped', this.transfers.cancel(contactId, fileId)),
        fileLost: (contactId, fileId) => this.transfers.again(contactId, fileId),
      },
    });
    this.transfers = new Transfers({
      blobs,
      store: this.store,
      clock,
      random,
      log,
      maxFileBytes,
      onEvent: (event) => this.inBackground('end of a file not noted', this.fates.happened(event)),
    });
    this.fates = new FileFates({
      chat: this.chat,
      transfers: () => this.transfers,
      storage: this.storage,
      clock,
      log,
      show: (contactId, message) => this.board.messages(contactId, [this.view(contactId, message)]),
    });
    this.files = new Files({ chat: this.chat, transfers: this.transfers, random, maxFileBytes });
  }

  // Start

  async load(): Promise<void> {
    this.unfinished = await unfinishedImport(this.store);
    if (this.unfinished) await clearOut(this.store, this.options.blobs, this.unfinished);
    await this.profile.load();
    if (this.profile.identity) this.witnessed();
    else this.unfinished ??= await whatIsGone(this.options);
    await this.book.load();
    const now = this.options.clock.now();
    for (const contact of this.book.all()) {
      if (isOutlived(contact, now)) await this.book.eraseIf(contact.id, isTombstone);
      else if (!isTombstone(contact)) await this.openConversation(contact, contact.createdAt);
    }
    await this.transfers.resumeAll();
    await reconcileFiles(this);
    if (this.options.vault?.isProtected) await (await import('./vault-actions.ts')).followLock(this);
    if (this.profile.identity) await this.startNetwork();
    this.expireEveryNow();
    this.inBackground('room not measured', this.storage.measure());
  }

  /** Makes the identity, once: of a root secret that somebody came back with, or a new one. @throws KithError 'name-empty' */
  async create(name: string, known?: KnownIdentity): Promise<void> {
    const clean = cleanName(name);
    if (clean === '') throw new KithError('name-empty');
    // Two tabs may ask at once; a second root secret would be a second person.
    this.creating ??= this.createNow(clean, known).finally(() => {
      this.creating = undefined;
    });
    await this.creating;
  }

  private async createNow(name: string, known: KnownIdentity | undefined): Promise<void> {
    // Each step is there once, so that another attempt goes on where the last one failed.
    if (!this.profile.identity) await this.profile.create(name, this.options.random, known);
    this.witnessed();
    this.unfinished = undefined;
    if (!this.network) await this.startNetwork();
    const { firstContact } = this.requireNetwork();
    if (!firstContact.card('card')) await firstContact.newCard('card');
    this.board.changed();
  }

  private witnessed(): void {
    const { witness } = this.options;
    if (witness) this.inBackground('identity not noted beside the records', witness.note());
  }

  /** One that cannot be read any more stays on the disk as it is, is not shown, and keeps nobody else waiting. */
  private async openConversation(contact: Contact, since?: number): Promise<void> {
    const conversation = await unlessDamaged(() => this.chat.open(contact.id, since));
    if (!conversation) return;
    if (conversation.lastPosition === 0) return;
    const [last] = await this.chat.stored.list(contact.id, conversation.lastPosition + 1, 1);
    if (last) this.board.setLast(contact.id, last);
  }

  async startNetwork(): Promise<void> {
    const { identity } = this.profile;
    if (!identity) return;
    const { clock, random, log, dialer, openEntryPoint } = this.options;
    // Not before there is somebody to connect: the first screen needs none of it.
    const [{ Network }] = await Promise.all([import('./network.ts'), this.options.beforeNetwork?.()]);
    this.network = new Network({
      identity,
      store: this.store,
      blobs: this.options.blobs,
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
      relayOnly: () => this.profile.settings.relayOnly,
      discoverable: () => this.profile.settings.discoverable,
      ownNumber: () => this.profile.profile?.number ?? '',
      // Somebody waits while a number is looked up, and is told when it cannot be worked out.
      numbers: this.options.numbers,
      overlay: this.options.overlay,
      relaying: () => this.profile.settings.relaying,
      published: {
        trackers: this.options.config.config.trackers,
        inUse: () => this.profile.settings.trackers === null,
      },
      changed: () => this.board.changed(),
      errand: (errand) => this.board.errand(errand),
      contactAdded: async (contact) => {
        await this.openConversation(contact);
        this.inBackground('number not kept', this.deriveNumber(contact.id));
        // Now there is something to lose.
        if (this.storage.view.persisted !== true)
          this.inBackground('persistence not asked for', this.storage.requestPersistence());
      },
      board: this.board,
      deriveNumber: (fingerprint) => this.numbers.derive(fingerprint),
    });
    await this.network.start(this.trackers());
    this.inBackground('number not kept', this.deriveNumbers());
  }

  trackers(): readonly string[] {
    return this.profile.settings.trackers ?? this.options.config.config.trackers;
  }

  private async deriveNumbers(): Promise<void> {
    const { profile, identity } = this.profile;
    if (profile && identity && profile.number === '') {
      await this.profile.edit({ number: await this.numbers.derive(identity.fingerprint) });
      this.network?.numberKnown();
      this.board.changed();
    }
    for (const contact of this.book.all()) await this.deriveNumber(contact.id);
  }

  private async deriveNumber(contactId: string): Promise<void> {
    const contact = this.book.get(contactId);
    if (contact?.number !== '') return;
    const number = await this.numbers.derive(contact.fingerprint);
    await this.book.edit(contactId, (before) => ({ ...before, number }));
  }

  private expireEveryNow(): void {
    this.expiry = this.options.clock.after(EXPIRY_EVERY_MS, () => {
      const due = this.book.shown().map((contact) => this.chat.housekeeping.expireDue(contact.id));
      void Promise.allSettled(due).then(() => this.closed || this.expireEveryNow());
    });
  }

  // What is told

  private compose(): Snapshot {
    const { profile, book, chat, board, storage, network } = this;
    const { unfinished, lock } = this;
    const parts = { profile, book, chat, board, storage, network, unfinished, lock, config: this.options.config };
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

  view(contactId: string, message: ChangedMessage): MessageView {
    const { id, direction, fileState } = message.record;
    if (direction === 'in' && fileState === 'waiting') this.fates.tellComplete(contactId, id);
    const from = message.record.direction === 'out' ? this.profile.profile?.number : this.book.get(contactId)?.number;
    const live = this.fates.live(toHex(message.record.id));
    return messageView(contactId, message, this.chat.conversation(contactId), from ?? '', live);
  }

  /** The page is going away. */
  close(): void {
    this.closed = true;
    this.fates.close();
    this.expiry?.cancel();
    this.network?.close();
  }

  private inBackground(event: string, work: Promise<unknown>): void {
    inBackground(this.options.log, event, work);
  }

  requireNetwork(): Network {
    if (!this.network) throw new KithError('internal');
    return this.network;
  }

  attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
    return resultOf(this.options.log, work);
  }
}
