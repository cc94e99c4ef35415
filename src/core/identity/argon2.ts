// The slow half of the number (number.ts): Argon2id (RFC 9106) by hash-wasm. Runs in a worker; half a second and 64 MiB.
import { argon2id } from 'hash-wasm';
import type { Bytes } from '../bytes/bytes.ts';
import type { Argon2Parameters } from '../ports/backup-tools.ts';
import { FIND_ARGON2, NUMBER_ARGON2, numberFromArgon2 } from './number.ts';

/** The 15-digit number of a fingerprint (32 bytes). Needs `'wasm-unsafe-eval'` in the page's CSP. */
export async function deriveNumber(fingerprint: Uint8Array): Promise<string> {
  const digest = await argon2id({ ...NUMBER_ARGON2, password: fingerprint, outputType: 'binary' });
  return numberFromArgon2(digest);
}

/** 32 bytes of a passphrase. Rejects when there is no memory for it. */
export async function stretchPassphrase(
  password: Uint8Array,
  salt: Uint8Array,
  { memory, iterations, parallelism }: Argon2Parameters,
): Promise<Bytes> {
  const cost = { memorySize: memory, iterations, parallelism, hashLength: 32 };
  return Uint8Array.from(await argon2id({ ...cost, password, salt, outputType: 'binary' }));
}

/** Where whoever may be found by this number (15 digits) announces it in the overlay: 20 bytes, as BEP5 takes them. */
export async function deriveFindTarget(number: string): Promise<Bytes> {
  const digest = await argon2id({ ...FIND_ARGON2, password: number, outputType: 'binary' });
  return new Uint8Array(await crypto.subtle.digest('SHA-1', Uint8Array.from(digest)));
}
