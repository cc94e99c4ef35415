// Everything that needs an identity and a network: doors, rendezvous, peers, conversations, first contact.
import { equalBytes } from '../bytes/bytes.ts';
import type { Chat } from '../chat/chat.ts';
import type { Identity } from '../identity/keys.ts';
import type { AttemptView, MailboxErrand, NetworkView } from '../node-api.ts';
import type { Overlay } from '../overlay/overlay-api.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dialer } from '../ports/dialer.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { NumberDeriver } from '../ports/number-deriver.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { Rendezvous } from '../rendezvous/rendezvous.ts';
import type { Transfers } from '../transfer/transfers.ts';
import { inBackground } from './background.ts';
import type { Board } from './board.ts';
import { CardContacts, withProvenSecret } from './card-contacts.ts';
import type { Contact, ContactBook } from './contact-book.ts';
import { Conversations, type ConversationsOptions } from './conversations.ts';
import { Doors } from './doors.ts';
import { FirstContact } from './first-contact.ts';
import { GroupHouse } from './groups/group-house.ts';
import { Introductions } from './introductions.ts';
import { MailboxPairing } from './mailbox-pairing.ts';
import { NumberSearch } from './number-search.ts';
import type { OverlayHouse, OverlaySource } from './overlay-house.ts';
import { diagnose } from './overlay-views.ts';
import { Peers } from './peers.ts';
import { resultOf } from './result.ts';
import { refusedBy } from './standing.ts';
import { Twin } from './twin.ts';

export interface NetworkOptions {
  readonly identity: Identity;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly dialer: Dialer;
  readonly openEntryPoint: (url: string) => EntryPoint;
  readonly book: ContactBook;
  readonly chat: Chat;
  readonly transfers: Transfers;
  readonly blobs: BlobStore;
  readonly self: ConversationsOptions['self'];
  readonly relayOnly: () => boolean;
  /** My number may be looked up. */
  readonly discoverable: () => boolean;
  /** '' while it is derived. */
  readonly ownNumber: () => string;
  /** Rejects when it cannot. */
  readonly numbers: NumberDeriver;
  /** None: contacts meet at trackers alone. */
  readonly overlay: OverlaySource | undefined;
  /** Bytes per second that circuits of others may take; null: none. */
  readonly relaying: () => number | null;
  /** Trackers of kith.config.json, and whether they are the ones in use. */
  readonly published: { readonly trackers: readonly string[]; readonly inUse: () => boolean };
  readonly changed: () => void;
  /** For the tab that has chosen a Bluetooth mailbox. */
  readonly errand: (errand: MailboxErrand) => void;
  /** On the disk and new to this page: its conversation must be opened before anything is sent. */
  readonly contactAdded: (contact: Contact) => Promise<void>;
  /** What every screen is told. */
  readonly board: Board;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
}

export class Network {
  readonly peers: Peers;
  readonly conversations: Conversations;
  readonly firstContact: FirstContact;
  readonly introductions: Introductions;
  readonly numbers: NumberSearch;
  readonly mailbox: MailboxPairing;
  readonly groupHouse: GroupHouse;
  readonly twin: Twin;
  private readonly rendezvous: Rendezvous;
  private readonly doors: Doors;
  private overlayHouse: OverlayHouse | undefined;
  private overlayOpening: Promise<OverlayHouse | undefined> | undefined;
  private closed = false;

