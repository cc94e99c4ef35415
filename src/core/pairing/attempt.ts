// A card that I took, as a record: kept from before the first call, so that a reload goes on calling.
//   waiting -> done | failed (until dismissed)
import * as v from 'valibot';
import { equalBytes } from '../bytes/bytes.ts';
import { errorKinds } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import { bytesOf, count, decode, encode } from '../wire/cbor.ts';
import { CARD_LIFE_MS, CARD_MEMORY_MS } from './invitation.ts';
import { endOfPromise, type Promised, promiseSchema } from './promise.ts';
import { ways } from './way.ts';

const attemptSchema = v.pipe(
  v.object({
    v: v.literal(1),
    id: v.string(),
    /** The card: whose, and its secret. */
    fingerprint: bytesOf(32),
    secret: bytesOf(16),
    startedAt: count(),
    state: v.picklist(['waiting', 'failed', 'done']),
    /** How their card came to me. Records of before say it otherwise, or not at all. */
    way: v.optional(v.picklist(ways)),
    byNumber: v.optional(v.boolean()),
    /** Their card came through a mailbox, or somebody introduced us. */
    promise: v.optional(promiseSchema),
    /** Why it failed. */
    kind: v.optional(v.picklist(errorKinds)),
  }),
  v.transform(({ byNumber, way = byNumber ? 'number' : 'card', ...rest }) => ({ ...rest, way })),
);

export type Attempt = v.InferOutput<typeof attemptSchema>;

export const encodeAttempt = (attempt: Attempt): Uint8Array => encode(attempt);

/** @throws KithError 'frame-malformed' */
export const decodeAttempt = (bytes: Uint8Array): Attempt => decode(bytes, attemptSchema);

/** To call somebody whose card came through a mailbox, or who was introduced. */
export const promisedAttempt = (
  id: string,
  { fingerprint, secret }: Card,
  promise: Promised,
  now: number,
): Attempt => ({
  v: 1,
  id,
  fingerprint,
  secret,
  startedAt: now,
  state: 'waiting',
  way: 'card',
  promise,
});

/** Milliseconds since the epoch: then nobody answers any more. */
export const endOf = ({ startedAt, promise }: Attempt): number =>
  promise === undefined ? startedAt + CARD_LIFE_MS : endOfPromise(promise, startedAt);

export const isTooLate = (attempt: Attempt, now: number): boolean => now >= endOf(attempt);

/** The card it used has long expired: no need to remember that it was used. */
export const isForgettable = (attempt: Attempt, now: number): boolean =>
  attempt.state === 'done' && now >= attempt.startedAt + CARD_MEMORY_MS;

export const cardOf = ({ fingerprint, secret }: Attempt): Card => ({
  fingerprint: Uint8Array.from(fingerprint),
  secret: Uint8Array.from(secret),
});

/** By this very card. */
export const isOf = (attempt: Attempt, card: Card): boolean =>
  equalBytes(attempt.secret, card.secret) && equalBytes(attempt.fingerprint, card.fingerprint);
