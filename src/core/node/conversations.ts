// Joins a live session to chat and transfer: who may talk, and what goes where.

import { toHex } from '../bytes/hex.ts';
import type { Chat } from '../chat/chat.ts';
import { KithError, kindOf } from '../errors.ts';
import { cleanName } from '../identity/names.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Session } from '../session/session.ts';
import type { Transfers } from '../transfer/transfers.ts';
import { decode, encodeInto } from '../wire/cbor.ts';
import type { Hello } from '../wire/chat-messages.ts';
import { type GroupSays, groupSaysSchema } from '../wire/group-says.ts';
import { type IntroductionMessage, introductionMessageSchema } from '../wire/introduction-messages.ts';
import { type SessionMessage, sessionMessageSchema } from '../wire/session-message.ts';
import { type TransferMessage, transferMessageSchema } from '../wire/transfer-messages.ts';
import { inBackground } from './background.ts';
import type { Contact, ContactBook } from './contact-book.ts';
import type { Introductions } from './introductions.ts';
import type { Peers } from './peers.ts';
import { afterHello, isTombstone, mayTalk, refusedBy, worthMeeting } from './standing.ts';
import { UnderWay } from './under-way.ts';

export interface ConversationsOptions {
  readonly book: ContactBook;
  readonly peers: Peers;
  readonly chat: Chat;
  readonly transfers: Transfers;
  readonly introductions: Pick<Introductions, 'attach' | 'detach' | 'handle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: () => { readonly name: string; readonly maxFileBytes: number; readonly sendReadReceipts: boolean };
  /** Groups that cross the sessions of contacts. */
  readonly groups: {
    contactAttached(contactId: string): void;
    contactDetached(contactId: string): void;
    received(fingerprint: string, message: GroupSays): Promise<void>;
  };
}

/** A refusal is noted within a round trip. Who keeps silent about it is not left to see that I am here. */
const NOTED_WITHIN_MS = 10_000;

export class Conversations {
  /** The session that chat and transfer are attached to, per contact. */
  private readonly attached = new Map<string, Session>();

  constructor(private readonly options: ConversationsOptions) {}

  /** A session went live: say where we stand and listen. */
  live(contactId: string, session: Session): void {
    const take = afterGreetings((message) => this.received(contactId, session, message));
    const underWay = new UnderWay();
    session.onMessage((payload) => {
      // Authenticated nonsense throws, and so does a flood: a broken or hostile Kith, whose session ends here.
      const message = decode(payload, sessionMessageSchema);
      underWay
        .take(payload, () => take(message))
        .catch((error) => {
          const kind = kindOf(error);
          this.options.log('warn', 'message of a contact not carried out', { kind });
          // A session made anew would find no more room, and so on without end.
          if (kind !== 'disk-full') this.options.peers.giveUp(contactId, session);
        });
    });
    this.sayHello(contactId, session);
  }

  ended(contactId: string): void {
    this.detach(contactId);
  }

  /** My standing or name changed: tell those who are there. */
  announce(contactId: string): void {
    const { peers, book, log } = this.options;
    const session = peers.session(contactId);
    if (!session) return;
    this.sayHello(contactId, session);
    const contact = book.get(contactId);
    // Whoever is let in again before the refusal has ended the session has greeted already, and does not do it twice.
    if (!contact || !mayTalk(contact)) return;
    const again = this.attach(contactId, session).catch((error) => {
      peers.giveUp(contactId, session);
      throw error;
    });
    inBackground(log, 'contact not let in again', again);
  }

  /** Starts or stops looking for this contact, as things stand now: the caller may have waited since it last looked. */
  async follow(contactId: string): Promise<void> {
    const { book, chat, peers } = this.options;
    const contact = book.get(contactId);
    // Without its counters a conversation cannot go on: whoever belongs to it would only be met to be sent away.
    const hasPlace = contact && (isTombstone(contact) || chat.conversation(contactId) !== undefined);
    if (hasPlace && worthMeeting(contact)) await peers.watch(contact);
    else peers.unwatch(contactId);
  }

