// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104), HKDF-SHA-256 (RFC 5869) and PBKDF2-HMAC-SHA-512 (RFC 8018).
import { type Bytes, concat, unshared } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';

export const HASH_BYTES = 32;
/** RFC 5869 §2.3: at most 255 blocks. */
const HKDF_MAX_BYTES = 255 * HASH_BYTES;
const EMPTY: Bytes = new Uint8Array(0);

/** 32 bytes. */
export async function sha256(data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', unshared(data)));
}

/** 32 bytes; a key of any length. */
export async function hmacSha256(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  // WebCrypto imports no empty HMAC key; HMAC pads keys with zeros, so one zero byte is the same key.
  const padded = key.length === 0 ? new Uint8Array(1) : unshared(key);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const hmacKey = await crypto.subtle.importKey('raw', padded, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, unshared(data)));
}

/**
 * `length` bytes (1 … 8,160) from input key material, as RFC 5869's HKDF(ikm, salt, info, L); any part may be empty.
 * @throws KithError 'internal' for another length.
 */
export async function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  if (!Number.isInteger(length) || length < 1 || length > HKDF_MAX_BYTES) throw new KithError('internal');
  if (ikm.length === 0) return hkdfExpand(await hmacSha256(salt, EMPTY), info, length);
  const key = await crypto.subtle.importKey('raw', unshared(ikm), 'HKDF', false, ['deriveBits']);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: unshared(salt), info: unshared(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * length));
}

/** `length` bytes of PBKDF2 with HMAC-SHA-512 (RFC 8018 §5.2); the password is not empty. */
export async function pbkdf2(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', unshared(password), 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-512', salt: unshared(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * length));
}

/** RFC 5869 §2.3. Engines disagree on an empty WebCrypto HKDF key, which Noise's Split() needs. */
async function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  let block: Bytes = EMPTY;
  let output: Bytes = EMPTY;
  for (let counter = 1; output.length < length; counter += 1) {
    block = await hmacSha256(prk, concat(block, info, Uint8Array.of(counter)));
    output = concat(output, block);
  }
  return output.slice(0, length);
}
