// Everything that needs an identity and a network: doors, rendezvous, peers, conversations, first contact.
import type { Chat } from '../chat/chat.ts';
import type { Identity } from '../identity/keys.ts';
import type { NetworkView } from '../node-api.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dialer } from '../ports/dialer.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { Rendezvous } from '../rendezvous/rendezvous.ts';
import type { Transfers } from '../transfer/transfers.ts';
import { inBackground } from './background.ts';
import { CardContacts, withProvenSecret } from './card-contacts.ts';
import type { Contact, ContactBook } from './contact-book.ts';
import { Conversations, type ConversationsOptions } from './conversations.ts';
import { FirstContact } from './first-contact.ts';
import { diagnose } from './overlay-views.ts';
import { Peers } from './peers.ts';
import { refusedBy } from './standing.ts';

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
  readonly self: ConversationsOptions['self'];
  readonly relayOnly: () => boolean;
  readonly changed: () => void;
  /** On the disk and new to this page: its conversation must be opened before anything is sent. */
  readonly contactAdded: (contact: Contact) => Promise<void>;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
}

export class Network {
  readonly peers: Peers;
  readonly conversations: Conversations;
  readonly firstContact: FirstContact;
  private readonly rendezvous: Rendezvous;
  private readonly doors = new Map<string, EntryPoint>();
  /** Doors that did not open since they last did. */
  private readonly stuck = new Set<string>();

  constructor(private readonly options: NetworkOptions) {
    const { identity, book, chat, transfers, clock, random, log, dialer, changed, self } = options;
    this.rendezvous = new Rendezvous({ doors: [], dialer, clock, random, log });
    this.peers = new Peers({
      self: identity,
      rendezvous: this.rendezvous,
      clock,
      random,
      log,
      events: {
        proven: (contactId, secret) => inBackground(log, 'proof not stored', this.proven(contactId, secret)),
        live: (contactId, session) => this.conversations.live(contactId, session),
        ended: (contactId) => this.conversations.ended(contactId),
        changed,
      },
    });
    this.conversations = new Conversations({ book, peers: this.peers, chat, transfers, clock, log, self });
    this.firstContact = new FirstContact({
      self: identity,
      name: () => self().name,
      store: options.store,
      clock,
      random,
      log,
      rendezvous: this.rendezvous,
      book,
      changed,
      deriveNumber: options.deriveNumber,
      contacts: new CardContacts(book, {
        changed: (contact) => inBackground(log, 'contact not followed', this.contactChanged(contact)),
      }),
    });
  }

  async start(trackers: readonly string[]): Promise<void> {
    this.useTrackers(trackers);
    await this.firstContact.start();
    for (const contact of this.options.book.all()) await this.conversations.follow(contact.id);
  }

  useTrackers(urls: readonly string[]): void {
    for (const [url, door] of this.doors) {
      if (urls.includes(url)) continue;
      door.close();
      this.doors.delete(url);
    }
    for (const url of urls) {
      if (this.doors.has(url)) continue;
      const door = this.options.openEntryPoint(url);
      door.onStatus(({ state }) => {
        if (state === 'waiting') this.stuck.add(url);
        else if (state === 'open') this.stuck.delete(url);
        this.options.changed();
      });
      this.doors.set(url, door);
    }
    this.rendezvous.setDoors([...this.doors.values()]);
    this.options.changed();
  }

  view(): NetworkView {
    const entryPoints = [...this.doors.values()].map(({ status }) => ({
      url: status.url,
      state: status.state,
      retryAt: status.retryAt ?? null,
    }));
    const { live, watched } = this.peers.totals();
    const open = entryPoints.some(({ state }) => state === 'open');
    const joining = entryPoints.some(({ state }) => state === 'connecting');
    const state = open || live > 0 ? 'online' : joining ? 'joining' : 'offline';
    const diagnosis = diagnose({
      doorOpen: open,
      // A door that is only tried again says nothing new.
      doorOpening: entryPoints.some((door) => door.state === 'connecting' && !this.stuck.has(door.url)),
      neighbours: 0,
      direct: live,
      relayed: 0,
      relayOnly: this.options.relayOnly(),
    });
    return { state, neighbours: 0, diagnosis, entryPoints, connected: live, looking: watched - live };
  }

  /** The browser says that the network is back, or the person came back to the page. */
  retryNow(): void {
    this.rendezvous.retryNow();
  }

  close(): void {
    this.peers.close();
    this.firstContact.close();
    this.rendezvous.close();
    for (const door of this.doors.values()) door.close();
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
    await this.firstContact.proven(contact.bundle);
  }
}
