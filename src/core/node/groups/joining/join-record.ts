// A group's card that I took, as a record: kept from before the first call until I am let in, so that a reload goes on asking.
//   waiting -> (let in: removed) | failed (until dismissed) -> given-up (a key that was shown is kept: it may still be let in)
import * as v from 'valibot';
import { equalBytes } from '../../../bytes/bytes.ts';
import { errorKinds } from '../../../errors.ts';
import type { GroupCard } from '../../../group/membership/group-card.ts';
import { bytesOf, count, decode, encode } from '../../../wire/cbor.ts';

/** Cards live for a week at most; a day more for whoever took one at its end, milliseconds. */
export const JOIN_LIFE_MS = 8 * 24 * 3_600_000;
/** Cards of groups that I ask by at a time. Each is a topic to look at. */
export const MAX_JOINS = 16;
/** Given up, and remembered for twice the life of an asking: nobody is let in later than that. */
export const MAX_GIVEN_UP = 32;

const joinSchema = v.object({
  v: v.literal(1),
  id: v.string(),
  /** The card: the admin who answers, and its secret. */
  fingerprint: bytesOf(32),
  secret: bytesOf(16),
  startedAt: count(),
  state: v.picklist(['waiting', 'failed', 'given-up']),
  /** Why it failed. */
  kind: v.optional(v.picklist(errorKinds)),
  /** The group, once the admin has named it, and the seed of the key that I made for it. */
  group: v.optional(bytesOf(32)),
  seed: v.optional(bytesOf(32)),
});

export type JoinRecord = v.InferOutput<typeof joinSchema>;

/** Beside the groups in their table. */
export const JOINS = 'join/';
export const joinKey = (id: string): string => `${JOINS}${id}`;

export const encodeJoin = (join: JoinRecord): Uint8Array => encode(join);

/** @throws KithError 'frame-malformed' */
export const decodeJoin = (bytes: Uint8Array): JoinRecord => decode(bytes, joinSchema);

export const cardOf = ({ fingerprint, secret }: JoinRecord): GroupCard => ({
  fingerprint: Uint8Array.from(fingerprint),
  secret: Uint8Array.from(secret),
});

export const isBy = (join: JoinRecord, { fingerprint, secret }: GroupCard): boolean =>
  equalBytes(join.secret, secret) && equalBytes(join.fingerprint, fingerprint);

/** The key with which somebody asked before by the same card, if it was shown: whoever is let in is let in with that. */
export const keyOf = (before: JoinRecord | undefined): Pick<JoinRecord, 'group' | 'seed'> =>
  before?.seed && before.group ? { group: before.group, seed: before.seed } : {};
