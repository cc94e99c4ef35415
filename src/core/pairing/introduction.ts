// How two people introduce themselves inside first contact: bundle, its signature, and the name they go by.
import * as v from 'valibot';
import { type Bytes, equalBytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import { fingerprintOf, signBundle, verifyBundle } from '../identity/bundle.ts';
import type { Identity } from '../identity/keys.ts';
import { cleanName } from '../identity/names.ts';
import { bytesOf, decode, encode } from '../wire/cbor.ts';
import { MAX_NAME_LENGTH } from '../wire/limits.ts';

/** Somebody who has proven to hold the keys of their bundle. */
export interface Person {
  /** 65 bytes. */
  readonly bundle: Uint8Array;
  /** SHA-256 of the bundle, 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** Cleaned, at most 64 code points, possibly ''. */
  readonly name: string;
}

/** Bytes of an encoded introduction: bundle, signature, and 64 code points of at most 4 bytes, with room for CBOR. */
const MAX_INTRODUCTION_BYTES = 512;

const introductionSchema = v.object({
  bundle: bytesOf(65),
  signature: bytesOf(64),
  /** UTF-16 units: twice the code points. */
  name: v.pipe(v.string(), v.maxLength(2 * MAX_NAME_LENGTH)),
});

export async function introduce({ bundle, sign }: Identity, name: string): Promise<Bytes> {
  return encode({ bundle, signature: await signBundle(bundle, sign), name: cleanName(name, MAX_NAME_LENGTH) });
}

/**
 * Whoever proved to Noise that they hold `provenKey` (X25519, 32 bytes) must introduce themselves with a bundle of that key,
 * or they hold up the genuine bundle of somebody else.
 * @throws KithError 'contact-impostor' | 'frame-version' | 'frame-malformed' | 'frame-too-large'
 */
export async function readIntroduction(payload: Uint8Array, provenKey: Uint8Array | undefined): Promise<Person> {
  const { bundle, signature, name } = decode(payload, introductionSchema, MAX_INTRODUCTION_BYTES);
  const { dh } = await verifyBundle(bundle, signature);
  if (provenKey === undefined || !equalBytes(dh, provenKey)) throw new KithError('contact-impostor');
  return { bundle, fingerprint: await fingerprintOf(bundle), name: cleanName(name, MAX_NAME_LENGTH) };
}
