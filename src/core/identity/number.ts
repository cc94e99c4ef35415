// The 15-digit number: a name to call by, never a proof. 14 digits of an Argon2id hash and a Damm digit.

import { dammDigit, dammIsValid } from '../bytes/damm.ts';
import { bigIntFromBytes } from '../bytes/integers.ts';
import { KithError } from '../errors.ts';

const HASHED_DIGITS = 14;

/** Argon2id (RFC 9106) of the fingerprint. Slow on purpose: a chosen number would cost thousands of GPU-years. */
export const NUMBER_ARGON2 = {
  salt: 'kith-number-v1',
  /** KiB: 64 MiB. */
  memorySize: 65_536,
  iterations: 3,
  parallelism: 1,
  /** Bytes. */
  hashLength: 32,
} as const;

/** Argon2id of a number's digits: where people who may be found by it announce themselves. Slow, so that nobody lists numbers. */
export const FIND_ARGON2 = { ...NUMBER_ARGON2, salt: 'kith-find-1' } as const;

/** 15 digits from the 32-byte Argon2id output: the integer (big endian) mod 10^14, zero-padded, and its check digit. */
export function numberFromArgon2(digest: Uint8Array): string {
  if (digest.length !== NUMBER_ARGON2.hashLength) throw new KithError('internal');
  const digits = (bigIntFromBytes(digest) % 10n ** BigInt(HASHED_DIGITS)).toString().padStart(HASHED_DIGITS, '0');
  return digits + dammDigit(digits);
}

/** Whether `text` is 15 digits with a right check digit. Nothing is ignored: clean what was typed first. */
export function isNumber(text: string): boolean {
  return /^[0-9]{15}$/.test(text) && dammIsValid(text);
}

/** '123456789012345' → '123 456 789 012 345'. */
export function formatNumber(digits: string): string {
  return digits.replace(/(?<=^(?:.{3})+)(?=.)/g, ' ');
}
