// Numbers, cards, sizes and times as people read them. Pure functions; the wording around them stands in i18n.

/** 15 digits as `123 456 789 012 345`. */
export function groupedNumber(digits: string): string {
  return digits.replace(/(\d{3})(?=\d)/g, '$1 ');
}

/** Digits of a number, the check digit included. */
export const DIGITS = 15;
const NUMBER_GROUP = 3;

/** The group of a shown number, counted from one, that a 0-based position of the typed digits lies in. */
export function numberGroupOf(position: number): number {
  return Math.floor(position / NUMBER_GROUP) + 1;
}

/** First code points of runs of ten digits that keyboards offer: Arabic, Persian and Urdu, Devanagari, Bengali, full width. */
const FOREIGN_ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];

/** A typed number without what people add to it: spaces, hyphens, dots, brackets, invisible marks; digits of any script as 0 to 9. */
export function typedDigits(typed: string): string {
  const plain = typed.replace(/[\s\-‐-―.()/]+|\p{Default_Ignorable_Code_Point}/gu, '');
  return plain.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const zero = FOREIGN_ZEROS.find((first) => code >= first && code < first + 10);
    return zero === undefined ? digit : String(code - zero);
  });
}

/** Size of a card's groups: four characters is what people compare at a glance. */
const CARD_GROUP = 4;

/** A card as the groups of four it is shown in. */
export function cardGroups(card: string): readonly string[] {
  return card.match(new RegExp(`.{1,${CARD_GROUP}}`, 'g')) ?? [];
}

/** The group, counted from one, that a 0-based position of the cleaned card lies in. */
export function groupOf(position: number): number {
  return Math.floor(position / CARD_GROUP) + 1;
}

/** What a typed card is without what people add to it: spaces, line ends, hyphens, capitals. */
export function cleanedCard(typed: string): string {
  return typed.replace(/[\s\-‐-―]+/g, '').toLowerCase();
}

/** Binary steps under decimal names, as file managers do: 26,214,400 is "25 MB". */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = count / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value < 10 && value % 1 >= 0.05 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Bytes of a text on the wire (UTF-8). */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Local midnight before `at`: messages with the same value belong to one day. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Whole local days between two moments; a day of 23 or 25 hours counts as one. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((dayOf(later) - dayOf(earlier)) / 86_400_000);
}

/** One to six emoji and nothing else: shown larger. */
const emojiRun = String.raw`^(?:\s*\p{RGI_Emoji}\s*){1,6}$`;
// The `v` flag is ES2024: as a string it needs no newer compile target.
const fewEmoji = new RegExp(emojiRun, 'v');
export function isOnlyEmoji(text: string): boolean {
  return text.length <= 120 && fewEmoji.test(text);
}

/** What nobody sees, or what turns round how its neighbours stand (UAX #9 §2, DerivedCoreProperties). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;

/** Whether there is anything to see in a text. */
export function isBlank(text: string): boolean {
  return text.replace(INVISIBLE, '').trim() === '';
}

/** A name of a file that is not cleaned yet, without what would show it in another order than it has. */
export function shownFileName(name: string): string {
  return name.replace(/\p{Bidi_Control}/gu, '');
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u;

/** A name for use within a sentence: one that runs the other way turns nothing but itself (UAX #9 §2.4, FSI and PDI). */
export function isolated(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** What an avatar can show of a word: its first letter, digit or emoji. */
const FACE = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** First letters of up to two words, for an avatar; '' when there is no name. */
export function initials(name: string): string {
  const segments = (word: string) => [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)];
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  const face = (word = '') => {
    const all = segments(word);
    return (all.find(({ segment }) => FACE.test(segment)) ?? all[0])?.segment.toLocaleUpperCase() ?? '';
  };
  return picked.map(face).join('');
}

/** A hue index that stays the same for an id (FNV-1a, 32 bit), so that a face keeps its colour. */
export function hueOf(id: string, hues: number): number {
  let hash = 0x811c9dc5;
  for (const character of id) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % hues;
}
