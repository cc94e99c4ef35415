// The bundle: the canonical encoding of a person's public keys. Its SHA-256 is the fingerprint that a card carries.
//   version (1 byte: 1) || Ed25519 public key (32) || X25519 public key (32)
import { type Bytes, concat } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { sha256 } from '../crypto/kdf.ts';
import { isSmallOrder, verify } from '../crypto/sign.ts';
import { KithError } from '../errors.ts';

export const BUNDLE_VERSION = 1;
export const BUNDLE_BYTES = 65;
const SIGNATURE_PURPOSE = utf8('kith bundle v1');

export interface BundleKeys {
  /** Ed25519, 32 bytes. */
  readonly signing: Bytes;
  /** X25519, 32 bytes. */
  readonly dh: Bytes;
}

export function encodeBundle({ signing, dh }: BundleKeys): Bytes {
  return concat(Uint8Array.of(BUNDLE_VERSION), signing, dh);
}

/**
 * The keys of a bundle.
 * @throws KithError 'frame-version' for another version, 'contact-impostor' for another size or a key nobody can have made.
 */
export function decodeBundle(bundle: Uint8Array): BundleKeys {
  if (bundle.length > 0 && bundle[0] !== BUNDLE_VERSION) throw new KithError('frame-version');
  if (bundle.length !== BUNDLE_BYTES) throw new KithError('contact-impostor');
  const signing = Uint8Array.from(bundle.subarray(1, 33));
  const dh = Uint8Array.from(bundle.subarray(33));
  if (isSmallOrder(signing)) throw new KithError('contact-impostor');
  return { signing, dh };
}

/** SHA-256 of the bundle, 32 bytes. */
export async function fingerprintOf(bundle: Uint8Array): Promise<Bytes> {
  return sha256(bundle);
}

/** The bundle signed by its own Ed25519 key, 64 bytes. */
export async function signBundle(bundle: Uint8Array, sign: (data: Uint8Array) => Promise<Bytes>): Promise<Bytes> {
  return sign(concat(SIGNATURE_PURPOSE, bundle));
}

/**
 * Checks that the bundle was signed by its own Ed25519 key and gives its keys.
 * @throws KithError 'contact-impostor' when it was not, and what `decodeBundle` throws.
 */
export async function verifyBundle(bundle: Uint8Array, signature: Uint8Array): Promise<BundleKeys> {
  const keys = decodeBundle(bundle);
  if (!(await verify(keys.signing, concat(SIGNATURE_PURPOSE, bundle), signature))) {
    throw new KithError('contact-impostor');
  }
  return keys;
}
