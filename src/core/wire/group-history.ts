// How two members find what the other lacks of a group's history, and hand it over, inside a session (core/group/HISTORY.md).
import * as v from 'valibot';
import { bytesOf, bytesUpTo, count } from './cbor.ts';
import {
  MAX_FILL_BYTES,
  MAX_FILLED,
  MAX_GROUP_MESSAGE_BYTES,
  MAX_LISTED,
  MAX_PARENTS,
  MAX_RANGES,
  MAX_TIME_MS,
  MAX_VIEW_HEADS,
} from './group-limits.ts';
import { groupField, hashField, hashSet, shortIdField, signatureField } from './group-message.ts';

/** A place between messages in the order of (time, hash): `at` in ms, and the hash's first 8 bytes. */
const boundField = v.strictObject({ at: count(MAX_TIME_MS + 1), short: shortIdField });

/** All messages in [from, until). */
const rangeField = v.strictObject({
  /** Left out where the range before ended there; the first begins at the very beginning without it. */
  from: v.optional(boundField),
  until: boundField,
  count: count(),
  /** First 16 bytes of SHA-256 over salt and hashes; left out for an empty range. */
  print: v.optional(bytesOf(16)),
});

/** What I have, range by range, in order. Answered for those ranges in which the other has something else. */
export const compareSchema = v.strictObject({
  type: v.literal('group-compare'),
  group: groupField,
  salt: bytesOf(16),
  ranges: v.pipe(v.array(rangeField), v.minLength(1), v.maxLength(MAX_RANGES)),
});

/**
 * Short ids in [from, until). `all`: everything I have there, tell me what else you have. `lacking`: what you lack, as far as
 * you told me.
 */
export const listSchema = v.strictObject({
  type: v.literal('group-list'),
  group: groupField,
  from: boundField,
  until: boundField,
  kind: v.picklist(['all', 'lacking']),
  ids: v.pipe(v.array(shortIdField), v.maxLength(MAX_LISTED)),
});

/** Send me these. */
export const wantSchema = v.strictObject({
  type: v.literal('group-want'),
  group: groupField,
  ids: v.pipe(v.array(shortIdField), v.minLength(1), v.maxLength(MAX_LISTED)),
});

/** What was wanted (content and signature of each), in any order and number. `none`: wanted, and not here or not for you. */
export const fillSchema = v.strictObject({
  type: v.literal('group-fill'),
  group: groupField,
  messages: v.pipe(
    v.array(v.tuple([bytesUpTo(MAX_GROUP_MESSAGE_BYTES), signatureField])),
    v.maxLength(MAX_FILLED),
    v.check(
      (messages) => messages.reduce((sum, [content]) => sum + content.length, 0) <= MAX_FILL_BYTES,
      'more than fits',
    ),
  ),
  none: v.pipe(v.array(shortIdField), v.maxLength(MAX_LISTED)),
});

/** What an admin signs to let a member read what was written before they came. */
export const shareStatementSchema = v.strictObject({
  group: groupField,
  /** The admin. */
  from: hashField,
  /** Who may read. */
  to: hashField,
  /** Membership heads in which the one is an admin and the other a member. */
  view: hashSet(1, MAX_VIEW_HEADS),
  /** Everything up to these messages. */
  upTo: hashSet(1, MAX_PARENTS),
});

/** 64 heads of the membership and 16 of the history, of 32 bytes each, and three more, with room. */
export const MAX_SHARE_BYTES = 3_072;

export const shareSchema = v.strictObject({
  type: v.literal('group-share'),
  /** The same as in the content: tells the node whose affair this is. */
  group: groupField,
  content: v.pipe(
    v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not a byte string'),
    v.check((bytes) => bytes.length <= MAX_SHARE_BYTES, 'too long'),
  ),
  signature: signatureField,
});

export type Bound = v.InferOutput<typeof boundField>;
export type Range = v.InferOutput<typeof rangeField>;
export type CompareMessage = v.InferOutput<typeof compareSchema>;
export type ListMessage = v.InferOutput<typeof listSchema>;
export type WantMessage = v.InferOutput<typeof wantSchema>;
export type FillMessage = v.InferOutput<typeof fillSchema>;
export type ShareStatement = v.InferOutput<typeof shareStatementSchema>;
export type ShareMessage = v.InferOutput<typeof shareSchema>;
