// The part of WebCrypto that core uses, over node:crypto: real algorithms, done at once, so that nothing happens on other threads and
// a seed replays exactly. Of ML-KEM only the sizes, the draws and who gets the same secret are real: nobody in the model breaks a key, and
// whole lattices cost a tenth of every schedule (the real one is run in tests/vectors).
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  pbkdf2Sync,
  sign,
  verify,
} from 'node:crypto';
import { KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_KEY_BYTES, type Kem } from '../../src/core/crypto/kem.ts';
import { libraryKem } from '../../src/core/crypto/kem-library.ts';

/** Stands where a CryptoKey stands. */
interface InstantKey {
  readonly name: string;
  readonly raw: Buffer;
  readonly object: KeyObject | undefined;
}

interface Algorithm {
  readonly name: string;
  readonly hash?: string | { readonly name: string };
  readonly iv?: Uint8Array;
  readonly additionalData?: Uint8Array;
  readonly salt?: Uint8Array;
  readonly info?: Uint8Array;
  readonly iterations?: number;
  readonly public?: InstantKey;
}

const TAG_BYTES = 16;
/** RFC 8410 §7: what stands before the 32 secret bytes. */
const PKCS8_PREFIX_BYTES = 16;
const curves = new Set(['X25519', 'Ed25519']);
const hashes: Readonly<Record<string, string>> = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-512': 'sha512' };

const nameOf = (algorithm: string | Algorithm) => (typeof algorithm === 'string' ? algorithm : algorithm.name);

function hashOf(algorithm: string | { readonly name: string } | undefined): string {
  const name = hashes[typeof algorithm === 'string' ? algorithm : (algorithm?.name ?? '')];
  if (name === undefined) throw new DOMException('hash', 'NotSupportedError');
  return name;
}

/** Of a buffer of its own, as WebCrypto answers. */
function answer(...parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

/** Long-term keys come again with each handshake; the ephemeral ones would fill memory. */
const MOST_KEYS = 1_000;
const keyObjects = new Map<string, KeyObject>();

function keyObject(crv: string, format: string, raw: Buffer): KeyObject {
  const name = `${crv} ${format} ${raw.toString('latin1')}`;
  const known = keyObjects.get(name) ?? newKeyObject(crv, format, raw);
  if (keyObjects.size >= MOST_KEYS) keyObjects.clear();
  keyObjects.set(name, known);
  return known;
}

/** As JWK (RFC 8037), which OpenSSL takes ten times as fast as DER. It works out the public half itself. */
function newKeyObject(crv: string, format: string, raw: Buffer): KeyObject {
  if (format === 'raw')
    return createPublicKey({ key: { kty: 'OKP', crv, x: raw.toString('base64url') }, format: 'jwk' });
  const d = raw.subarray(PKCS8_PREFIX_BYTES).toString('base64url');
  return createPrivateKey({ key: { kty: 'OKP', crv, d, x: d }, format: 'jwk' });
}

function importKey(format: string, data: Uint8Array, algorithm: string | Algorithm): InstantKey {
  const name = nameOf(algorithm);
  const raw = Buffer.from(data);
  if (curves.has(name)) return { name, raw, object: keyObject(name, format, raw) };
  if (format !== 'raw' || name.startsWith('ML-')) throw new DOMException('key', 'NotSupportedError');
  return { name, raw, object: undefined };
}

const objectOf = ({ object }: InstantKey): KeyObject => {
  if (object === undefined) throw new DOMException('key', 'InvalidAccessError');
  return object;
};

const operations = {
  digest: (algorithm: string, data: Uint8Array) => answer(createHash(hashOf(algorithm)).update(data).digest()),
  importKey,
  exportKey: (_format: 'jwk', key: InstantKey) => createPublicKey(objectOf(key)).export({ format: 'jwk' }),
  encrypt: ({ iv, additionalData }: Algorithm, { raw }: InstantKey, data: Uint8Array) => {
    const cipher = createCipheriv('aes-256-gcm', raw, iv as Uint8Array);
    if (additionalData) cipher.setAAD(additionalData);
    return answer(cipher.update(data), cipher.final(), cipher.getAuthTag());
  },
  decrypt: ({ iv, additionalData }: Algorithm, { raw }: InstantKey, data: Uint8Array) => {
    if (data.length < TAG_BYTES) throw new DOMException('short', 'OperationError');
    const decipher = createDecipheriv('aes-256-gcm', raw, iv as Uint8Array);
    if (additionalData) decipher.setAAD(additionalData);
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    return answer(decipher.update(data.subarray(0, data.length - TAG_BYTES)), decipher.final());
  },
  sign: (_algorithm: string, key: InstantKey, data: Uint8Array) =>
    key.object ? answer(sign(null, data, key.object)) : answer(createHmac('sha256', key.raw).update(data).digest()),
  verify: (_algorithm: string, key: InstantKey, signature: Uint8Array, data: Uint8Array) =>
    verify(null, data, objectOf(key), signature),
  deriveBits: (algorithm: Algorithm, key: InstantKey, bits: number) => deriveBits(algorithm, key, bits / 8),
};

function deriveBits(algorithm: Algorithm, key: InstantKey, bytes: number): ArrayBuffer {
  const { salt = new Uint8Array(0), info = new Uint8Array(0), iterations = 1 } = algorithm;
  if (algorithm.name === 'HKDF')
    return answer(new Uint8Array(hkdfSync(hashOf(algorithm.hash), key.raw, salt, info, bytes)));
  if (algorithm.name === 'PBKDF2') return answer(pbkdf2Sync(key.raw, salt, iterations, bytes, hashOf(algorithm.hash)));
  const remote = objectOf(algorithm.public as InstantKey);
  return answer(diffieHellman({ privateKey: objectOf(key), publicKey: remote }));
}

/** `length` bytes that follow from `from`. */
function stretched(from: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const block = createHash('sha512').update(from).digest();
  const whole = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length) whole.set(block.subarray(0, length - at), at);
  return whole;
}

/** The secret follows from the public key and the ciphertext: whoever sees another key or ciphertext gets another secret. */
const secretOf = (publicKey: Uint8Array, ciphertext: Uint8Array) =>
  new Uint8Array(createHash('sha256').update(publicKey).update(ciphertext).digest());

const instantKem: Kem = {
  name: 'library',
  async keyPair(seed) {
    const publicKey = stretched(seed, KEM_PUBLIC_KEY_BYTES);
    return { publicKey, privateKey: publicKey };
  },
  async encapsulate(publicKey, random) {
    const ciphertext = stretched(random.bytes(32), KEM_CIPHERTEXT_BYTES);
    return { ciphertext, sharedSecret: secretOf(publicKey, ciphertext) };
  },
  decapsulate: async ({ publicKey }, ciphertext) => secretOf(publicKey, ciphertext),
};

/** Puts it in the place of `crypto.subtle` until the function returned is called. For a process, or a test file, of its own. */
export function useInstantCrypto(): () => void {
  const { ...realKem } = libraryKem;
  Object.assign(libraryKem, instantKem);
  const subtle = crypto.subtle as unknown as Record<string, unknown>;
  for (const [name, operation] of Object.entries(operations)) {
    const call = operation as (...args: unknown[]) => unknown;
    subtle[name] = async (...args: unknown[]) => call(...args);
  }
  return () => {
    Object.assign(libraryKem, realKem);
    for (const name of Object.keys(operations)) delete subtle[name];
  };
}
