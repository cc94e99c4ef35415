// ML-KEM-768 (FIPS 203): WebCrypto's where the browser has it, else @noble/post-quantum, loaded when first needed.
// Both compute the same function, so the choice is local. When neither works the call throws: nothing goes on without it.
import type { Bytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import type { Random } from '../ports/random.ts';
import { nativeKem } from './kem-native.ts';

/** FIPS 203 table 3. */
export const KEM_PUBLIC_KEY_BYTES = 1184;
export const KEM_CIPHERTEXT_BYTES = 1088;
export const KEM_SHARED_SECRET_BYTES = 32;
/** FIPS 203 §7.1: d || z. */
export const KEM_SEED_BYTES = 64;

export interface KemKeyPair {
  /** 1,184 bytes. */
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey | Bytes;
}

export interface Encapsulation {
  /** 1,088 bytes. */
  readonly ciphertext: Bytes;
  /** 32 bytes. */
  readonly sharedSecret: Bytes;
}

/** One implementation of FIPS 203 §7. Errors are whatever it throws; `kem.ts` gives them their kind. */
export interface Kem {
  readonly name: 'native' | 'library';
  /** `seed`: d || z, 64 bytes. */
  keyPair(seed: Bytes): Promise<KemKeyPair>;
  /** `random` is used by the library; the native one draws from the browser's own source. */
  encapsulate(publicKey: Uint8Array, random: Random): Promise<Encapsulation>;
  decapsulate(pair: KemKeyPair, ciphertext: Uint8Array): Promise<Bytes>;
}

let chosen: Promise<Kem> | undefined;

async function choose(): Promise<Kem> {
  const native = await nativeKem();
  return native ?? (await import('./kem-library.ts')).libraryKem;
}

/** The implementation in use, found out once by a real round trip. A chunk that failed to load is asked for again. */
export async function kem(): Promise<Kem> {
  chosen ??= choose();
  try {
    return await chosen;
  } catch (cause) {
    chosen = undefined;
    throw new KithError('handshake-failed', {}, { cause });
  }
}

async function guarded<T>(work: (implementation: Kem) => Promise<T>): Promise<T> {
  const implementation = await kem();
  try {
    return await work(implementation);
  } catch (cause) {
    throw new KithError('handshake-failed', {}, { cause });
  }
}

function requireLength(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new KithError('handshake-failed');
}

/** A fresh key pair (FIPS 203 §7.1). @throws KithError 'handshake-failed'. */
export async function kemKeyPair(random: Random): Promise<KemKeyPair> {
  return kemKeyPairFromSeed(random.bytes(KEM_SEED_BYTES));
}

/** The key pair of d || z, 64 bytes. @throws KithError 'handshake-failed'. */
export async function kemKeyPairFromSeed(seed: Bytes): Promise<KemKeyPair> {
  requireLength(seed, KEM_SEED_BYTES);
  return guarded((implementation) => implementation.keyPair(seed));
}

/**
 * FIPS 203 §7.2. The native implementation draws its own randomness, so only the library's result follows from `random`.
 * @throws KithError 'handshake-failed' for a key of another size or with a coefficient of 3,329 or more.
 */
export async function kemEncapsulate(publicKey: Uint8Array, random: Random): Promise<Encapsulation> {
  requireLength(publicKey, KEM_PUBLIC_KEY_BYTES);
  const result = await guarded((implementation) => implementation.encapsulate(publicKey, random));
  requireLength(result.ciphertext, KEM_CIPHERTEXT_BYTES);
  requireLength(result.sharedSecret, KEM_SHARED_SECRET_BYTES);
  return result;
}

/**
 * FIPS 203 §7.3: 32 bytes. A ciphertext made for another key yields another secret, not an error (implicit rejection).
 * @throws KithError 'handshake-failed' for a ciphertext of another size.
 */
export async function kemDecapsulate(pair: KemKeyPair, ciphertext: Uint8Array): Promise<Bytes> {
  requireLength(ciphertext, KEM_CIPHERTEXT_BYTES);
  const sharedSecret = await guarded((implementation) => implementation.decapsulate(pair, ciphertext));
  requireLength(sharedSecret, KEM_SHARED_SECRET_BYTES);
  return sharedSecret;
}
