// What a conversation keeps on disk: one record per message, one of counters per conversation (CBOR, sealed by the store).
import * as v from 'valibot';
import { kindOf } from '../errors.ts';
import type { Write } from '../ports/store.ts';
import { bytesOf, count, decode, encode } from '../wire/cbor.ts';
import { fileOfferSchema } from '../wire/chat-messages.ts';

/** Largest stored record, bytes: a 64 KiB text or a 32 KiB thumbnail and little else. */
const MAX_RECORD_BYTES = 262_144;

const messageState = v.picklist(['queued', 'sent', 'delivered', 'read', 'dropped']);
const dropReason = v.picklist([
  'cancelled',
  'blocked',
  'not-a-contact',
  'too-large',
  'disk-full',
  'expired',
  'declined',
  'damaged',
]);

const messageRecordSchema = v.object({
  v: v.literal(1),
  id: bytesOf(16),
  direction: v.picklist(['in', 'out']),
  seq: count(),
  seen: count(),
  /** out: when it was written; in: when it arrived. Milliseconds since the epoch, this device's clock. */
  at: count(),
  /** The sender's clock. */
  sentAt: count(),
  text: v.string(),
  file: v.optional(fileOfferSchema),
  fileState: v.optional(v.picklist(['waiting', 'complete', 'failed'])),
  fileError: v.optional(v.string()),
  state: messageState,
  reason: v.optional(dropReason),
  /** It was handed to a link at least once, so it may have arrived. */
  everSent: v.boolean(),
  /** How many of the sender's sequence were missing right before it when it arrived. */
  missingBefore: count(),
});

const conversationRecordSchema = v.object({
  v: v.literal(1),
  nextPosition: v.pipe(count(), v.minValue(1)),
  /** Sequence of my next message. */
  nextSeq: v.pipe(count(), v.minValue(1)),
  /** Highest sequence of theirs on this disk. */
  peerSeq: count(),
  /** Sequences of theirs below peerSeq that never arrived, at most 1000. */
  missing: v.pipe(v.array(count()), v.maxLength(1000)),
  /** Highest sequence of mine that they have read. */
  peerReadSeq: count(),
  /** Of those, what they have not seen after all (wire: `except`). */
  peerReadExcept: v.pipe(v.array(count()), v.maxLength(1000)),
  /** Highest sequence of theirs that I have read. */
  readSeq: count(),
  /** At or below readSeq, on this disk, but not seen yet: arrived late, or a file that was not complete. */
  unseen: v.pipe(v.array(v.object({ seq: count(), position: count() })), v.maxLength(1000)),
  /** Highest position a person here has seen. */
  readPosition: count(),
  unread: count(),
  changedAt: count(),
  /** Milliseconds after which an undelivered message is given up; 0 = never. */
  giveUpAfter: count(),
  /** Position of the message shown in the list; 0 when there is none. */
  lastPosition: count(),
  /**
   * This device may be behind what the other side knows of it, and asks before it sends anything (resync.ts). again: also for what it
   * has lost. numbers: it has never had it.
   */
  resync: v.optional(v.picklist(['again', 'numbers'])),
});

/** Value in `message-keys`: where a message of this id is, or that nothing will ever fill its place. */
const placeSchema = v.object({ position: count(), seq: count(), void: v.boolean() });
/** Value in `outbox`: what still has to reach the other side. */
const outboxSchema = v.object({ id: bytesOf(16), seq: count(), position: count() });

/** More to be done in the same commit as the deletion of messages, for the files that go with them. */
export type WithFiles = (fileIds: readonly Uint8Array[]) => readonly Write[];

export type Place = v.InferOutput<typeof placeSchema>;
export type OutboxRecord = v.InferOutput<typeof outboxSchema>;
export type MessageRecord = v.InferOutput<typeof messageRecordSchema>;
export type ConversationRecord = v.InferOutput<typeof conversationRecordSchema>;
export type StoredDropReason = NonNullable<MessageRecord['reason']>;

export const encodeMessage = (record: MessageRecord) => encode(record);
/** @throws KithError 'frame-malformed' when the record is not one of ours. */
export const decodeMessage = (bytes: Uint8Array): MessageRecord => decode(bytes, messageRecordSchema, MAX_RECORD_BYTES);
export const encodeConversation = (record: ConversationRecord) => encode(record);
export const decodeConversation = (bytes: Uint8Array): ConversationRecord =>
  decode(bytes, conversationRecordSchema, MAX_RECORD_BYTES);

/** undefined for a record that is on the disk and cannot be read: it stays there, and the others go on without it. */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'record-damaged' || kind === 'frame-malformed') return undefined;
    throw error;
  }
}

export const encodePlace = (place: Place) => encode(place);
export const decodePlace = (bytes: Uint8Array): Place => decode(bytes, placeSchema);
export const encodeOutbox = (record: OutboxRecord) => encode(record);
export const decodeOutbox = (bytes: Uint8Array): OutboxRecord => decode(bytes, outboxSchema);

/** @param cameBack The other side may know of an earlier one. */
export function emptyConversation(now: number, cameBack = false): ConversationRecord {
  return {
    v: 1,
    nextPosition: 1,
    nextSeq: 1,
    peerSeq: 0,
    missing: [],
    peerReadSeq: 0,
    peerReadExcept: [],
    readSeq: 0,
    unseen: [],
    readPosition: 0,
    unread: 0,
    changedAt: now,
    giveUpAfter: 0,
    lastPosition: 0,
    ...(cameBack && { resync: 'numbers' as const }),
  };
}

/** Keys sort as numbers do: twelve digits hold every position a person can fill. */
export const padded = (value: number) => String(value).padStart(12, '0');
export const messageKey = (contactId: string, position: number) => `${contactId}/${padded(position)}`;
export const outboxKey = (contactId: string, seq: number) => `${contactId}/${padded(seq)}`;
export const idKey = (contactId: string, id: string) => `${contactId}/${id}`;
export const positionOfKey = (key: string) => Number(key.slice(key.lastIndexOf('/') + 1));