  private sayHello(contactId: string, session: Session): void {
    const contact = this.options.book.get(contactId);
    if (!contact) return;
    const { name, maxFileBytes, sendReadReceipts } = this.options.self();
    const mark = sendReadReceipts && mayTalk(contact) ? this.options.chat.readMark(contactId) : { seq: 0, except: [] };
    const hello: Hello = {
      type: 'hello',
      // Who is refused learns no new name.
      name: contact.mine === 'accepted' ? name : '',
      standing: contact.mine,
      maxFileBytes,
      readSeq: mark.seq,
      readExcept: mark.except,
    };
    this.send(session, hello).catch(() => {});
    if (contact.mine === 'accepted') return;
    this.detach(contactId);
    this.options.clock.after(NOTED_WITHIN_MS, () => this.endUnnoted(contactId, session));
  }

  /** They are told again when this page starts anew, in case they did not hear it. */
  private endUnnoted(contactId: string, session: Session): void {
    const { book, peers } = this.options;
    if (peers.session(contactId) === session && book.get(contactId)?.mine !== 'accepted') peers.unwatch(contactId);
  }

  private send(session: Session, message: SessionMessage): Promise<void> {
    return session.send((space) => encodeInto(message, space));
  }

  private async received(contactId: string, session: Session, message: SessionMessage): Promise<void> {
    if (message.type === 'hello') return this.onHello(contactId, session, message);
    if (message.type === 'noted') return this.onNoted(contactId, session);
    if (this.attached.get(contactId) !== session) return this.refuseUnattached(contactId, session, message);
    if (isTransfer(message)) return this.options.transfers.handle(contactId, message);
    if (isIntroduction(message)) return this.introduced(contactId, session, message);
    if (isOfGroup(message)) return this.groupSays(contactId, message);
    return this.options.chat.handle(contactId, message);
  }

  /** What finds no room waits for it, and is not acknowledged before. */
  private introduced(contactId: string, session: Session, message: IntroductionMessage): Promise<void> {
    const { chat, introductions } = this.options;
    const say = (answer: IntroductionMessage) => this.send(session, answer);
    return chat.notes(contactId).noteBehind({
      // Of one introduction the newest word counts: it may have been withdrawn.
      about: `introduction ${toHex(message.id)}`,
      isWanted: () => this.attached.get(contactId) === session,
      work: () => introductions.handle(contactId, message, say),
    });
  }

  private async groupSays(contactId: string, message: GroupSays): Promise<void> {
    const contact = this.options.book.get(contactId);
    if (contact) await this.options.groups.received(toHex(contact.fingerprint), message);
  }

  /** The session with this contact carries messages. */
  isAttached(contactId: string): boolean {
    return this.attached.has(contactId);
  }

  /** Rejects when there is no session that carries messages. */
  async sendOfGroup(contactId: string, message: GroupSays): Promise<void> {
    const session = this.attached.get(contactId);
    if (!session) throw new KithError('link-closed');
    await this.send(session, message);
  }

  /** Something was on its way when I stopped talking to them. What is only early comes again in the next session. */
  private async refuseUnattached(contactId: string, session: Session, message: SessionMessage): Promise<void> {
    const contact = this.options.book.get(contactId);
    const isRefused = contact !== undefined && contact.mine !== 'accepted';
    if (!isRefused || (message.type !== 'text' && message.type !== 'file')) return;
    const reason = contact.mine === 'blocked' ? 'blocked' : 'not-a-contact';
    await this.send(session, { type: 'refuse', id: message.id, reason }).catch(() => {});
  }

  private async onHello(contactId: string, session: Session, hello: Hello): Promise<void> {
    const { book, chat } = this.options;
    const name = cleanName(hello.name);
    const contact = await book.edit(contactId, (before) => afterHello(before, hello, name), 'later');
    if (!contact) return;
    if (refusedBy(contact)) this.detach(contactId);
    await this.noteStanding(contactId, session);
    if (!mayTalk(contact) || this.options.peers.session(contactId) !== session) return;
    await this.attach(contactId, session);
    if (hello.readSeq > 0) await chat.peerRead(contactId, { seq: hello.readSeq, except: hello.readExcept });
  }

