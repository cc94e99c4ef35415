// A person's keys: one root secret, from which HKDF-SHA-256 (RFC 5869) derives an Ed25519 and an X25519 key (CRYPTO.md).
import type { Bytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { type DhKeyPair, dhFromPrivate } from '../crypto/dh.ts';
import { hkdf } from '../crypto/kdf.ts';
import { signingKeyFromSeed } from '../crypto/sign.ts';
import { KithError } from '../errors.ts';
import { encodeBundle, fingerprintOf } from './bundle.ts';

export const ROOT_SECRET_BYTES = 32;
const NO_SALT = new Uint8Array(0);
const SIGNING_INFO = utf8('kith identity ed25519 v1');
const DH_INFO = utf8('kith identity x25519 v1');

export interface Identity {
  /** Root secret, 32 bytes: everything else follows from it. */
  readonly root: Bytes;
  /** Both public keys, 65 bytes (bundle.ts). */
  readonly bundle: Bytes;
  /** SHA-256 of the bundle, 32 bytes. */
  readonly fingerprint: Bytes;
  readonly dh: DhKeyPair;
  /** Ed25519 signature, 64 bytes. Callers begin `data` with a purpose of their own, so that no signature fits two places. */
  sign(data: Uint8Array): Promise<Bytes>;
}

/** The identity of a root secret (32 bytes); the same every time. @throws KithError 'internal' for another length. */
export async function identityFromRoot(root: Uint8Array): Promise<Identity> {
  if (root.length !== ROOT_SECRET_BYTES) throw new KithError('internal');
  const signing = await signingKeyFromSeed(await hkdf(root, NO_SALT, SIGNING_INFO, 32));
  const dh = await dhFromPrivate(await hkdf(root, NO_SALT, DH_INFO, 32));
  const bundle = encodeBundle({ signing: signing.publicKey, dh: dh.publicKey });
  return { root: Uint8Array.from(root), bundle, fingerprint: await fingerprintOf(bundle), dh, sign: signing.sign };
}
