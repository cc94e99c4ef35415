// AES-256-GCM with 96-bit nonces and 128-bit tags (NIST SP 800-38D, RFC 5116 AEAD_AES_256_GCM).
import { type Bytes, unshared } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';

export const AEAD_KEY_BYTES = 32;
export const AEAD_NONCE_BYTES = 12;
export const AEAD_TAG_BYTES = 16;

const NO_AAD: Bytes = new Uint8Array(0);

/** A non-extractable key from 32 bytes. @throws KithError 'internal' for another length. */
export async function importAeadKey(raw: Uint8Array): Promise<CryptoKey> {
  if (raw.length !== AEAD_KEY_BYTES) throw new KithError('internal');
  return crypto.subtle.importKey('raw', unshared(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

function parameters(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  if (nonce.length !== AEAD_NONCE_BYTES) throw new KithError('internal');
  return { name: 'AES-GCM', iv: unshared(nonce), additionalData: unshared(aad), tagLength: 8 * AEAD_TAG_BYTES };
}

/**
 * Ciphertext followed by the 16-byte tag. The caller never uses a nonce (12 bytes) twice under one key.
 * @throws KithError 'internal' for a nonce of another length.
 */
export async function seal(
  key: CryptoKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array = NO_AAD,
): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, aad), key, unshared(plaintext)));
}

/** The plaintext. @throws KithError 'frame-authentication' when anything differs from what was sealed. */
export async function open(
  key: CryptoKey,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  aad: Uint8Array = NO_AAD,
): Promise<Bytes> {
  const algorithm = parameters(nonce, aad);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, unshared(ciphertext)));
  } catch (cause) {
    throw new KithError('frame-authentication', {}, { cause });
  }
}
