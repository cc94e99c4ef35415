// Conversations with contacts: what is read, what a live session brings and takes. CHAT.md has the promises. Everything that changes a
// conversation is work for its ledger; everything that leaves goes through the outbox of a live session.
import { equalBytes } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type {
  ChatMessage,
  FileOffer,
  RefusalReason,
  ResyncedMessage,
  ResyncMessage,
  SequencedMessage,
} from '../wire/chat-messages.ts';
import { deliver, isPending, leavesVoid } from './delivery.ts';
import { acknowledged, editMessage } from './edit.ts';
import { FileMessages, withFailedFile } from './file-messages.ts';
import { Housekeeping } from './housekeeping.ts';
import { type Outcome, takeIn } from './inbox.ts';
import { type ChangedMessage, type Entry, Ledger } from './ledger.ts';
import { mendOutbox } from './mending.ts';
import { type ChatChannel, Outbox } from './outbox.ts';
import { findPlace, searchMessages } from './places.ts';
import { markSeen, type ReadMark, readMark, takeReadMark } from './receipts.ts';
import {
  type ConversationRecord,
  decodeMessage,
  decodePlace,
  idKey,
  messageKey,
  outboxKey,
  positionOfKey,
  unlessDamaged,
} from './records.ts';
import { resyncRequest, sendAgain, takeResynced } from './resync.ts';
import { TRY_AGAIN_MS, untilRoom } from './until-room.ts';
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
  readonly sendReadReceipts: () => boolean;
  /** This identity came back with words alone: others may know more of a conversation that begins here. */
  readonly cameBack: () => boolean;
}

interface Attached {
  readonly channel: ChatChannel;
  outbox: Outbox;
  acks: { ids: Uint8Array[]; voids: Uint8Array[] };
  /** Something that was here already is acknowledged once more: a read mark of before was not taken for it. */
  marksAgain: boolean;
  /** A read mark that is not noted yet: what has been acknowledged after it, of which it does not speak. */
  ackedSinceMark: Set<string> | undefined;
  /** They have asked for what they lost: once in a session, for it costs me much and them nothing. */
  asked: boolean;
}

export class Chat {
  readonly writing: Writing;
  readonly files: FileMessages;
  readonly housekeeping: Housekeeping;
  private readonly ledger: Ledger;
  private readonly attached = new Map<string, Attached>();

  constructor(private readonly options: ChatOptions) {
    const { store, clock, random, events } = options;
    const outbox = (contactId: string) => this.attached.get(contactId)?.outbox;
    const { fileDropped } = events;
    this.ledger = new Ledger(store, {
      committed: (contactId, conversation, messages) => {
        outbox(contactId)?.changed(messages.map(({ position }) => position));
        events.changed(contactId, conversation, messages);
      },
    });
    this.writing = new Writing(this.ledger, { clock, random, outbox, fileDropped });
    this.files = new FileMessages(
      this.ledger,
      (contactId, id) => this.acknowledge(contactId, 'ids', id),
      (contactId, id) => void outbox(contactId)?.settled(fromHex(id)),
      (contactId, id) => void this.attached.get(contactId)?.ackedSinceMark?.add(id),
    );
    const cleared = (contactId: string) => outbox(contactId)?.reread();
    this.housekeeping = new Housekeeping(this.ledger, { store, clock, fileDropped, cleared });
  }

  open(contactId: string): Promise<ConversationRecord> {
    return this.ledger.open(contactId, this.options.clock.now(), this.options.cameBack());
  }

  conversation(contactId: string): ConversationRecord | undefined {
    return this.ledger.conversation(contactId);
  }

  /** Newest `limit` messages before `before` (position, exclusive), ascending. */
  async list(contactId: string, before: number | null, limit: number): Promise<ChangedMessage[]> {
    const range = before === null ? {} : { before: messageKey(contactId, before) };
    const rows = await this.options.store.list('messages', { prefix: `${contactId}/`, ...range, reverse: true, limit });
    return rows.reverse().map(({ key, value }) => ({ position: positionOfKey(key), record: decodeMessage(value) }));
  }

  async message(contactId: string, id: string): Promise<ChangedMessage | undefined> {
    const position = await this.positionOf(contactId, id);
    if (!position) return undefined;
    const bytes = await this.ledger.get(contactId, 'messages', messageKey(contactId, position));
    return bytes && { position, record: decodeMessage(bytes) };
  }

  private async positionOf(contactId: string, id: string): Promise<number | undefined> {
    try {
      const place = await this.ledger.get(contactId, 'message-keys', idKey(contactId, id));
      return place && decodePlace(place).position;
    } catch (error) {
      const found = kindOf(error) === 'record-damaged' && (await searchMessages(this.options.store, contactId, id));
      if (!found) throw error;
      return found.position;
    }
  }

