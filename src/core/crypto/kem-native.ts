// ML-KEM-768 of WebCrypto ("Modern Algorithms in the Web Cryptography API"), where the browser has it.
import { type Bytes, equalBytes, unshared } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import { sha256 } from './kdf.ts';
import type { Kem, KemKeyPair } from './kem.ts';

const ALGORITHM = 'ML-KEM-768';

/** The part of the draft that is used; TypeScript's own types lag behind. */
interface KemSubtle {
  importKey(
    format: 'raw-seed' | 'raw-public',
    data: Bytes,
    algorithm: string,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  exportKey(format: 'raw-public', key: CryptoKey): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>;
  encapsulateBits(algorithm: string, key: CryptoKey): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Bytes): Promise<ArrayBuffer>;
}

function subtle(): KemSubtle {
  return crypto.subtle as unknown as KemSubtle;
}

const native: Kem = {
  name: 'native',
  async keyPair(seed) {
    const privateKey = await subtle().importKey('raw-seed', seed, ALGORITHM, false, ['decapsulateBits']);
    const publicKey = await subtle().getPublicKey(privateKey, ['encapsulateBits']);
    return { publicKey: new Uint8Array(await subtle().exportKey('raw-public', publicKey)), privateKey };
  },
  async encapsulate(publicKey) {
    const key = await subtle().importKey('raw-public', unshared(publicKey), ALGORITHM, false, ['encapsulateBits']);
    const { ciphertext, sharedKey } = await subtle().encapsulateBits(ALGORITHM, key);
    return { ciphertext: new Uint8Array(ciphertext), sharedSecret: new Uint8Array(sharedKey) };
  },
  async decapsulate({ privateKey }, ciphertext) {
    if (privateKey instanceof Uint8Array) throw new KithError('internal');
    return new Uint8Array(await subtle().decapsulateBits(ALGORITHM, privateKey, unshared(ciphertext)));
  },
};

// What any right implementation answers for the seed 00 01 … 3f: SHA-256 of the public key, and the secret that the
// ciphertext of 1,088 zeros decapsulates to. Computed with @noble/post-quantum; tests/unit/crypto compares them again.
export const KNOWN_SEED: Bytes = Uint8Array.from({ length: 64 }, (_, index) => index);
export const KNOWN_PUBLIC_KEY_HASH = '0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9';
export const KNOWN_REJECTION = 'c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16';

/** Whether `implementation` agrees with FIPS 203 on a known key and with itself on a round trip. Never throws. */
export async function interoperates(implementation: Kem): Promise<boolean> {
  try {
    const pair: KemKeyPair = await implementation.keyPair(KNOWN_SEED);
    const rejected = await implementation.decapsulate(pair, new Uint8Array(1088));
    const { ciphertext, sharedSecret } = await implementation.encapsulate(pair.publicKey, zeroRandom);
    return (
      equalBytes(await sha256(pair.publicKey), fromHex(KNOWN_PUBLIC_KEY_HASH)) &&
      equalBytes(rejected, fromHex(KNOWN_REJECTION)) &&
      equalBytes(await implementation.decapsulate(pair, ciphertext), sharedSecret)
    );
  } catch {
    return false; // absent or unfinished in this browser: the library is used
  }
}

/** For the trial encapsulation alone, whose secret is thrown away. */
const zeroRandom = { bytes: (length: number) => new Uint8Array(length), fraction: () => 0 };

/** WebCrypto's ML-KEM-768, or undefined where it is absent or does not interoperate. */
export async function nativeKem(): Promise<Kem | undefined> {
  return (await interoperates(native)) ? native : undefined;
}