  constructor(private readonly options: NetworkOptions) {
    const { identity, book, chat, transfers, clock, random, log, dialer, changed, self } = options;
    this.rendezvous = new Rendezvous({ doors: [], dialer, clock, random, log, relayOnly: options.relayOnly });
    this.doors = new Doors({
      open: options.openEntryPoint,
      changed,
      replaced: (doors) => this.useDoors(doors),
      // A person who chose trackers wants no others.
      spare: () => (options.published.inUse() ? (this.overlayHouse?.trackers.spare ?? []) : []),
      opened: (url) => this.overlayHouse?.trackers.opened(url),
    });
    this.peers = new Peers({
      self: identity,
      rendezvous: this.rendezvous,
      relayOnly: options.relayOnly,
      clock,
      random,
      log,
      events: {
        proven: (contactId, secret) => inBackground(log, 'proof not stored', this.proven(contactId, secret)),
        live: (contactId, session) => this.conversations.live(contactId, session),
        ended: (contactId) => this.conversations.ended(contactId),
        nodesChanged: () => this.keepContacts(),
        changed,
      },
    });
    this.firstContact = new FirstContact({
      self: identity,
      name: () => self().name,
      store: options.store,
      clock,
      random,
      log,
      rendezvous: this.rendezvous,
      book,
      changed: () => {
        changed();
        this.groupHouse.board.peopleChanged();
      },
      deriveNumber: options.deriveNumber,
      contacts: new CardContacts(book, {
        changed: (contact) => inBackground(log, 'contact not followed', this.contactChanged(contact)),
      }),
    });
    this.groupHouse = new GroupHouse({
      ...options,
      self: identity,
      rendezvous: this.rendezvous,
      name: () => self().name,
      readReceipts: () => self().sendReadReceipts,
      maxFileBytes: () => self().maxFileBytes,
      sendToContact: (contactId, message) => this.conversations.sendOfGroup(contactId, message),
      isAttached: (contactId) => this.conversations.isAttached(contactId),
      endContact: (contactId) => this.peers.session(contactId)?.close(true),
      firstContact: this.firstContact,
      attempt: (work) => resultOf(log, work),
    });
    this.twin = new Twin({ ...options, root: identity.root, hold: () => this.hold() });
    const { store, deriveNumber } = options;
    this.introductions = new Introductions({
      self: identity,
      store,
      clock,
      random,
      log,
      book,
      firstContact: this.firstContact,
      deriveNumber,
      changed,
    });
    const { introductions, peers } = this;
    const joined = { introductions, groups: this.groupHouse.groups };
    this.conversations = new Conversations({ book, peers, chat, transfers, clock, log, self, ...joined });
    this.mailbox = new MailboxPairing({
      self: identity.fingerprint,
      clock,
      random,
      log,
      keep: (agreement, confirmed) => this.firstContact.promise(agreement, confirmed),
      withdraw: (agreement) => this.firstContact.withdraw(agreement),
      changed,
      send: options.errand,
      conversationOf: (fingerprint) => book.byFingerprint(fingerprint)?.id ?? null,
    });
    this.numbers = new NumberSearch({
      self: identity,
      name: () => self().name,
      number: options.ownNumber,
      numbers: options.numbers,
      clock,
      random,
      log,
      take: (card) => this.firstContact.takeFound(card, 'number'),
      strangerCard: () => this.firstContact.strangerCard(),
    });
  }

  async start(trackers: readonly string[]): Promise<void> {
    await this.twin.start();
    if (this.twin.holds) this.hold();
    this.useTrackers(trackers);
    inBackground(this.options.log, 'overlay not opened', this.openOverlay());
    await this.groupHouse.start();
    await this.firstContact.start();
    await this.introductions.start();
    for (const contact of this.options.book.all()) await this.conversations.follow(contact.id);
  }

  /** By cards that I took: of people, and of groups. */
  attempts(): AttemptView[] {
    return [...this.firstContact.attempts(), ...this.groupHouse.attempts()];
  }

  async dismiss(attemptId: string): Promise<void> {
    if (!(await this.groupHouse.dismiss(attemptId))) await this.firstContact.dismiss(attemptId);
  }

  /** Somebody was added, checked, renamed, blocked or removed. */
  contactsChanged(): void {
    this.introductions.contactsChanged();
    this.groupHouse.groups.contactsChanged();
    this.groupHouse.board.peopleChanged();
  }

  useTrackers(urls: readonly string[]): void {
    this.doors.use(urls);
  }

  /** Undefined until it is loaded, or for good. */
  get overlay(): Overlay | undefined {
    return this.overlayHouse?.overlay;
  }

  /** The overlay and its ways in, loaded once. Undefined when there is none. */
  openOverlay(): Promise<OverlayHouse | undefined> {
    this.overlayOpening ??= this.loadOverlay().catch((error) => {
      this.overlayOpening = undefined; // the network was gone: whoever asks next tries again
      throw error;
    });
    return this.overlayOpening;
  }

  /** The person wants contacts to learn their address no more, or again. */
  relayOnlyChanged(): void {
    const relayOnly = this.options.relayOnly();
    this.overlayHouse?.door.hide(relayOnly);
    this.overlayHouse?.byNumber.hide(relayOnly);
    this.keepContacts();
    this.useDoors(this.doors.all());
    if (relayOnly) {
      this.rendezvous.stopDirect();
      this.peers.endDirect();
      this.groupHouse.groups.endDirect();
    }
    this.discoverableChanged();
  }

  /** Another device has this identity: nobody is looked for or let in here, so that nothing comes to the wrong one. */
  private hold(): void {
    this.useDoors(this.doors.all());
    this.peers.end();
    this.groupHouse.groups.endAll();
    this.discoverableChanged();
  }