  /** Whether a message of this id is on the disk, also one that cannot be read any more. */
  async has(contactId: string, id: string): Promise<boolean> {
    try {
      return (await this.message(contactId, id)) !== undefined;
    } catch (error) {
      if (kindOf(error) === 'record-damaged' || kindOf(error) === 'frame-malformed') return true;
      throw error;
    }
  }

  // A live session

  /** Starts sending. Call when both sides have accepted each other. */
  async attach(contactId: string, channel: ChatChannel): Promise<void> {
    this.detach(contactId);
    const outbox = this.outboxOver(contactId, channel);
    this.attached.set(contactId, {
      channel,
      outbox,
      acks: { ids: [], voids: [] },
      marksAgain: false,
      ackedSinceMark: undefined,
      asked: false,
    });
    const mend = async () => {
      for (const place of await mendOutbox(this.ledger, contactId)) this.attached.get(contactId)?.outbox.add(place);
    };
    await this.noted(contactId, mend).catch(() => {});
    const conversation = this.ledger.conversation(contactId);
    const request = conversation && resyncRequest(conversation);
    if (request) await this.say(contactId, request);
    else await outbox.start();
  }

  private outboxOver(contactId: string, channel: ChatChannel): Outbox {
    return new Outbox(contactId, this.options.store, channel, {
      handed: (position) => void this.handed(contactId, position),
    });
  }

  /** They came back with an older backup. */
  private async resync(contactId: string, request: ResyncMessage): Promise<void> {
    const attached = this.attached.get(contactId);
    if (!attached || attached.asked) return;
    attached.asked = true;
    const { answer, places, files } = await this.ledger.transact(contactId, 'strict', (entry) =>
      sendAgain(entry, this.options.store, request),
    );
    for (const id of files) await this.options.events.fileLost(contactId, id);
    await this.say(contactId, answer);
    for (const place of places) this.attached.get(contactId)?.outbox.add(place);
  }

  /** They told where they stand: from now on I may send. */
  private async resynced(contactId: string, told: ResyncedMessage): Promise<void> {
    if (this.ledger.conversation(contactId)?.resync === undefined) return;
    await this.ledger.transact(contactId, 'strict', (entry) => takeResynced(entry, this.options.store, told));
    const attached = this.attached.get(contactId);
    if (!attached) return;
    // What was written meanwhile was given to the old one under its old number.
    attached.outbox.stop();
    attached.outbox = this.outboxOver(contactId, attached.channel);
    await attached.outbox.start();
  }

  detach(contactId: string): void {
    this.attached.get(contactId)?.outbox.stop();
    this.attached.delete(contactId);
  }

  private async handed(contactId: string, position: number): Promise<void> {
    // Losing this note costs nothing: the message is sent again and known by its id.
    await this.ledger
      .transact(contactId, 'relaxed', async (entry) => {
        const record = await entry.message(position);
        const next = record && deliver(record, { type: 'handed' });
        if (next && next !== record) entry.putMessage(position, next);
      })
      .catch(() => {});
  }

  /** What one commit stored is acknowledged in one message: the jobs of a commit settle in the same turn. */
  private acknowledge(contactId: string, kind: 'ids' | 'voids', id: Uint8Array): void {
    const attached = this.attached.get(contactId);
    if (!attached) return;
    attached.acks[kind].push(id);
    if (attached.acks.ids.length + attached.acks.voids.length > 1) return;
    queueMicrotask(() => {
      const { ids, voids } = attached.acks;
      attached.acks = { ids: [], voids: [] };
      attached.channel.send({ type: 'ack', ids, voids }).catch(() => {});
      if (attached.marksAgain) void this.sayMark(contactId);
      attached.marksAgain = false;
    });
  }

