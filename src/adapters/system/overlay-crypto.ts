// The overlay's cryptography over WebCrypto.
import { unshared } from '../../core/bytes/bytes.ts';
import { sha256 } from '../../core/crypto/kdf.ts';
import { signingKeyFromSeed, verify } from '../../core/crypto/sign.ts';
import type { OverlayCrypto } from '../../core/ports/overlay-crypto.ts';

export const systemOverlayCrypto: OverlayCrypto = {
  keyFromSeed: signingKeyFromSeed,
  verify,
  sha1: async (data) => new Uint8Array(await crypto.subtle.digest('SHA-1', unshared(data))),
  sha256,
};
