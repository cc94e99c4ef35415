// What the disk holds of a group beside its operations and messages, and under which keys everything lies (ports/store.ts).
import * as v from 'valibot';
import { bytesOf, bytesUpTo, count, decode, encode } from '../../wire/cbor.ts';
import { MAX_MENTIONS } from '../../wire/group-limits.ts';
import { messageBodySchema } from '../../wire/group-message.ts';

const groupSchema = v.object({
  v: v.literal(1),
  /** Random local id: the conversation's. */
  id: v.string(),
  /** SHA-256 of the creation. */
  group: bytesOf(32),
  /** Seed of the signing key made for this group; absent while I am invited. */
  seed: v.optional(bytesOf(32)),
  muted: v.boolean(),
  /** Deleted on this device; what the others must still learn of my leaving is kept. */
  hidden: v.boolean(),
  admission: v.picklist(['by-itself', 'ask']),
  /** Fingerprint of whoever brought the invitation. */
  invitedBy: v.optional(bytesOf(32)),
  /** Bundle of the admin who let me in by a card, until the group's operations are here: nobody else of it is known before. */
  letInBy: v.optional(bytesOf(65)),
  /** The cards that I made: secret, public key, and until when each works. */
  cards: v.optional(v.array(v.object({ secret: bytesOf(16), key: bytesOf(32), until: count() }))),
  createdAt: count(),
});

export type GroupRecord = v.InferOutput<typeof groupSchema>;

export const encodeGroup = (record: GroupRecord): Uint8Array => encode(record);

/** @throws KithError 'frame-malformed' */
export const decodeGroup = (bytes: Uint8Array): GroupRecord => decode(bytes, groupSchema);

const rangeField = v.strictTuple([count(), count()]);

/** Places of an author that a person has seen: the highest, and the ranges missing below it. */
const seenSchema = v.array(v.strictObject({ author: v.string(), high: count(), missing: v.array(rangeField) }));

export type SeenRecord = v.InferOutput<typeof seenSchema>;

/**
 * Gaps kept of one author, the last ones: with 50 authors it can be read again, whoever left gaps on purpose. What comes into an older
 * one is not shown as new; what others learn stands in my receipt.
 */
const MAX_SEEN_GAPS = 200;

/** Of whoever was here since the group began: members come and go, and the gaps of each are few. */
const MAX_SEEN_BYTES = 4_194_304;

export const encodeSeen = (seen: SeenRecord): Uint8Array =>
  encode(seen.map((one) => ({ ...one, missing: one.missing.slice(-MAX_SEEN_GAPS) })));
/** @throws KithError 'frame-malformed' | 'frame-too-large' */
export const decodeSeen = (bytes: Uint8Array): SeenRecord => decode(bytes, seenSchema, MAX_SEEN_BYTES);

/** A message that waits to be signed. */
const draftSchema = v.strictObject({
  id: bytesOf(16),
  body: messageBodySchema,
  at: v.optional(count()),
  dropped: v.optional(v.literal(true)),
});

export const encodeDraft = ({ id, body, at, dropped }: v.InferOutput<typeof draftSchema>): Uint8Array =>
  encode({ id, body, ...(at === undefined ? {} : { at }), ...(dropped ? { dropped } : {}) });
/** @throws KithError 'frame-malformed' | 'frame-too-large' */
export const decodeDraft = (bytes: Uint8Array) => decode(bytes, draftSchema);

/** As an earlier version kept them, all in one record: read up to what no page has written. */
const draftsSchema = v.array(v.unknown());
const MAX_DRAFTS_BYTES = 67_108_864;

/** Each of them encoded, for `decodeOldDraft`. @throws KithError 'frame-malformed' | 'frame-too-large' */
export const decodeDrafts = (bytes: Uint8Array): Uint8Array[] =>
  decode(bytes, draftsSchema, MAX_DRAFTS_BYTES).map((one) => encode(one));

/** Texts could name more members than anybody takes: the first of them stay named. @throws KithError 'frame-malformed' | 'frame-too-large' */
export const decodeOldDraft = (bytes: Uint8Array) => decodeDraft(encode(withFewerMentions(decode(bytes, v.unknown()))));

function withFewerMentions(draft: unknown): unknown {
  const { body } = Object(draft) as { readonly body?: unknown };
  const { mentions } = Object(body) as { readonly mentions?: unknown };
  if (!Array.isArray(mentions)) return draft;
  return { ...Object(draft), body: { ...Object(body), mentions: mentions.slice(0, MAX_MENTIONS) } };
}

const signedSchema = v.strictObject({ content: bytesUpTo(65_536), signature: bytesOf(64) });

/** A receipt or a share, as its author signed it. */
export const encodeSignedPart = ({ content, signature }: v.InferOutput<typeof signedSchema>): Uint8Array =>
  encode({ content, signature });
/** @throws KithError 'frame-malformed' */
export const decodeSignedPart = (bytes: Uint8Array) => decode(bytes, signedSchema);

const numbered = (id: string, at: number): string => `${id}/${String(at).padStart(12, '0')}`;

/** Keys in the tables of groups. `at`: from 1, in order of arrival. */
export const groupKeys = {
  operation: numbered,
  message: numbered,
  share: (id: string, at: number): string => `${id}/share/${String(at).padStart(12, '0')}`,
  receipt: (id: string, member: string): string => `${id}/receipt/${member}`,
  keys: (id: string): string => `${id}/keys`,
  draft: (id: string, at: number): string => `${id}/draft/${String(at).padStart(12, '0')}`,
  /** Where an earlier version kept all of them. */
  drafts: (id: string): string => `${id}/drafts`,
  seen: (id: string): string => `${id}/seen`,
  /** A message of mine that does not count and that a person removed. `hash`: of the message. */
  removed: (id: string, hash: string): string => `${id}/removed/${hash}`,
  picture: (id: string): string => `${id}/picture`,
  file: (id: string, name: string): string => `${id}/file/${name}`,
  /** Written to see whether the disk takes something. */
  probe: (id: string): string => `${id}/probe`,
  request: (id: string, member: string): string => `${id}/request/${member}`,
  /** Everything of one group. */
  all: (id: string): string => `${id}/`,
};

export const placeOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
