// Conversations with contacts: writing, sending, storing, receipts. CHAT.md has the promises. Everything that changes a
// conversation is work for its ledger; everything that leaves goes through the outbox of a live session.
import { toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { ChatMessage, FileMessage, FileOffer, RefusalReason, SequencedMessage } from '../wire/chat-messages.ts';
import { utf8Length } from '../wire/chat-messages.ts';
import { MAX_TEXT_BYTES } from '../wire/limits.ts';
import { type DeliveryEvent, deliver, isPending, leavesVoid } from './delivery.ts';
import { type Outcome, takeIn } from './inbox.ts';
import { type ChangedMessage, type Entry, Ledger } from './ledger.ts';
import { type ChatChannel, Outbox } from './outbox.ts';
import { markSeen, type ReadMark, readMark, takeReadMark } from './receipts.ts';
import {
  type ConversationRecord,
  decodeMessage,
  decodeOutbox,
  decodePlace,
  encodeOutbox,
  encodePlace,
  idKey,
  type MessageRecord,
  messageKey,
  outboxKey,
  positionOfKey,
} from './records.ts';

export interface ChatEvents {
  changed(contactId: string, conversation: ConversationRecord, messages: readonly ChangedMessage[]): void;
  /** A file of theirs is expected: its message is on the disk. */
  fileExpected(contactId: string, offer: FileOffer): void;
  /** They offer a file that the person here removed. */
  fileUnwanted(contactId: string, fileId: Uint8Array): void;
  /** My file message is dropped or settled: stop moving its bytes. */
  fileSettled(contactId: string, fileId: Uint8Array): void;
}

export interface ChatOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: ChatEvents;
  /** Largest file taken, bytes. */
  readonly maxFileBytes: () => number;
}

interface Attached {
  readonly channel: ChatChannel;
  readonly outbox: Outbox;
  acks: { ids: Uint8Array[]; voids: Uint8Array[] };
}

export class Chat {
  private readonly ledger: Ledger;
  private readonly attached = new Map<string, Attached>();

  constructor(private readonly options: ChatOptions) {
    this.ledger = new Ledger(options.store, {
      committed: (contactId, conversation, messages) => options.events.changed(contactId, conversation, messages),
    });
  }

  open(contactId: string): Promise<ConversationRecord> {
    return this.ledger.open(contactId, this.options.clock.now());
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
    const place = await this.options.store.get('message-keys', idKey(contactId, id));
    const position = place && decodePlace(place).position;
    if (!position) return undefined;
    const bytes = await this.options.store.get('messages', messageKey(contactId, position));
    return bytes && { position, record: decodeMessage(bytes) };
  }

  // Writing

  /** Resolves when the text is on this disk and queued. @throws KithError 'message-empty' | 'message-too-long' | 'disk-full' */
  writeText(contactId: string, text: string): Promise<string> {
    if (text.trim() === '') throw new KithError('message-empty');
    if (utf8Length(text) > MAX_TEXT_BYTES) throw new KithError('message-too-long', { limit: MAX_TEXT_BYTES });
    return this.write(contactId, this.options.random.bytes(16), { text });
  }

  /** The file is sealed on this disk already; its id is the message's. */
  writeFile(contactId: string, offer: FileOffer): Promise<string> {
    return this.write(contactId, offer.fileId, { text: '', file: offer, fileState: 'waiting' });
  }

  private async write(
    contactId: string,
    id: Uint8Array,
    body: Pick<MessageRecord, 'text' | 'file' | 'fileState'>,
  ): Promise<string> {
    const written = await this.ledger.transact(contactId, 'strict', async (entry) => {
      const now = this.options.clock.now();
      const { nextPosition: position, nextSeq: seq, peerSeq } = entry.conversation;
      const record: MessageRecord = {
        v: 1,
        id,
        direction: 'out',
        seq,
        seen: peerSeq,
        at: now,
        sentAt: now,
        ...body,
        state: 'queued',
        everSent: false,
        missingBefore: 0,
      };
      entry.putMessage(position, record);
      entry.put('message-keys', idKey(contactId, toHex(id)), encodePlace({ position, seq, void: false }));
      entry.put('outbox', outboxKey(contactId, seq), encodeOutbox({ id, seq, position }));
      entry.conversation = {
        ...entry.conversation,
        nextPosition: position + 1,
        nextSeq: seq + 1,
        lastPosition: position,
        changedAt: now,
      };
      return { record, entry: { id, seq, position } };
    });
    this.attached.get(contactId)?.outbox.add(written.entry, written.record);
    return toHex(id);
  }

  /** Only what was never handed to a link can be called back for certain. False when it is too late. */
  cancel(contactId: string, id: string): Promise<boolean> {
    return this.change(contactId, id, 'strict', (record) =>
      record.state === 'queued' && !record.everSent ? deliver(record, { type: 'cancelled' }) : record,
    );
  }

