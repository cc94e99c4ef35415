// The slow half of the number (number.ts): Argon2id (RFC 9106) by hash-wasm. Runs in a worker; half a second and 64 MiB.
import { argon2id } from 'hash-wasm';
import { NUMBER_ARGON2, numberFromArgon2 } from './number.ts';

/** The 15-digit number of a fingerprint (32 bytes). Needs `'wasm-unsafe-eval'` in the page's CSP. */
export async function deriveNumber(fingerprint: Uint8Array): Promise<string> {
  const digest = await argon2id({ ...NUMBER_ARGON2, password: fingerprint, outputType: 'binary' });
  return numberFromArgon2(digest);
}
