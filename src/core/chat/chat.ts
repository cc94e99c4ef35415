// Conversations with contacts: what is read, what a live session brings and takes. CHAT.md has the promises. Everything that changes a
// conversation is work for its ledger; everything that leaves goes through the outbox of a live session.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type {
  ChatMessage,
  FileOffer,
  ResyncedMessage,
  ResyncMessage,
  SequencedMessage,
} from '../wire/chat-messages.ts';
import { deliver } from './delivery.ts';
import { Ends, endOf } from './ends.ts';
import { FileMessages } from './file-messages.ts';
import { Housekeeping } from './housekeeping.ts';
import { isWhole, type Outcome, takeIn } from './inbox.ts';
import { type ChangedMessage, type Entry, Ledger } from './ledger.ts';
import { Live } from './live.ts';
import { mendOutbox } from './mending.ts';
import { type Note, Notes } from './notes.ts';
import { type ChatChannel, Outbox } from './outbox.ts';
import { markSeen, type ReadMark, readMark, takeReadMark } from './receipts.ts';
import { type ConversationRecord, unlessDamaged } from './records.ts';
import { resyncRequest, sendAgain, takeResynced } from './resync.ts';
import { Stored } from './stored.ts';
import { Writing } from './writing.ts';

export interface ChatEvents {
  changed(contactId: string, conversation: ConversationRecord, messages: readonly ChangedMessage[]): void;
  /** A file of theirs is expected: its message is on the disk. */
  fileExpected(contactId: string, offer: FileOffer): void;
  /** They offer a file that the person here removed. */
  fileUnwanted(contactId: string, fileId: Uint8Array): void;
  /** My file message is dropped: stop moving its bytes. */
  fileDropped(contactId: string, fileId: Uint8Array): void;
  /** They have lost a file of mine that they had: its message is on its way again. */
  fileLost(contactId: string, fileId: Uint8Array): Promise<void>;
}

export interface ChatOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: ChatEvents;
  /** Largest file taken, bytes. */
  readonly maxFileBytes: () => number;
  /** All of this file of that contact's is on the disk. */
  readonly hasFile: (contactId: string, fileId: Uint8Array) => boolean;
  readonly sendReadReceipts: () => boolean;
  /** This identity came back with words alone: others may know more of a conversation that begins here. */
  readonly cameBack: () => boolean;
}

type MoreOfNote = Pick<Note, 'says' | 'insists'>;

const handedAt = (position: number) => `handed ${position}`;

export class Chat {
  readonly stored: Stored;
  readonly writing: Writing;
  readonly files: FileMessages;
  readonly housekeeping: Housekeeping;
  private readonly ledger: Ledger;
  private readonly ends: Ends;
  private readonly live = new Map<string, Live>();
  private readonly notesOf = new Map<string, Notes>();

  constructor(private readonly options: ChatOptions) {
    const { store, clock, random, events } = options;
    const live = (contactId: string) => this.live.get(contactId);
    const outbox = (contactId: string) => live(contactId)?.outbox;
    const { fileDropped } = events;
    this.ledger = new Ledger(store, {
      committed: (contactId, conversation, messages) => {
        outbox(contactId)?.changed(messages.map(({ position }) => position));
        events.changed(contactId, conversation, messages);
      },
    });
    this.stored = new Stored(this.ledger, store);
    const isHanded = (contactId: string, position: number) => this.notes(contactId).waits(handedAt(position));
    this.writing = new Writing(this.ledger, { clock, random, outbox, isHanded, fileDropped });
    this.files = new FileMessages(this.ledger, live);
    const cleared = (contactId: string) => outbox(contactId)?.reread();
    const isAnswered = (contactId: string, id: string) => this.notes(contactId).waits(endOf(id));
    this.housekeeping = new Housekeeping(this.ledger, { store, clock, fileDropped, cleared, isAnswered });
    const noted = this.noted.bind(this);
    this.ends = new Ends({ ledger: this.ledger, stored: this.stored, clock, live, noted, fileDropped });
  }

  /** @param since When it began, ms since the epoch, if nothing was ever said in it. */
  open(contactId: string, since: number = this.options.clock.now()): Promise<ConversationRecord> {
    return this.ledger.open(contactId, since, this.options.cameBack());
  }

