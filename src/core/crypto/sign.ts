// Ed25519 (RFC 8032) over WebCrypto. Private keys are non-extractable CryptoKeys.

import { fromBase64url } from '../bytes/base64url.ts';
import { type Bytes, concat, unshared } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';

export const SIGNING_SEED_BYTES = 32;
export const SIGNING_PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Bytes;
  /** 64 bytes. */
  sign(data: Uint8Array): Promise<Bytes>;
}

/** RFC 8410 §7: the DER around a 32-byte Ed25519 seed (OID 1.3.101.112). */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

/** The signing key of a 32-byte seed (RFC 8032 §5.1.5). @throws KithError 'internal' for another length. */
export async function signingKeyFromSeed(seed: Uint8Array): Promise<SigningKey> {
  if (seed.length !== SIGNING_SEED_BYTES) throw new KithError('internal');
  const pkcs8 = concat(PKCS8_PREFIX, seed);
  // WebCrypto tells an Ed25519 public key only through the JWK of an extractable private key; that one is dropped at once.
  const extractable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = await crypto.subtle.exportKey('jwk', extractable);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  pkcs8.fill(0);
  return {
    publicKey: fromBase64url(x),
    sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, unshared(data))),
  };
}

/**
 * Encodings of the points of order 1, 2, 4 and 8, sign bit cleared, canonical or not. Under such a key one signature fits
 * many messages. The Web Cryptography API says to refuse them ("Ed25519", verify); not every engine does.
 */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Whether 32 bytes encode a point of small order, which nobody's key pair has. */
export function isSmallOrder(publicKey: Uint8Array): boolean {
  const cleared = Uint8Array.from(publicKey);
  cleared[31] = (cleared[31] as number) & 0x7f;
  return SMALL_ORDER.has(toHex(cleared));
}

/** Whether `signature` is that of `publicKey` over `data`; false as well for keys and signatures that are none. */
export async function verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (publicKey.length !== SIGNING_PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  if (isSmallOrder(publicKey)) return false;
  try {
    const key = await crypto.subtle.importKey('raw', unshared(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, unshared(signature), unshared(data));
  } catch {
    return false; // not a point of the curve
  }
}
