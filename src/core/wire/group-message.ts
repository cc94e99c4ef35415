// A message of a group: what its author signs, and the envelope in which it crosses the group under a sender key
// (core/group/HISTORY.md, KEYS.md).
import * as v from 'valibot';
import { compareBytes } from '../bytes/bytes.ts';
import { bytesOf, bytesUpTo, count, decode, encode } from './cbor.ts';
import { utf8Length } from './chat-messages.ts';
import { groupFileSchema } from './group-files.ts';
import {
  MAX_GROUP_MESSAGE_BYTES,
  MAX_LOGICAL_TIME_MS,
  MAX_MENTIONS,
  MAX_PARENTS,
  MAX_SEQUENCE,
  MAX_TIME_MS,
  MAX_VIEW_HEADS,
  MESSAGES_PER_CHAIN,
  SHORT_ID_BYTES,
} from './group-limits.ts';
import { MAX_TEXT_BYTES } from './limits.ts';

export const hashField = bytesOf(32);
export const groupField = bytesOf(32);
export const signatureField = bytesOf(64);
export const shortIdField = bytesOf(SHORT_ID_BYTES);

/** Hashes in ascending order, none twice: one set has one encoding. */
export const hashSet = (min: number, max: number) =>
  v.pipe(
    v.array(hashField),
    v.minLength(min),
    v.maxLength(max),
    v.check(
      (hashes) => hashes.every((hash, at) => at === 0 || compareBytes(hashes[at - 1]!, hash) < 0),
      'not in order',
    ),
  );

const textBody = v.strictObject({
  type: v.literal('text'),
  text: v.pipe(
    v.string(),
    v.minLength(1),
    v.check((text) => utf8Length(text) <= MAX_TEXT_BYTES, 'text too long'),
  ),
  /** Members that the text names: where (UTF-16 units, the @ included), and whom. In order, none over another. */
  mentions: v.optional(
    v.pipe(
      v.array(v.strictObject({ start: count(MAX_TEXT_BYTES), length: count(MAX_TEXT_BYTES), member: hashField })),
      v.minLength(1),
      v.maxLength(MAX_MENTIONS),
    ),
  ),
});

/** The place in the conversation of a membership operation (its hash): what it says is read from the operation itself. */
const systemBody = v.strictObject({ type: v.literal('system'), operation: hashField });

const fileBody = v.strictObject({ type: v.literal('file'), file: groupFileSchema });

/** What a message says. */
export const messageBodySchema = v.variant('type', [textBody, systemBody, fileBody]);

/** Whether everybody would take it. */
export const isMessageBody = (body: unknown): boolean => v.is(messageBodySchema, body);

export const groupMessageSchema = v.strictObject({
  group: groupField,
  /** Random, 16 bytes. Stays with the message for ever; also keeps its hash from telling a guessable text. */
  id: bytesOf(16),
  /** Fingerprint of the author. */
  from: hashField,
  /** Place in the author's own sequence: 1, and from then on above that of `prev`. */
  seq: v.pipe(count(MAX_SEQUENCE), v.minValue(1)),
  /** Author's clock, ms since the epoch. */
  at: count(MAX_TIME_MS),
  /** Place in time behind its parents, ms; left out when that is `at`. */
  time: v.optional(count(MAX_LOGICAL_TIME_MS)),
  /** Hash of the author's own message before this one. */
  prev: v.optional(hashField),
  /** Hashes of the heads the author had, `prev` left out. */
  parents: hashSet(0, MAX_PARENTS),
  /** Membership heads the author knew: who may read this. */
  view: hashSet(1, MAX_VIEW_HEADS),
  body: messageBodySchema,
});

/** `content`: the CBOR of a GroupMessage exactly as its author encoded it. */
export const signedMessageSchema = v.strictObject({
  content: bytesUpTo(MAX_GROUP_MESSAGE_BYTES),
  signature: signatureField,
});

const SIGNED_OVERHEAD_BYTES = 128;

export const sealedMessageSchema = v.strictObject({
  type: v.literal('group-sealed'),
  group: groupField,
  from: hashField,
  /** The sender key, and the message's place under it. */
  chain: bytesOf(16),
  counter: count(MESSAGES_PER_CHAIN - 1),
  /** Hash of the message inside. */
  hash: hashField,
  /** Hash of the membership heads for whose members the key is. */
  view: hashField,
  sealed: bytesUpTo(MAX_GROUP_MESSAGE_BYTES + SIGNED_OVERHEAD_BYTES),
  signature: signatureField,
});

export type GroupMessage = v.InferOutput<typeof groupMessageSchema>;
export type MessageBody = GroupMessage['body'];
export type SignedMessage = v.InferOutput<typeof signedMessageSchema>;
export type SealedMessage = v.InferOutput<typeof sealedMessageSchema>;

export const encodeGroupMessage = (message: GroupMessage): Uint8Array<ArrayBuffer> => encode(message);

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeGroupMessage = (bytes: Uint8Array): GroupMessage =>
  decode(bytes, groupMessageSchema, MAX_GROUP_MESSAGE_BYTES);

export const encodeSignedMessage = ({ content, signature }: SignedMessage): Uint8Array<ArrayBuffer> =>
  encode({ content, signature });

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeSignedMessage = (bytes: Uint8Array): SignedMessage =>
  decode(bytes, signedMessageSchema, MAX_GROUP_MESSAGE_BYTES + SIGNED_OVERHEAD_BYTES);
