// The chain of a sender key: one key for each message, and from each chain key only the next (HKDF-SHA-256, RFC 5869).
import type { Bytes } from '../../bytes/bytes.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES } from '../../crypto/aead.ts';
import { hkdf } from '../../crypto/kdf.ts';

export const CHAIN_KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);
const MESSAGE_INFO = utf8('kith group message key v1');
const NEXT_INFO = utf8('kith group chain key v1');

/** Opens or seals one message: AES-256-GCM key (32 bytes) and nonce (12), used once. */
export interface MessageKey {
  readonly key: Bytes;
  readonly nonce: Bytes;
}

/** The message key at this place, and the chain key (32 bytes) of the next. The given one is not changed. */
export async function step(chainKey: Uint8Array): Promise<{ readonly message: MessageKey; readonly next: Bytes }> {
  const [secret, next] = await Promise.all([
    hkdf(chainKey, NO_SALT, MESSAGE_INFO, AEAD_KEY_BYTES + AEAD_NONCE_BYTES),
    hkdf(chainKey, NO_SALT, NEXT_INFO, CHAIN_KEY_BYTES),
  ]);
  return { message: { key: secret.slice(0, AEAD_KEY_BYTES), nonce: secret.slice(AEAD_KEY_BYTES) }, next };
}
