// The root secret as 24 words (BIP-39, English list): 32 bytes and 8 bits of SHA-256 as 24 times 11 bits. Not BIP-39's stretched seed: the
// words are the secret itself, and give it back. Loaded when somebody wants them.
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Bytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';

export const WORD_COUNT = 24;
/** Beyond this nobody typed words, characters. */
const MAX_TYPED = 2_000;
const known: ReadonlySet<string> = new Set(wordlist);

/** @param root 32 bytes. */
export const wordsOf = (root: Uint8Array): readonly string[] =>
  entropyToMnemonic(Uint8Array.from(root), wordlist).split(' ');

/** Words as people type, number and separate them. */
const typedWords = (text: string): string[] =>
  text
    .slice(0, MAX_TYPED)
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);

/**
 * The root secret, 32 bytes.
 * @throws KithError 'words-count' | 'word-unknown' (position: the first that is in no list, 0-based) | 'words-checksum' (all of them are words,
 * and not these together: one is another, or two have changed places)
 */
export function rootOfWords(text: string): Bytes {
  const words = typedWords(text);
  const position = words.findIndex((word) => !known.has(word));
  if (position >= 0 && words.length <= WORD_COUNT) throw new KithError('word-unknown', { position });
  if (words.length !== WORD_COUNT) throw new KithError('words-count', { limit: WORD_COUNT, position: words.length });
  try {
    return Uint8Array.from(mnemonicToEntropy(words.join(' '), wordlist));
  } catch (cause) {
    throw new KithError('words-checksum', {}, { cause });
  }
}