  private async say(contactId: string, message: ChatMessage): Promise<void> {
    // What cannot be said now is said again when it is asked for again in the next session.
    await this.attached
      .get(contactId)
      ?.channel.send(message)
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
        for (const id of message.ids) this.attached.get(contactId)?.ackedSinceMark?.add(toHex(id));
        await Promise.all([
          ...message.ids.map((id) => this.noted(contactId, () => this.delivered(contactId, id))),
          ...message.voids.map((id) => this.noted(contactId, () => this.voided(contactId, id))),
        ]);
        return;
      case 'refuse':
        return this.noted(contactId, () => this.refused(contactId, message.id, message.reason));
      case 'read':
        return this.peerRead(contactId, message);
      case 'resync':
        return this.resync(contactId, message);
      case 'resynced':
        return this.resynced(contactId, message);
    }
  }

  private noted(contactId: string, work: () => Promise<void>): Promise<void> {
    const attached = this.attached.get(contactId);
    return untilRoom(this.options.clock, () => this.attached.get(contactId) === attached, work);
  }

  private async receive(contactId: string, message: SequencedMessage): Promise<void> {
    if (message.type === 'file' && !equalBytes(message.id, message.file.fileId)) throw new KithError('frame-malformed');
    const limit = this.options.maxFileBytes();
    if (message.type === 'file' && message.file.size > limit) {
      return this.say(contactId, { type: 'refuse', id: message.id, reason: 'too-large' });
    }
    const channel = this.attached.get(contactId)?.channel;
    let outcome: Outcome;
    try {
      outcome = await this.ledger.transact(contactId, 'strict', (entry) =>
        takeIn(entry, message, this.options.clock.now()),
      );
    } catch (error) {
      if (kindOf(error) !== 'disk-full') throw error;
      return this.say(contactId, { type: 'refuse', id: message.id, reason: 'disk-full' });
    }
    // An answer belongs to the session that asked: a newer one asks again.
    if (channel === this.attached.get(contactId)?.channel) await this.answer(contactId, message, outcome);
  }

  private async answer(contactId: string, message: SequencedMessage, outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case 'stored': {
        const attached = this.attached.get(contactId);
        if (attached && outcome.again) attached.marksAgain = true;
        return this.acknowledge(contactId, 'ids', message.id);
      }
      case 'voided':
        return this.acknowledge(contactId, 'voids', message.id);
      case 'file-expected':
        return this.options.events.fileExpected(contactId, outcome.offer);
      case 'file-unwanted':
        return this.options.events.fileUnwanted(contactId, message.id);
    }
  }

  private async delivered(contactId: string, id: Uint8Array): Promise<void> {
    const noted = editMessage(this.ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
      if (record.direction !== 'out') return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return acknowledged(record.file ? { ...record, fileState: 'complete' } : record, entry);
    });
    // What is behind it goes, also while there is no room to write this down.
    await noted.finally(() => this.attached.get(contactId)?.outbox.settled(id));
  }

  private async voided(contactId: string, id: Uint8Array): Promise<void> {
    await this.ledger.transact(contactId, 'relaxed', async (entry) => {
      const known = await findPlace(entry, toHex(id));
      if (!known || known === 'damaged') return;
      const record = known.position ? await entry.message(known.position) : undefined;
      // A retry since then keeps its place in the outbox.
      if (!record || leavesVoid(record)) entry.remove('outbox', outboxKey(contactId, known.seq));
    });
    if (this.attached.get(contactId)?.outbox.settled(id) !== 'void') return;
    const found = await unlessDamaged(() => this.message(contactId, toHex(id)));
    if (found && isPending(found.record)) {
      this.attached.get(contactId)?.outbox.add({ id, seq: found.record.seq, position: found.position });
    }
  }

  private async refused(contactId: string, id: Uint8Array, reason: RefusalReason): Promise<void> {
    const refused = await editMessage(this.ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
      const next = deliver(record, { type: 'refused', reason });
      if (next === record) return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return withFailedFile(next);
    });
    const flight = this.attached.get(contactId)?.outbox.settled(id);
    const isLost = async () => (await unlessDamaged(() => this.message(contactId, toHex(id)))) === undefined;
    if (flight === 'void' || (flight && !refused && (await isLost()))) await this.sendVoidLater(contactId, id);
    if (refused) this.options.events.fileDropped(contactId, id);
  }

  /** They had no room for it: until it comes again they are shown a gap. */
  private async sendVoidLater(contactId: string, id: Uint8Array): Promise<void> {
    const attached = this.attached.get(contactId);
    const place = await unlessDamaged(async () => {
      const bytes = await this.ledger.get(contactId, 'message-keys', idKey(contactId, toHex(id)));
      return bytes && decodePlace(bytes);
    });
    if (!place) return;
    this.options.clock.after(TRY_AGAIN_MS, () => {
      const isHere = attached && this.attached.get(contactId) === attached;
      if (isHere) attached.outbox.add({ id, seq: place.seq, position: place.position });
    });
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
    if (seq > 0 && this.options.sendReadReceipts()) await this.say(contactId, { type: 'read', seq, except });
  }

  /** What `hello` repeats. */
  readMark(contactId: string): ReadMark {
    const conversation = this.ledger.conversation(contactId);
    return conversation ? readMark(conversation) : { seq: 0, except: [] };
  }

  async peerRead(contactId: string, mark: ReadMark): Promise<void> {
    const attached = this.attached.get(contactId);
    const ackedSince = new Set<string>();
    if (attached) attached.ackedSinceMark = ackedSince;
    const take = (entry: Entry) => takeReadMark(entry, this.options.store, mark, ackedSince);
    const isLatest = () => !attached || attached.ackedSinceMark === ackedSince;
    await this.noted(contactId, async () => {
      // A newer mark says all that one says which had to wait for room.
      if (!isLatest()) return;
      await this.ledger.transact(contactId, 'relaxed', take);
      if (attached && isLatest()) attached.ackedSinceMark = undefined;
    });
  }
}