  /** Keeps the id, so that a late acknowledgement of the first try and the retry are one message. */
  async retry(contactId: string, id: string): Promise<boolean> {
    const changed = await this.change(contactId, id, 'strict', (record, entry, position) => {
      const next = deliver(record, { type: 'retried' });
      if (next === record) return record;
      entry.put('outbox', outboxKey(contactId, record.seq), encodeOutbox({ id: record.id, seq: record.seq, position }));
      const { fileError: _, ...rest } = next;
      // The expiry a person chose counts from the retry.
      const renewed = { ...rest, at: this.options.clock.now() };
      return record.file ? { ...renewed, fileState: 'waiting' as const } : renewed;
    });
    const found = changed && (await this.message(contactId, id));
    if (found) {
      this.attached
        .get(contactId)
        ?.outbox.add({ id: found.record.id, seq: found.record.seq, position: found.position }, found.record);
    }
    return changed;
  }

  /** A file that moves may be stopped by its sender at any time: it is dropped as cancelled. */
  stopFile(contactId: string, id: string, error: string): Promise<boolean> {
    return this.change(contactId, id, 'strict', (record, entry) => {
      if (!record.file || record.fileState === 'complete') return record;
      const failed: MessageRecord = { ...record, fileState: 'failed', fileError: error };
      const next = record.direction === 'out' ? deliver(failed, { type: 'cancelled' }) : failed;
      if (next.everSent) entry.remove('outbox', outboxKey(contactId, record.seq));
      return next;
    });
  }

  /** My file was refused or stopped by the other side. */
  fileRefused(contactId: string, id: string, reason: MessageRecord['reason'], error: string): Promise<boolean> {
    return this.change(contactId, id, 'strict', (record, entry) => {
      if (!record.file || record.fileState === 'complete') return record;
      const failed: MessageRecord = { ...record, fileState: 'failed', fileError: error };
      if (record.direction === 'in' || !reason) return failed;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return deliver(failed, { type: 'refused', reason });
    });
  }

  /** All of the file is on the receiver's disk. In: acknowledges it. Out: that is the delivery. */
  async fileComplete(contactId: string, id: string): Promise<void> {
    let incoming: Uint8Array | undefined;
    await this.change(contactId, id, 'strict', (record, entry) => {
      const { fileError: _, ...rest } = record;
      const complete: MessageRecord = { ...rest, fileState: 'complete' };
      if (record.direction === 'in') incoming = record.id;
      else entry.remove('outbox', outboxKey(contactId, record.seq));
      return record.direction === 'in' ? complete : this.acknowledged(complete, entry);
    });
    if (incoming) this.acknowledge(contactId, 'ids', incoming);
  }

  // A live session

