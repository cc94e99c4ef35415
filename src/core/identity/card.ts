// The contact card: 49 bytes as 90 characters of Bech32m (BIP 350) under the prefix `kith`.
//   version (1 byte: 1) || fingerprint (32) || one-time invitation secret (16)
import {
  BECH32_ALPHABET,
  decodeBech32m,
  encodeBech32m,
  hasValidChecksum,
  locateErrors,
  locateMissing,
} from '../bytes/bech32m.ts';
import { type Bytes, concat } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';

export const CARD_VERSION = 1;
export const CARD_SECRET_BYTES = 16;
/** Characters: the longest for which Bech32m is sure to notice any 4 wrong ones. */
export const CARD_LENGTH = 90;
const FINGERPRINT_BYTES = 32;
const PREFIX = 'kith';
const HEAD = `${PREFIX}1`;
/** Beyond this nobody pasted a card; it is not searched. Characters. */
export const MAX_PASTE = 10_000;

export interface Card {
  /** SHA-256 of the bundle of the person who shows the card, 32 bytes. */
  readonly fingerprint: Bytes;
  /** One-time invitation secret, 16 bytes. */
  readonly secret: Bytes;
}

/** The 49 bytes behind a card's text. @throws KithError 'internal' for parts of another size. */
export function cardBytes({ fingerprint, secret }: Card): Bytes {
  if (fingerprint.length !== FINGERPRINT_BYTES || secret.length !== CARD_SECRET_BYTES) throw new KithError('internal');
  return concat(Uint8Array.of(CARD_VERSION), fingerprint, secret);
}

/** @throws KithError 'card-version' | 'card-truncated' | 'card-too-long' */
export function cardFromBytes(data: Bytes): Card {
  if (data[0] !== CARD_VERSION) throw new KithError('card-version');
  const missing = 1 + FINGERPRINT_BYTES + CARD_SECRET_BYTES - data.length;
  if (missing !== 0) throw new KithError(missing > 0 ? 'card-truncated' : 'card-too-long', { limit: CARD_LENGTH });
  return { fingerprint: data.slice(1, 1 + FINGERPRINT_BYTES), secret: data.slice(1 + FINGERPRINT_BYTES) };
}

/** 90 characters, lower case, no spaces. @throws KithError 'internal' for parts of another size. */
export const encodeCard = (card: Card): string => encodeBech32m(PREFIX, cardBytes(card));

/** What people put between groups: white space, dashes, minus signs, and characters that show nothing (`\p{Cf}`). */
const SEPARATORS = '[\\s\\p{Z}\\p{Pd}\\p{Cf}\\u2212\\u034f\\ufe00-\\ufe0f]';
const ALL_SEPARATORS = new RegExp(SEPARATORS, 'gu');
/** A whole card inside other text: 90 characters with separators between them, and no letter or digit touching it. */
const WITHIN_TEXT = new RegExp(
  `(?<![\\p{L}\\p{N}])${[...HEAD].join(`${SEPARATORS}*`)}(?:${SEPARATORS}*[${BECH32_ALPHABET}]){${CARD_LENGTH - HEAD.length}}(?![\\p{L}\\p{N}])`,
  'giu',
);

/** The text without separators, in lower case. Positions in errors count in this. */
export function cleanCardText(text: string): string {
  return text.replace(ALL_SEPARATORS, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** 'kith1abc…' → 'kith 1abc …'. */
export function groupsOfFour(text: string): string {
  return text.replace(/(.{4})(?=.)/gsu, '$1 ');
}

/**
 * A card as people paste or type it: any case, any separators, or one whole card in a longer text.
 * @throws KithError 'card-empty', 'card-prefix', 'card-character' (position), 'card-truncated' (position,
 * when one missing character explains it), 'card-too-long',
 * 'card-checksum' (position, when one or two wrong characters explain it) or 'card-version'; positions are 0-based in
 * `cleanCardText(text)`.
 */
export function parseCard(text: string): Card {
  if (text.length > MAX_PASTE) throw new KithError('card-too-long', { limit: CARD_LENGTH });
  const [only, ...more] = cardsWithin(text);
  return parseCleaned(only !== undefined && more.length === 0 ? only : cleanCardText(text));
}

/** The whole cards inside a text, cleaned, each once. */
export function cardsWithin(text: string): readonly string[] {
  if (text.length > MAX_PASTE) return [];
  const found = (text.match(WITHIN_TEXT) ?? []).map(cleanCardText);
  return [...new Set(found.filter((card) => hasValidChecksum(PREFIX, card)))];
}

/** The order of the checks makes each message the most useful one: which text, which character, how many, which sum. */
function parseCleaned(text: string): Card {
  if (text === '') throw new KithError('card-empty');
  checkHead(text);
  checkCharacters(text);
  checkLength(text);
  checkSum(text);
  return cardFromBytes(decodeBech32m(PREFIX, text));
}

/** `kith1`, the beginning of it, or a damaged one before a genuine rest; anything else is not a card of ours. */
function checkHead(text: string): void {
  if (text.startsWith(HEAD)) return;
  const restIsGenuine = hasValidChecksum(PREFIX, HEAD + text.slice(HEAD.length - CARD_LENGTH));
  if (HEAD.startsWith(text) || (restIsGenuine && text.length < CARD_LENGTH)) {
    throw new KithError('card-truncated', { limit: CARD_LENGTH });
  }
  const wrong = [...HEAD].flatMap((character, place) => (text[place] === character ? [] : [place]));
  const [position] = wrong;
  const mistyped = text.length > HEAD.length && (wrong.length === 1 || (restIsGenuine && text.length === CARD_LENGTH));
  if (mistyped && position !== undefined) throw new KithError('card-character', { position });
  throw new KithError('card-prefix');
}

function checkCharacters(text: string): void {
  const characters = [...text.slice(0, CARD_LENGTH)];
  const position = characters.findIndex(
    (character, place) => place >= HEAD.length && !BECH32_ALPHABET.includes(character),
  );
  if (position >= 0) throw new KithError('card-character', { position });
}

function checkLength(text: string): void {
  if (text.length === CARD_LENGTH) return;
  if (isOtherVersion(text)) throw new KithError('card-version');
  if (text.length > CARD_LENGTH) throw new KithError('card-too-long', { limit: CARD_LENGTH });
  const position = text.length === CARD_LENGTH - 1 ? locateMissing(PREFIX, text) : undefined;
  throw new KithError('card-truncated', { limit: CARD_LENGTH, ...(position !== undefined && { position }) });
}

/** A later version may be longer or shorter; its checksum and first byte tell. */
function isOtherVersion(text: string): boolean {
  if (!hasValidChecksum(PREFIX, text)) return false;
  try {
    return decodeBech32m(PREFIX, text)[0] !== CARD_VERSION;
  } catch {
    return false;
  }
}

function checkSum(text: string): void {
  const wrong = locateErrors(PREFIX, text);
  if (wrong?.length === 0) return;
  const position = wrong?.[0];
  throw new KithError('card-checksum', position === undefined ? {} : { position });
}