  conversation(contactId: string): ConversationRecord | undefined {
    return this.ledger.conversation(contactId);
  }

  /** What is to be noted of this conversation, and may have to wait for room. */
  notes(contactId: string): Notes {
    const known = this.notesOf.get(contactId);
    if (known) return known;
    const notes = new Notes(this.options.clock);
    this.notesOf.set(contactId, notes);
    return notes;
  }

  // A live session

  /** Starts sending. Call when both sides have accepted each other. */
  async attach(contactId: string, channel: ChatChannel): Promise<void> {
    this.detach(contactId);
    const outbox = new Outbox(contactId, this.options.store, channel, {
      handed: (position) => void this.handed(contactId, position),
    });
    const live = new Live(channel, outbox, () => this.sayMark(contactId));
    this.live.set(contactId, live);
    this.notes(contactId).forgetUnwanted();
    const mend = async () => {
      for (const place of await mendOutbox(this.ledger, contactId)) this.live.get(contactId)?.outbox.add(place);
    };
    await this.noted(contactId, 'outbox', mend).catch(() => {});
    const conversation = this.ledger.conversation(contactId);
    const request = conversation && resyncRequest(conversation);
    if (request) await live.say(request);
    else await this.startSending(contactId);
  }

  /** They came back with an older backup. */
  private async resync(contactId: string, request: ResyncMessage): Promise<void> {
    const live = this.live.get(contactId);
    if (!live || live.asked) return;
    live.asked = true;
    // What is written while this waits for room comes behind what was lost.
    live.outbox.pause();
    const work = async () => {
      const { answer, files } = await this.ledger.transact(contactId, 'strict', (entry) =>
        sendAgain(entry, this.options.store, request),
      );
      for (const id of files) await this.options.events.fileLost(contactId, id);
      await this.live.get(contactId)?.say(answer);
      if (!this.ledger.conversation(contactId)?.resync) await this.live.get(contactId)?.outbox.start();
    };
    await this.noted(contactId, 'resync', work, { insists: true });
  }

  /** They told where they stand: from now on I may send. */
  private async resynced(contactId: string, told: ResyncedMessage): Promise<void> {
    const { resync, peerSeq } = this.ledger.conversation(contactId) ?? {};
    if (!resync) return;
    const work = async () => {
      await this.ledger.transact(contactId, 'strict', (entry) =>
        takeResynced(entry, this.options.store, told, peerSeq),
      );
      await this.startSending(contactId);
    };
    await this.noted(contactId, 'resynced', work, { insists: true });
  }

  /** Unless they have still to tell where they stand, or are still to be sent what they lost. */
  private async startSending(contactId: string): Promise<void> {
    if (this.ledger.conversation(contactId)?.resync || this.notes(contactId).waits('resync')) return;
    await this.live.get(contactId)?.outbox.start();
  }

  detach(contactId: string): void {
    this.live.get(contactId)?.outbox.stop();
    this.live.delete(contactId);
    this.notesOf.get(contactId)?.forgetUnwanted();
  }

  private async handed(contactId: string, position: number): Promise<void> {
    const work = () =>
      this.ledger.transact(contactId, 'relaxed', async (entry) => {
        const record = await entry.message(position);
        const next = record && deliver(record, { type: 'handed' });
        if (next && next !== record) entry.putMessage(position, next);
      });
    // Also true after the session. Losing it costs little: the message is sent again and known by its id.
    const note = { about: handedAt(position), isWanted: () => true, work };
    await this.notes(contactId)
      .note(note)
      .catch(() => {});
  }

  /** Takes one message of a session that both sides accepted. */
  async handle(contactId: string, message: ChatMessage): Promise<void> {
    switch (message.type) {
      case 'text':
      case 'file':
      case 'void':
        return this.receive(contactId, message);
      case 'ack':
        await Promise.all([
          ...message.ids.map((id) => this.ends.delivered(contactId, id)),
          ...message.voids.map((id) => this.ends.voided(contactId, id)),
        ]);
        return;
      case 'refuse':
        return this.ends.refused(contactId, message.id, message.reason);
      case 'read':
        return this.peerRead(contactId, message);
      case 'resync':
        return this.resync(contactId, message);
      case 'resynced':
        return this.resynced(contactId, message);
    }
  }

