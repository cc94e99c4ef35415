// The slow half of the number (number.ts), and of what a passphrase opens (vault/lock-record.ts): Argon2id (RFC 9106) by hash-wasm.
// Runs in a worker; half a second and 64 MiB.
import { argon2id } from 'hash-wasm';
import type { Bytes } from '../bytes/bytes.ts';
import type { Argon2Cost } from '../ports/key-deriver.ts';
import { FIND_ARGON2, NUMBER_ARGON2, numberFromArgon2 } from './number.ts';

/** The 15-digit number of a fingerprint (32 bytes). Needs `'wasm-unsafe-eval'` in the page's CSP. */
export async function deriveNumber(fingerprint: Uint8Array): Promise<string> {
  const digest = await argon2id({ ...NUMBER_ARGON2, password: fingerprint, outputType: 'binary' });
  return numberFromArgon2(digest);
}

/** Where whoever may be found by this number (15 digits) announces it in the overlay: 20 bytes, as BEP5 takes them. */
export async function deriveFindTarget(number: string): Promise<Bytes> {
  const digest = await argon2id({ ...FIND_ARGON2, password: number, outputType: 'binary' });
  return new Uint8Array(await crypto.subtle.digest('SHA-1', Uint8Array.from(digest)));
}

/** 32 bytes. `salt`: 16 bytes. Rejects when there is no memory for it. */
export async function derivePassphraseKey(
  passphrase: string | Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
): Promise<Bytes> {
  const { memory, passes, lanes } = cost;
  const options = { memorySize: memory, iterations: passes, parallelism: lanes, hashLength: 32 } as const;
  return Uint8Array.from(await argon2id({ ...options, password: passphrase, salt, outputType: 'binary' }));
}