  private async onNoted(contactId: string, session: Session): Promise<void> {
    const { book, peers } = this.options;
    const hear = (before: Contact) => (before.mine === 'accepted' || before.told ? before : { ...before, told: true });
    const contact = await book.edit(contactId, hear, 'later');
    if (!contact || contact.mine === 'accepted') return;
    peers.unwatch(contactId);
    await this.noteStanding(contactId, session);
  }

  /**
   * Where we stand goes to the disk, with all that follows from it, at once or when there is room; what this page does not live to write is
   * said again. Whoever refuses me hears that it is noted only then, for they do not say it again after that.
   */
  private noteStanding(contactId: string, session: Session): Promise<void> {
    const { book, chat } = this.options;
    const work = async () => {
      const contact = await book.edit(contactId, (known) => known);
      const reason = contact && refusedBy(contact);
      if (reason) {
        await chat.housekeeping.refuseAll(contactId, reason);
        await this.send(session, { type: 'noted' }).catch(() => {});
        await this.follow(contactId);
      }
      await book.eraseIf(contactId, (now) => isTombstone(now) && now.told);
    };
    return chat.notes(contactId).noteBehind({ about: 'standing', isWanted: () => true, work });
  }

  private async attach(contactId: string, session: Session): Promise<void> {
    if (this.attached.get(contactId) === session) return;
    this.attached.set(contactId, session);
    const send = (message: SessionMessage) => this.send(session, message);
    const channel = {
      send,
      get bufferedAmount() {
        return session.bufferedAmount;
      },
      drained: (bytes: number) => session.drained(bytes),
    };
    this.options.transfers.attach(contactId, channel);
    this.options.introductions.attach(contactId, send);
    await this.options.chat.attach(contactId, channel);
    this.options.groups.contactAttached(contactId);
  }

  private detach(contactId: string): void {
    if (!this.attached.delete(contactId)) return;
    this.options.chat.detach(contactId);
    this.options.transfers.detach(contactId);
    this.options.introductions.detach(contactId);
    this.options.groups.contactDetached(contactId);
  }

  fileUnwanted(contactId: string, fileId: Uint8Array): void {
    const session = this.attached.get(contactId);
    if (session) this.send(session, { type: 'stop', fileId, reason: 'cancelled' }).catch(() => {});
  }
}

/** What comes while a greeting is being stored waits for it; everything else is taken at once, in order. */
function afterGreetings(receive: (message: SessionMessage) => Promise<void>) {
  let greeting: Promise<void> = Promise.resolve();
  let greetings = 0;
  const over = () => {
    greetings -= 1;
  };
  return async (message: SessionMessage): Promise<void> => {
    if (message.type !== 'hello' && message.type !== 'noted') {
      if (greetings > 0) await greeting;
      return receive(message);
    }
    greetings += 1;
    greeting = greeting.then(() => receive(message));
    // Heard by this very promise before anybody who waits for it: what comes next must not overtake what has waited.
    greeting.then(over, over);
    return greeting;
  };
}

const groupTypes = new Set<string>(groupSaysSchema.options.map(({ entries }) => entries.type.literal));

const isOfGroup = (message: SessionMessage): message is GroupSays => groupTypes.has(message.type);

const transferTypes = new Set<string>(transferMessageSchema.options.map(({ entries }) => entries.type.literal));

const introductionTypes = new Set<string>(introductionMessageSchema.options.map(({ entries }) => entries.type.literal));

function isIntroduction(message: SessionMessage): message is IntroductionMessage {
  return introductionTypes.has(message.type);
}

function isTransfer(message: SessionMessage): message is TransferMessage {
  return transferTypes.has(message.type);
}