  /** Starts sending. Call when both sides have accepted each other. */
  async attach(contactId: string, channel: ChatChannel): Promise<void> {
    this.detach(contactId);
    const outbox = new Outbox(contactId, this.options.store, channel, {
      handed: (position) => void this.handed(contactId, position),
    });
    this.attached.set(contactId, { channel, outbox, acks: { ids: [], voids: [] } });
    await outbox.start();
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
        await Promise.all([
          ...message.ids.map((id) => this.delivered(contactId, id)),
          ...message.voids.map((id) => this.voided(contactId, id)),
        ]);
        return;
      case 'refuse':
        return this.refused(contactId, message.id, message.reason);
      case 'read':
        return this.peerRead(contactId, message);
    }
  }

  private async receive(contactId: string, message: SequencedMessage): Promise<void> {
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
      case 'stored':
        return this.acknowledge(contactId, 'ids', message.id);
      case 'voided':
        return this.acknowledge(contactId, 'voids', message.id);
      case 'file-expected':
        return this.options.events.fileExpected(contactId, (message as FileMessage).file);
      case 'file-unwanted':
        return this.options.events.fileUnwanted(contactId, message.id);
    }
  }

  private async delivered(contactId: string, id: Uint8Array): Promise<void> {
    const isFile = { value: false };
    await this.change(contactId, toHex(id), 'relaxed', (record, entry) => {
      if (record.direction !== 'out') return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      isFile.value = record.file !== undefined;
      return this.acknowledged(record.file ? { ...record, fileState: 'complete' } : record, entry);
    });
    this.attached.get(contactId)?.outbox.settled(id);
    if (isFile.value) this.options.events.fileSettled(contactId, id);
  }

  private acknowledged(record: MessageRecord, entry: Entry): MessageRecord {
    const { peerReadSeq, peerReadExcept } = entry.conversation;
    const event: DeliveryEvent = { type: 'read-up-to', seq: peerReadSeq, except: peerReadExcept };
    return deliver(deliver(record, { type: 'acked' }), event);
  }

  private async voided(contactId: string, id: Uint8Array): Promise<void> {
    await this.ledger.transact(contactId, 'relaxed', async (entry) => {
      const place = await entry.get('message-keys', idKey(contactId, toHex(id)));
      const known = place && decodePlace(place);
      if (!known) return;
      const record = known.position ? await entry.message(known.position) : undefined;
      // A retry since then keeps its place in the outbox.
      if (!record || leavesVoid(record)) entry.remove('outbox', outboxKey(contactId, known.seq));
    });
    if (this.attached.get(contactId)?.outbox.settled(id) !== 'void') return;
    const found = await this.message(contactId, toHex(id));
    if (found && isPending(found.record)) {
      this.attached.get(contactId)?.outbox.add({ id, seq: found.record.seq, position: found.position });
    }
  }

  private async refused(contactId: string, id: Uint8Array, reason: RefusalReason): Promise<void> {
    await this.change(contactId, toHex(id), 'relaxed', (record, entry) => {
      const next = deliver(record, { type: 'refused', reason });
      if (next === record) return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return next.file ? { ...next, fileState: 'failed', fileError: reason } : next;
    });
    this.attached.get(contactId)?.outbox.settled(id);
    this.options.events.fileSettled(contactId, id);
  }

  // Receipts

  async markRead(contactId: string, position: number): Promise<void> {
    const changed = await this.ledger.transact(contactId, 'relaxed', (entry) =>
      markSeen(entry, this.options.store, position),
    );
    const mark = this.readMark(contactId);
    if (changed && mark.seq > 0) await this.say(contactId, { type: 'read', seq: mark.seq, except: mark.except });
  }

  /** What `hello` repeats. */
  readMark(contactId: string): ReadMark {
    const conversation = this.ledger.conversation(contactId);
    return conversation ? readMark(conversation) : { seq: 0, except: [] };
  }

  async peerRead(contactId: string, mark: ReadMark): Promise<void> {
    await this.ledger.transact(contactId, 'relaxed', (entry) => takeReadMark(entry, this.options.store, mark));
  }

  // Drops and housekeeping

  /** The other side refuses everything (blocked, removed, declined): drops what waits. */
  async refuseAll(contactId: string, reason: NonNullable<MessageRecord['reason']>): Promise<void> {
    await this.dropPending(contactId, () => ({ type: 'refused', reason }));
  }

  /** Gives up what is older than the expiry the person chose. */
  async expireDue(contactId: string): Promise<void> {
    const after = this.ledger.conversation(contactId)?.giveUpAfter ?? 0;
    if (after === 0) return;
    const due = this.options.clock.now() - after;
    await this.dropPending(contactId, (record) => (record.at <= due ? { type: 'expired' } : undefined));
  }

  private async dropPending(
    contactId: string,
    eventFor: (record: MessageRecord) => DeliveryEvent | undefined,
  ): Promise<void> {
    const rows = await this.options.store.list('outbox', { prefix: `${contactId}/` });
    for (const { value } of rows) {
      const { id } = decodeOutbox(value);
      await this.change(contactId, toHex(id), 'strict', (record, entry) => {
        const event = eventFor(record);
        const next = event ? deliver(record, event) : record;
        if (next === record) return record;
        if (!leavesVoid(next)) entry.remove('outbox', outboxKey(contactId, record.seq));
        if (next.file) this.options.events.fileSettled(contactId, record.id);
        return next.file ? { ...next, fileState: 'failed', fileError: next.reason ?? 'internal' } : next;
      });
    }
  }

  setGiveUpAfter(contactId: string, milliseconds: number): Promise<void> {
    return this.ledger.transact(contactId, 'relaxed', async (entry) => {
      entry.conversation = { ...entry.conversation, giveUpAfter: milliseconds };
    });
  }

  /** Deletes what is shown. Ids stay known for ever, so nothing comes back. Returns the files that went with it. */
  async clear(contactId: string): Promise<Uint8Array[]> {
    const prefix = `${contactId}/`;
    const rows = await this.options.store.list('messages', { prefix });
    const files = rows.map(({ value }) => decodeMessage(value)).filter((record) => record.file);
    await this.ledger.transact(contactId, 'strict', async (entry) => {
      entry.writes.push({ clear: 'messages', prefix });
      const { nextPosition } = entry.conversation;
      entry.conversation = {
        ...entry.conversation,
        unread: 0,
        unseen: [],
        lastPosition: 0,
        readPosition: nextPosition - 1,
        readSeq: entry.conversation.peerSeq,
      };
    });
    return files.map((record) => record.id);
  }

  /** Deletes the conversation and all it knew. */
  async remove(contactId: string): Promise<Uint8Array[]> {
    const files = await this.clear(contactId);
    this.detach(contactId);
    const prefix = `${contactId}/`;
    await this.ledger.transact(contactId, 'strict', async (entry) => {
      for (const table of ['message-keys', 'outbox'] as const) entry.writes.push({ clear: table, prefix });
    });
    this.ledger.forget(contactId);
    await this.options.store.commit([{ remove: 'conversations', key: contactId }], 'strict');
    return files;
  }

  private change(
    contactId: string,
    id: string,
    durability: 'strict' | 'relaxed',
    edit: (record: MessageRecord, entry: Entry, position: number) => MessageRecord,
  ): Promise<boolean> {
    return this.ledger.transact(contactId, durability, async (entry) => {
      const place = await entry.get('message-keys', idKey(contactId, id));
      const position = place && decodePlace(place).position;
      const record = position ? await entry.message(position) : undefined;
      if (!position || !record) return false;
      const next = edit(record, entry, position);
      if (next === record) return false;
      entry.putMessage(position, next);
      return true;
    });
  }
}
