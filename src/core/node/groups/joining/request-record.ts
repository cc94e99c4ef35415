// Somebody who holds a card of a group of mine and asked to be let in, as a record: kept until I have answered, and a refusal for as long
// as the card works, so that whoever asks again hears the same.
import * as v from 'valibot';
import { bytesOf, count, decode, encode } from '../../../wire/cbor.ts';
import { MAX_NAME_LENGTH } from '../../../wire/limits.ts';

/** People who wait for an answer in one group: more than a person reads. */
export const MAX_REQUESTS = 32;

const requestSchema = v.object({
  v: v.literal(1),
  bundle: bytesOf(65),
  /** As they wrote it; cleaned for the screen. */
  person: v.pipe(v.string(), v.maxLength(2 * MAX_NAME_LENGTH)),
  /** The key that they made for the group, and their proofs (membership/group-card.ts). */
  key: bytesOf(32),
  cardKey: bytesOf(32),
  binding: bytesOf(64),
  proof: bytesOf(64),
  at: count(),
  refused: v.boolean(),
});

export type RequestRecord = v.InferOutput<typeof requestSchema>;

export const encodeRequest = (request: RequestRecord): Uint8Array => encode(request);

/** @throws KithError 'frame-malformed' */
export const decodeRequest = (bytes: Uint8Array): RequestRecord => decode(bytes, requestSchema);
