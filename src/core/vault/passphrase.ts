// What a passphrase must be at least. Argon2id makes each guess cost; no rule makes a guessable one safe, so there are few of them.
import { KithError } from '../errors.ts';

/** Characters (NIST SP 800-63B-4 §3.1.1.2 allows no fewer). */
export const MIN_PASSPHRASE_LENGTH = 8;
/** Bytes of memory that a paste by mistake may cost. */
export const MAX_PASSPHRASE_LENGTH = 1024;
/** "aaaaaaaa" and "abababab" are the first that anybody tries. */
const MIN_DIFFERENT = 4;

/** One passphrase typed on two keyboards is the same text (RFC 8265 §4.2.2, OpaqueString: other spaces become U+0020, then NFC). */
export const prepared = (passphrase: string): string => passphrase.replace(/\p{Zs}/gu, ' ').normalize('NFC');

/** @throws KithError 'passphrase-short' | 'passphrase-long' (detail: limit) | 'passphrase-simple' */
export function checkPassphrase(passphrase: string): void {
  const characters = [...prepared(passphrase)];
  if (characters.length < MIN_PASSPHRASE_LENGTH)
    throw new KithError('passphrase-short', { limit: MIN_PASSPHRASE_LENGTH });
  if (characters.length > MAX_PASSPHRASE_LENGTH)
    throw new KithError('passphrase-long', { limit: MAX_PASSPHRASE_LENGTH });
  if (new Set(characters).size < MIN_DIFFERENT) throw new KithError('passphrase-simple');
}
