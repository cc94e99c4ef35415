// What a person writes to a contact, calls back, and sends once more. Everything is on this disk before the outbox hears of it.
import { toHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { type FileOffer, utf8Length } from '../wire/chat-messages.ts';
import { MAX_TEXT_BYTES } from '../wire/limits.ts';
import { deliver } from './delivery.ts';
import { editMessage } from './edit.ts';
import { withFailedFile } from './file-messages.ts';
import type { Entry, Ledger } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { findPlace } from './places.ts';
import { MAX_EXCEPTIONS } from './receipts.ts';
import {
  type ConversationRecord,
  encodeOutbox,
  encodePlace,
  idKey,
  type MessageRecord,
  messageKey,
  type OutboxRecord,
  outboxKey,
  type WithFiles,
} from './records.ts';

/** Bytes of a message's id. */
const ID_BYTES = 16;

export interface WritingOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The outbox of the live session, if there is one. */
  readonly outbox: (contactId: string) => Outbox | undefined;
  /** It was handed to a link, and that is not noted yet. */
  readonly isHanded: (contactId: string, position: number) => boolean;
  readonly fileDropped: (contactId: string, fileId: Uint8Array) => void;
}

/** @throws KithError 'message-empty' | 'message-too-long' */
export function requireText(text: string): void {
  if (text.trim() === '') throw new KithError('message-empty');
  if (utf8Length(text) > MAX_TEXT_BYTES) throw new KithError('message-too-long', { limit: MAX_TEXT_BYTES });
}

type Body = Pick<MessageRecord, 'text' | 'file' | 'fileState'>;

interface Written {
  readonly place: OutboxRecord;
  readonly record: MessageRecord;
  /** The other side has still to tell what it has seen: this may have another number in the end, and is read from the disk when sending begins. */
  readonly mayMove: boolean;
}

export class Writing {
  constructor(
    private readonly ledger: Ledger,
    private readonly options: WritingOptions,
  ) {}

  /**
   * Resolves to the id in hex when the text is on this disk and queued. With an `id` that is there already nothing is written.
   * @throws KithError 'message-empty' | 'message-too-long' | 'disk-full' | 'internal' (an id of another length)
   */
  text(contactId: string, text: string, id: Uint8Array = this.options.random.bytes(ID_BYTES)): Promise<string> {
    requireText(text);
    return this.write(contactId, id, { text });
  }

  /** The file is sealed on this disk already; its id is the message's. */
  file(contactId: string, offer: FileOffer): Promise<string> {
    return this.write(contactId, offer.fileId, { text: '', file: offer, fileState: 'waiting' });
  }

  private async write(contactId: string, id: Uint8Array, body: Body): Promise<string> {
    if (id.length !== ID_BYTES) throw new KithError('internal');
    const written = await this.ledger.transact(contactId, 'strict', (entry) =>
      queue(entry, id, body, this.options.clock.now()),
    );
    if (written) this.add(contactId, written);
    return toHex(id);
  }

  private add(contactId: string, { place, record, mayMove }: Written): void {
    if (!mayMove) this.options.outbox(contactId)?.add(place, record);
  }

  /** Only what was never handed to a link can be called back for certain. False when it is too late. */
  async cancel(contactId: string, id: string): Promise<boolean> {
    let held: OutboxRecord | undefined;
    let file = false;
    const cancelled = await editMessage(this.ledger, contactId, id, 'strict', (record, _, position) => {
      const outbox = this.options.outbox(contactId);
      const isHanded = record.everSent || outbox?.isTaken(record.id) || this.options.isHanded(contactId, position);
      const tooLate = record.state !== 'queued' || isHanded;
      if (tooLate) return record;
      const place = { id: record.id, seq: record.seq, position };
      held = place;
      file = record.file !== undefined;
      outbox?.hold(place);
      return withFailedFile(deliver(record, { type: 'cancelled' }));
    }).finally(() => {
      // As the disk has it now: a void in its place, or the message that could not be called back.
      if (held) this.options.outbox(contactId)?.add(held);
    });
    if (cancelled && held && file) this.options.fileDropped(contactId, held.id);
    return cancelled;
  }

  /** Keeps the id, so that a late acknowledgement of the first try and the retry are one message. */
  async retry(contactId: string, id: string): Promise<boolean> {
    let queued: Written | undefined;
    const changed = await editMessage(this.ledger, contactId, id, 'strict', (record, entry, position) => {
      const next = deliver(record, { type: 'retried' });
      if (next === record) return record;
      const place = { id: record.id, seq: record.seq, position };
      entry.put('outbox', outboxKey(contactId, record.seq), encodeOutbox(place));
      entry.conversation = withoutMark(entry.conversation, record.seq);
      const { fileError: _, ...rest } = next;
      // The expiry a person chose counts from the retry.
      const renewed = { ...rest, at: this.options.clock.now() };
      const mayMove = entry.conversation.resync !== undefined;
      queued = { place, record: record.file ? { ...renewed, fileState: 'waiting' } : renewed, mayMove };
      return queued.record;
    });
    if (changed && queued) this.add(contactId, queued);
    return changed;
  }

  /**
   * Deletes what was dropped. Its id stays known, so that nothing of it comes back, and a void takes its place, so that the other
   * side shows no gap. False when it is not dropped any more, or never was.
   */
  async remove(contactId: string, id: string, withFiles: WithFiles = () => []): Promise<boolean> {
    const place = await this.ledger.transact(contactId, 'strict', async (entry) => {
      const place = await findPlace(entry, id);
      const position = place && place !== 'damaged' ? place.position : 0;
      const record = await entry.message(position);
      if (record?.state !== 'dropped') return undefined;
      const left = { id: record.id, seq: record.seq, position };
      entry.remove('messages', messageKey(contactId, position));
      entry.put('outbox', outboxKey(contactId, record.seq), encodeOutbox(left));
      if (record.file) entry.writes.push(...withFiles([record.id]));
      if (entry.conversation.lastPosition === position)
        entry.conversation = { ...entry.conversation, lastPosition: (await entry.before(position)) ?? 0 };
      return left;
    });
    if (place) this.options.outbox(contactId)?.add(place);
    return place !== undefined;
  }
}

/** A read mark that passed it while it was given up did not mean it. */
function withoutMark(conversation: ConversationRecord, seq: number): ConversationRecord {
  const { peerReadSeq, peerReadExcept } = conversation;
  if (seq > peerReadSeq || peerReadExcept.includes(seq)) return conversation;
  return { ...conversation, peerReadExcept: [...peerReadExcept, seq].slice(-MAX_EXCEPTIONS) };
}

/** Work for the ledger; undefined when a message of this id is there already. */
async function queue(entry: Entry, id: Uint8Array, body: Body, now: number): Promise<Written | undefined> {
  const key = idKey(entry.contactId, toHex(id));
  if (await entry.get('message-keys', key)) return undefined;
  const { nextPosition: position, nextSeq: seq, peerSeq } = entry.conversation;
  const place = { id, seq, position };
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
  entry.put('message-keys', key, encodePlace({ position, seq, void: false }));
  entry.put('outbox', outboxKey(entry.contactId, seq), encodeOutbox(place));
  entry.conversation = {
    ...entry.conversation,
    nextPosition: position + 1,
    nextSeq: seq + 1,
    lastPosition: position,
    changedAt: now,
  };
  return { place, record, mayMove: entry.conversation.resync !== undefined };
}
