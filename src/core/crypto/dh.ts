// X25519 (RFC 7748 §5) over WebCrypto. Private keys are non-extractable CryptoKeys.
import { type Bytes, concat, isAllZero, unshared } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';

export const DH_BYTES = 32;

export interface DhKeyPair {
  /** u-coordinate, 32 bytes, little endian. */
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey;
}

/** RFC 8410 §7: the DER around a 32-byte X25519 private key (OID 1.3.101.110). */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
/** RFC 7748 §4.1: the base point's u-coordinate is 9. */
const BASE_POINT: Bytes = Uint8Array.from({ length: DH_BYTES }, (_, index) => (index === 0 ? 9 : 0));

async function deriveBits(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Bytes> {
  const remote = await crypto.subtle.importKey('raw', unshared(publicKey), 'X25519', false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: remote }, privateKey, 256));
}

/** The key pair of 32 secret bytes, clamped as RFC 7748 §5 says. @throws KithError 'internal' for another length. */
export async function dhFromPrivate(secret: Uint8Array): Promise<DhKeyPair> {
  if (secret.length !== DH_BYTES) throw new KithError('internal');
  const pkcs8 = concat(PKCS8_PREFIX, secret);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
  pkcs8.fill(0);
  return { publicKey: await deriveBits(privateKey, BASE_POINT), privateKey };
}

/**
 * The shared secret, 32 bytes.
 * @throws KithError 'handshake-failed' for a public key that is not 32 bytes or of low order (RFC 7748 §6.1: all-zero output).
 */
export async function diffieHellman(pair: DhKeyPair, publicKey: Uint8Array): Promise<Bytes> {
  if (publicKey.length !== DH_BYTES) throw new KithError('handshake-failed');
  let shared: Bytes;
  try {
    shared = await deriveBits(pair.privateKey, publicKey);
  } catch (cause) {
    throw new KithError('handshake-failed', {}, { cause }); // some engines refuse a low-order point themselves
  }
  if (isAllZero(shared)) throw new KithError('handshake-failed');
  return shared;
}
