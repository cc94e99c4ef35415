// What two contacts say to each other inside a session, apart from the units of files (transfer-messages.ts). WIRE.md lists
// every field. A message is a CBOR map whose `type` names it.
import * as v from 'valibot';
import { bytesOf, bytesUpTo, count, identifier } from './cbor.ts';
import {
  MAX_FILE_BYTES,
  MAX_FILE_NAME_LENGTH,
  MAX_NAME_LENGTH,
  MAX_TEXT_BYTES,
  MAX_THUMBNAIL_BYTES,
} from './limits.ts';

const messageId = bytesOf(16);
/** Position in the sender's own sequence towards this contact, from 1. */
const sequence = v.pipe(count(), v.minValue(1));
const refusalReason = v.picklist(['blocked', 'not-a-contact', 'too-large', 'disk-full']);

/** Sequences below a read mark that nobody has seen: they are missing, arrived late, or are files still on their way. */
const exceptions = v.pipe(v.array(count()), v.maxLength(1000));

/** First message of each side in every session: where I stand towards you, and what I have read. */
export const helloSchema = v.strictObject({
  type: v.literal('hello'),
  name: v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH * 2)),
  /** accepted: talk to me. The others refuse every message, and say why. */
  standing: v.picklist(['accepted', 'declined', 'blocked', 'removed']),
  /** Largest file this side takes, bytes. */
  maxFileBytes: count(MAX_FILE_BYTES),
  /** Highest sequence of yours that a person here has seen; 0 for none, or when read receipts are off. */
  readSeq: count(),
  readExcept: exceptions,
});

/** Tells the sender of a refusing `hello` that it arrived, so that it need not be repeated. */
export const notedSchema = v.strictObject({ type: v.literal('noted') });

const envelope = {
  id: messageId,
  seq: sequence,
  /** Sender's clock, ms since the epoch. */
  at: count(),
  /** Causal parent: the highest sequence of the other side that the sender had stored. */
  seen: count(),
};

export const textSchema = v.strictObject({
  type: v.literal('text'),
  ...envelope,
  text: v.pipe(
    v.string(),
    v.minLength(1),
    v.check((text) => utf8Length(text) <= MAX_TEXT_BYTES, 'text too long'),
  ),
});

export const fileOfferSchema = v.strictObject({
  fileId: bytesOf(16),
  /** AES-256-GCM key of this file alone. */
  key: bytesOf(32),
  name: v.pipe(v.string(), v.maxLength(MAX_FILE_NAME_LENGTH * 2)),
  mediaType: identifier(127),
  size: count(),
  units: v.pipe(count(), v.minValue(1)),
  sha256: bytesOf(32),
  thumbnail: v.optional(bytesUpTo(MAX_THUMBNAIL_BYTES)),
});

export const fileSchema = v.strictObject({ type: v.literal('file'), ...envelope, file: fileOfferSchema });

/** Fills the place of a message that its writer cancelled before it was ever sent, so that no gap is shown. */
export const voidSchema = v.strictObject({ type: v.literal('void'), id: messageId, seq: sequence });

/** Everything named is on my disk: texts whole, files complete and their hash compared. */
export const ackSchema = v.strictObject({
  type: v.literal('ack'),
  ids: v.pipe(v.array(messageId), v.maxLength(1024)),
  /** The same for `void`s: kept apart, because a cancelled message may be sent after all. */
  voids: v.pipe(v.array(messageId), v.maxLength(1024)),
});

export const refuseSchema = v.strictObject({ type: v.literal('refuse'), id: messageId, reason: refusalReason });

/** A person has seen everything of yours up to this sequence. Cumulative, repeated in every `hello`. */
export const readSchema = v.strictObject({ type: v.literal('read'), seq: sequence, except: exceptions });

/** I came back with an older backup. `from`: the highest sequence of yours that I hold; `missing`: those below it that I do not. Left out: send nothing again. */
export const resyncSchema = v.strictObject({
  type: v.literal('resync'),
  from: v.optional(count()),
  missing: exceptions,
});

/**
 * The answer: what you have lost is in my outbox again. `last`: my highest sequence so far; `seen`: the highest of yours that I ever stored;
 * `coming`: sequences that are in my outbox now.
 */
export const resyncedSchema = v.strictObject({
  type: v.literal('resynced'),
  last: count(),
  seen: count(),
  coming: exceptions,
});

export const chatMessageSchema = v.variant('type', [
  helloSchema,
  notedSchema,
  textSchema,
  fileSchema,
  voidSchema,
  ackSchema,
  refuseSchema,
  readSchema,
  resyncSchema,
  resyncedSchema,
]);

export type Hello = v.InferOutput<typeof helloSchema>;
export type Standing = Hello['standing'];
export type TextMessage = v.InferOutput<typeof textSchema>;
export type FileOffer = v.InferOutput<typeof fileOfferSchema>;
export type FileMessage = v.InferOutput<typeof fileSchema>;
export type VoidMessage = v.InferOutput<typeof voidSchema>;
export type RefusalReason = v.InferOutput<typeof refusalReason>;
export type ResyncMessage = v.InferOutput<typeof resyncSchema>;
export type ResyncedMessage = v.InferOutput<typeof resyncedSchema>;
export type ChatMessage = v.InferOutput<typeof chatMessageSchema>;
/** A message with a place in the sender's sequence. */
export type SequencedMessage = TextMessage | FileMessage | VoidMessage;

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8, the measure of MAX_TEXT_BYTES. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