  private noted(contactId: string, about: string, work: () => Promise<unknown>, more: MoreOfNote = {}): Promise<void> {
    const live = this.live.get(contactId);
    // What they have is there also after the session, until they say otherwise in a newer one.
    const isOver = () => more.says === 'stored' && !this.live.has(contactId);
    const isWanted = () => this.live.get(contactId) === live || isOver();
    return this.notes(contactId).note({ about, says: about, ...more, isWanted, work });
  }

  /** Whether it is still the same session. */
  private stillIn(contactId: string): () => boolean {
    const live = this.live.get(contactId);
    return () => this.live.get(contactId) === live;
  }

  private async receive(contactId: string, message: SequencedMessage): Promise<void> {
    if (message.type === 'file' && !equalBytes(message.id, message.file.fileId)) throw new KithError('frame-malformed');
    const limit = this.options.maxFileBytes();
    if (message.type === 'file' && message.file.size > limit) {
      return this.live.get(contactId)?.say({ type: 'refuse', id: message.id, reason: 'too-large' });
    }
    const channel = this.live.get(contactId)?.channel;
    let outcome: Outcome | undefined;
    try {
      outcome = await this.ledger.transact(contactId, 'strict', (entry) =>
        takeIn(entry, message, this.options.clock.now(), this.options.hasFile),
      );
    } catch (error) {
      if (kindOf(error) !== 'disk-full') throw error;
      if (await this.isHere(contactId, message)) outcome = { type: 'stored', again: true };
    }
    const live = this.live.get(contactId);
    // An answer belongs to the session that asked: a newer one asks again.
    if (channel !== live?.channel) return;
    if (outcome) await this.answer(contactId, message, outcome);
    else await live?.say({ type: 'refuse', id: message.id, reason: 'disk-full' });
  }

  /** All of it, and under this number: only what says where it is could not be mended. */
  private async isHere(contactId: string, { type, id, seq }: SequencedMessage): Promise<boolean> {
    const found = await unlessDamaged(() => this.stored.message(contactId, toHex(id)));
    return type !== 'void' && found?.record.seq === seq && isWhole(found.record);
  }

  private async answer(contactId: string, message: SequencedMessage, outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case 'stored':
        return this.live.get(contactId)?.acknowledge('ids', message.id, outcome.again);
      case 'voided':
        return this.live.get(contactId)?.acknowledge('voids', message.id);
      case 'file-expected':
        return this.options.events.fileExpected(contactId, outcome.offer);
      case 'file-unwanted':
        return this.options.events.fileUnwanted(contactId, message.id);
    }
  }

  // Receipts

  async markRead(contactId: string, position: number): Promise<void> {
    const changed = await this.ledger.transact(contactId, 'relaxed', (entry) =>
      markSeen(entry, this.options.store, position),
    );
    if (changed) await this.sayMark(contactId);
  }

  private async sayMark(contactId: string): Promise<void> {
    const { seq, except } = this.readMark(contactId);
    if (seq > 0 && this.options.sendReadReceipts()) await this.live.get(contactId)?.say({ type: 'read', seq, except });
  }

  /** What `hello` repeats. */
  readMark(contactId: string): ReadMark {
    const conversation = this.ledger.conversation(contactId);
    return conversation ? readMark(conversation) : { seq: 0, except: [] };
  }

  async peerRead(contactId: string, mark: ReadMark): Promise<void> {
    const live = this.live.get(contactId);
    const ackedSince = new Set<string>();
    if (live) live.ackedSinceMark = ackedSince;
    const take = (entry: Entry) => takeReadMark(entry, this.options.store, mark, ackedSince);
    const isStill = this.stillIn(contactId);
    // A newer mark says all that this one says.
    const isLatest = () => !live || live.ackedSinceMark === ackedSince;
    await this.notes(contactId).noteBehind({
      about: 'read mark',
      isWanted: () => isStill() && isLatest(),
      work: async () => {
        await this.ledger.transact(contactId, 'relaxed', take);
        if (live && isLatest()) live.ackedSinceMark = undefined;
      },
    });
  }
}