  /** Mine. */
  numberKnown(): void {
    this.groupHouse.board.peopleChanged();
    this.discoverableChanged();
  }

  /** The person may be found by number from now on, or no more; or the number is known now. */
  discoverableChanged(): void {
    // An announcement names this node, which anybody may dial: whoever knows the number would learn the address.
    const on = this.options.discoverable() && !this.options.relayOnly() && !this.twin.holds;
    inBackground(this.options.log, 'number not announced', this.numbers.announce(on));
  }

  /** The person says how much may be carried for others. */
  relayingChanged(): void {
    const bytesPerSecond = this.options.relaying();
    this.overlay?.setRelaying(bytesPerSecond === null ? null : { bytesPerSecond });
  }

  view(): NetworkView {
    const entryPoints = this.doors.view();
    const { live, relayed, unopened, watched } = this.peers.totals();
    const linked = this.overlay?.view().neighbours ?? [];
    const neighbours = linked.length;
    const joining = entryPoints.some(({ state }) => state === 'connecting');
    const state = this.doors.isOpen || live + neighbours > 0 ? 'online' : joining ? 'joining' : 'offline';
    const diagnosis = diagnose({
      doorOpen: this.doors.isOpen,
      doorOpening: this.doors.isOpening,
      nothingOpens: this.overlayHouse?.nothingOpens ?? false,
      neighbours,
      inbound: linked.filter(({ direction }) => direction === 'in').length,
      direct: live - relayed,
      relayed,
      unopened,
      relayOnly: this.options.relayOnly(),
      lacksRelay: this.overlayHouse?.door.lacksRelay ?? false,
    });
    const doorTexts = this.overlayHouse?.invitations.given ?? [];
    return { state, neighbours, diagnosis, entryPoints, doorTexts, connected: live, looking: watched - live };
  }

  /** The browser says that the network is back, or the person came back to the page. */
  retryNow(): void {
    this.rendezvous.retryNow();
    this.twin.retryNow();
    this.overlayHouse?.retryNow();
    inBackground(this.options.log, 'overlay not opened', this.openOverlay());
  }

  close(): void {
    this.closed = true;
    this.peers.close();
    this.groupHouse.close();
    this.numbers.close();
    this.firstContact.close();
    this.introductions.close();
    this.mailbox.close();
    this.rendezvous.close();
    this.twin.close();
    this.overlayHouse?.close();
    this.doors.close();
  }

  /** Overlay links to contacts' nodes are not given up for strangers'. Who hides has none on purpose: they show an address. */
  private keepContacts(): void {
    this.overlay?.keep(this.options.relayOnly() ? [] : this.peers.nodes());
  }

  private useDoors(doors: readonly EntryPoint[]): void {
    this.overlayHouse?.setDoors(doors);
    const overlay = this.overlayHouse ? [this.overlayHouse.door] : [];
    // Whoever stands at a tracker's topic asks to be called directly.
    const open = this.options.relayOnly() ? overlay : [...doors, ...overlay];
    this.twin.setDoors(open);
    this.rendezvous.setDoors(this.twin.holds ? [] : open);
  }

  private async loadOverlay(): Promise<OverlayHouse | undefined> {
    const { overlay: source, published } = this.options;
    await source?.notBefore;
    if (!source || this.closed) return undefined;
    const { OverlayHouse } = await import('./overlay-house.ts');
    const { crypto } = source;
    const onNumberCall = (link: Link) => this.numbers.answer(link);
    const trackers = published.trackers;
    const house = await OverlayHouse.open({ ...this.options, crypto, source, published: trackers, onNumberCall });
    if (this.closed) {
      house.close();
      return undefined;
    }
    this.overlayHouse = house;
    this.relayingChanged();
    this.numbers.use(house.byNumber);
    this.relayOnlyChanged();
    for (const { url, state } of this.doors.view()) if (state === 'open') house.trackers.opened(url);
    this.options.changed();
    return house;
  }

  private async contactChanged(contact: Contact): Promise<void> {
    if (contact.mine === 'accepted') await this.options.contactAdded(contact);
    const reason = refusedBy(contact);
    if (reason) await this.options.chat.housekeeping.refuseAll(contact.id, reason);
    await this.conversations.follow(contact.id);
    this.options.changed();
  }

  private async proven(contactId: string, secret: Uint8Array): Promise<void> {
    const contact = await this.options.book.edit(contactId, (before) => withProvenSecret(before, secret));
    if (!contact) return;
    await this.conversations.follow(contactId);
    const [newest] = contact.secrets;
    if (contact.bundle && newest && equalBytes(newest, secret)) await this.firstContact.proven(contact.bundle);
  }
}
