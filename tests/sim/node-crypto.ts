// The overlay's cryptography over node:crypto: done at once, inside promises that are already settled, so that a clock that
// a test moves need not wait for other threads.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { isSmallOrder } from '../../src/core/crypto/sign.ts';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';
import type { Signatures } from './signatures.ts';

/** RFC 8410: the DER around an Ed25519 seed, and around a public key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Parsing a key costs as much as verifying with it; a simulation meets the same keys again and again. */
const MAX_KEPT_KEYS = 20_000;

const MAX_KEPT_SIGNATURES = 10_000;

const kept = new Map<string, KeyObject>();
/** Made here lately: what was signed, by whom. Exactly that is genuine; anything else is verified in earnest. */
const made = new Map<string, { readonly publicKey: Uint8Array; readonly data: Uint8Array }>();
/** Those of other threads. */
let elsewhere: Signatures | undefined;
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** From now on what other threads have signed is known as well. */
export function shareSignatures(signatures: Signatures): void {
  elsewhere = signatures;
}

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const name = latin1(publicKey);
  const known = kept.get(name);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT_KEYS) kept.clear();
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  kept.set(name, key);
  return key;
}

function verifyNow(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const known = made.get(latin1(signature));
  if (known && Buffer.compare(known.publicKey, publicKey) === 0 && Buffer.compare(known.data, data) === 0) return true;
  if (elsewhere?.has(publicKey, data, signature)) return true;
  if (publicKey.length !== 32 || signature.length !== 64 || isSmallOrder(publicKey)) return false;
  try {
    return verify(null, data, publicKeyObject(publicKey), signature);
  } catch {
    return false; // not a point of the curve
  }
}

function signNow(key: KeyObject, publicKey: Uint8Array, data: Uint8Array): Uint8Array {
  const signature = new Uint8Array(sign(null, data, key));
  if (made.size >= MAX_KEPT_SIGNATURES) made.delete(made.keys().next().value as string);
  made.set(latin1(signature), { publicKey, data: data.slice() });
  elsewhere?.add(publicKey, data, signature);
  return signature;
}

const hash = (name: string, data: Uint8Array): Uint8Array => new Uint8Array(createHash(name).update(data).digest());

export const nodeOverlayCrypto: OverlayCrypto = {
  async keyFromSeed(seed) {
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const publicKey = new Uint8Array(spki.subarray(-32));
    return { publicKey, sign: async (data) => signNow(key, publicKey, data) };
  },
  verify: async (publicKey, data, signature) => verifyNow(publicKey, data, signature),
  sha1: async (data) => hash('sha1', data),
  sha256: async (data) => hash('sha256', data),
};
