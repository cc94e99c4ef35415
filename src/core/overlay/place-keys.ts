// What the overlay's door makes of a place: whose record is where, and the words by which the two know each other's questions
// (PLACES.md, "Records of a place").
import { type Bytes, concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { importAeadKey } from '../crypto/aead.ts';
import { hmacSha256 } from '../crypto/kdf.ts';
import { signingKeyFromSeed } from '../crypto/sign.ts';
import { KithError } from '../errors.ts';
import type { MeetingPlace } from '../ports/entry-point.ts';

export const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const PROOF_BYTES = 16;
export const GREETING_BYTES = TAG_BYTES + NONCE_BYTES + PROOF_BYTES;

/** What a greeting is for: one cannot be used for another. */
const purposes = {
  presence: utf8('kith presence v1'),
  present: utf8('kith present v1'),
  session: utf8('kith circuit v1'),
} as const;

export type Purpose = keyof typeof purposes;

export interface PlaceKeys {
  readonly place: MeetingPlace;
  /** Ed25519 public keys of the two records, 32 bytes each. */
  readonly mine: Bytes;
  readonly theirs: Bytes;
  /** Names the place in questions to me, and to them; not the topic, which trackers know. 16 bytes. */
  readonly myTag: Bytes;
  readonly theirTag: Bytes;
  readonly seal: CryptoKey;
}

export async function placeKeys(place: MeetingPlace): Promise<PlaceKeys> {
  const [mine, theirs, seal] = await Promise.all([
    signingKeyFromSeed(place.mine).then(({ publicKey }) => publicKey),
    signingKeyFromSeed(place.theirs).then(({ publicKey }) => publicKey),
    importAeadKey(place.key),
  ]);
  const tagOf = async (of: Uint8Array) => (await mac(place, utf8('kith place tag v1'), of)).slice(0, TAG_BYTES);
  return { place, mine, theirs, seal, myTag: await tagOf(mine), theirTag: await tagOf(theirs) };
}

/** Tag, nonce, and a proof that it comes from the other of the two. `to`: mine or theirs, whoever is asked. */
export async function greeting(keys: PlaceKeys, purpose: Purpose, nonce: Uint8Array): Promise<Bytes> {
  return concat(keys.theirTag, nonce, await proof(keys, purpose, keys.theirs, nonce));
}

/** The nonce (16 bytes) of a greeting to me. @throws KithError 'frame-malformed' | 'frame-authentication' */
export async function readGreeting(keys: PlaceKeys, purpose: Purpose, bytes: Uint8Array): Promise<Bytes> {
  if (bytes.length !== GREETING_BYTES) throw new KithError('frame-malformed');
  const nonce = bytes.slice(TAG_BYTES, TAG_BYTES + NONCE_BYTES);
  const expected = await proof(keys, purpose, keys.mine, nonce);
  if (!equalBytes(expected, bytes.subarray(TAG_BYTES + NONCE_BYTES))) throw new KithError('frame-authentication');
  return nonce;
}

/** What only the two can say back to a greeting. `by`: public key of the record of whoever says it. */
export function reply(keys: PlaceKeys, by: Uint8Array, nonce: Uint8Array): Promise<Bytes> {
  return proof(keys, 'present', by, nonce);
}

async function proof({ place }: PlaceKeys, purpose: Purpose, of: Uint8Array, nonce: Uint8Array): Promise<Bytes> {
  return (await mac(place, purposes[purpose], concat(of, nonce))).slice(0, PROOF_BYTES);
}

/** Labels are told apart by their text: the lengths of what follows never differ within one. */
const mac = ({ key }: MeetingPlace, label: Uint8Array, data: Uint8Array): Promise<Bytes> =>
  hmacSha256(key, concat(label, data));

export { NONCE_BYTES as GREETING_NONCE_BYTES };
