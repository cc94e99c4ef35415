// The safety number: 60 digits that two people compare to know that nobody stands between them. Digits are made as Signal's
// numeric fingerprints are (two halves, six times five bytes mod 100,000); stretched by PBKDF2 (RFC 8018 §5.2, CRYPTO.md).
import { utf8 } from '../bytes/utf8.ts';
import { pbkdf2 } from '../crypto/kdf.ts';

/** What whoever looks for a key with a given half pays for each key it tries. */
export const SAFETY_ITERATIONS = 100_000;
const SALT = utf8('kith safety number v1');
const CHUNKS = 6;
const CHUNK_BYTES = 5;
const CHUNK_DIGITS = 5;

export interface SafetyNumber {
  /** The half that stands for my keys, 30 digits: the same for whomever I compare with. */
  readonly mine: string;
  /** The half that stands for theirs, 30 digits. */
  readonly theirs: string;
  /** 60 digits, the same on both screens: the smaller half first. */
  readonly digits: string;
}

/** The safety number of two fingerprints (32 bytes each). Takes two times SAFETY_ITERATIONS of HMAC-SHA-512. */
export async function safetyNumber(mine: Uint8Array, theirs: Uint8Array): Promise<SafetyNumber> {
  const [own, other] = await Promise.all([half(mine), half(theirs)]);
  return { mine: own, theirs: other, digits: [own, other].sort().join('') };
}

async function half(fingerprint: Uint8Array): Promise<string> {
  const bytes = await pbkdf2(fingerprint, SALT, SAFETY_ITERATIONS, CHUNKS * CHUNK_BYTES);
  const chunks = Array.from({ length: CHUNKS }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES).reduce((sum, byte) => sum * 256 + byte, 0),
  );
  return chunks.map((value) => String(value % 10 ** CHUNK_DIGITS).padStart(CHUNK_DIGITS, '0')).join('');
}
