import { bech32m } from '@scure/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KithError } from '../../../src/core/errors.ts';
import {
  CARD_LENGTH,
  type Card,
  cleanCardText,
  encodeCard,
  groupsOfFour,
  parseCard,
} from '../../../src/core/identity/card.ts';

const card: Card = {
  fingerprint: Uint8Array.from({ length: 32 }, (_, index) => 7 * index),
  secret: Uint8Array.from({ length: 16 }, (_, index) => 255 - index),
};
const text = encodeCard(card);

/** The error of parsing: kind and detail. */
function refusal(input: string): { kind: string; position?: number | undefined } {
  try {
    parseCard(input);
  } catch (error) {
    if (error instanceof KithError) return { kind: error.kind, position: error.detail.position };
    throw error;
  }
  throw new Error(`accepted: ${input}`);
}

function replaceAt(place: number, character: string, from = text): string {
  return from.slice(0, place) + character + from.slice(place + 1);
}

function encodeBytes(length: number, version: number): string {
  const bytes = Uint8Array.from({ length }, (_, index) => (index === 0 ? version : 1));
  return bech32m.encode('kith', bech32m.toWords(bytes), false);
}

test('a card is 90 characters that begin with kith1', () => {
  expect(text).toHaveLength(CARD_LENGTH);
  expect(text).toMatch(/^kith1[02-9ac-hj-np-z]{85}$/);
});

test('every card comes back from its text', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(32), bytes(16), (fingerprint, secret) => {
      expect(parseCard(encodeCard({ fingerprint, secret } as Card))).toEqual({ fingerprint, secret });
    }),
    { seed: 20260105, numRuns: 200 },
  );
});

test.each([
  ['in groups of four', groupsOfFour(text)],
  ['in capitals', text.toUpperCase()],
  ['in mixed case', text.replace(/[a-m]/g, (letter) => letter.toUpperCase())],
  [
    'with hyphens, dashes and a minus sign',
    text
      .replace(/(.{15})/g, '$1-')
      .replace('-', '–')
      .replace('-', '\u2212'),
  ],
  ['with non-breaking, ideographic and line spaces', text.replace(/(.{9})/g, '$1\u00a0\u3000\r\n\t')],
  [
    'with zero-width characters and bidi controls',
    `\ufeff\u202a${text.replace(/(.{7})/g, '$1\u200b\u2060\u00ad')}\u202c`,
  ],
  ['after other words', `Hello Ben, my card is: ${text}`],
  ['in the middle of a message', `Here it is:\n${groupsOfFour(text)}\nSee you, Ana`],
  ['in an address', `https://kith.example/app/#${text}`],
  ['twice', `${text}\n${text}`],
])('a card is read %s', (_how, input) => {
  expect(parseCard(input)).toEqual(card);
});

test.each(['', '   ', '\u200b\n-'])('nothing but separators (%o) is an empty card', (input) => {
  expect(refusal(input).kind).toBe('card-empty');
});

test.each([
  'hello',
  'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
  '123 456 789 012 345',
  bech32m.encode('kiss', bech32m.toWords(new Uint8Array(49)), false),
  'k1th',
])('%s is not a card', (input) => {
  expect(refusal(input).kind).toBe('card-prefix');
});

test('one wrong letter at any place is pointed out', () => {
  for (let place = 5; place < CARD_LENGTH; place += 1) {
    const other = text[place] === 'q' ? 'p' : 'q';
    expect(refusal(groupsOfFour(replaceAt(place, other)))).toEqual({ kind: 'card-checksum', position: place });
  }
});

test('of two wrong letters the first is pointed out', () => {
  const twice = replaceAt(70, text[70] === 'q' ? 'p' : 'q', replaceAt(20, text[20] === 'z' ? 'x' : 'z'));
  expect(refusal(twice)).toEqual({ kind: 'card-checksum', position: 20 });
});

test('with many wrong letters the checksum is wrong and no letter is blamed that cannot be known', () => {
  const scrambled = text.slice(0, 5) + [...text.slice(5)].reverse().join('');
  expect(refusal(scrambled)).toEqual({ kind: 'card-checksum', position: undefined });
});

test.each(['b', 'i', 'o', '1', '!', 'é', '字', '🙂'])(
  'the character %s, which no card holds, is pointed out',
  (character) => {
    expect(refusal(replaceAt(33, character))).toEqual({ kind: 'card-character', position: 33 });
    expect(refusal(replaceAt(33, character).slice(0, 60))).toEqual({ kind: 'card-character', position: 33 });
  },
);

test('a wrong character inside kith1 itself is pointed out, also when a digit one became a letter', () => {
  expect(refusal(replaceAt(3, 'b'))).toEqual({ kind: 'card-character', position: 3 });
  expect(refusal(replaceAt(4, 'l'))).toEqual({ kind: 'card-character', position: 4 });
  expect(refusal(replaceAt(0, 'c', replaceAt(2, 'f')))).toEqual({ kind: 'card-character', position: 0 });
});

test('a card with a letter missing, wherever it is missing, is truncated', () => {
  for (let place = 0; place < CARD_LENGTH; place += 1) {
    expect(refusal(text.slice(0, place) + text.slice(place + 1)).kind, String(place)).toBe('card-truncated');
  }
  expect(refusal('kith1').kind).toBe('card-truncated');
  expect(refusal('ki').kind).toBe('card-truncated');
});

test('a card with a letter too many is too long, and a book is not searched', () => {
  expect(refusal(`${text}q`).kind).toBe('card-too-long');
  expect(refusal(`${text.slice(0, 40)}q${text.slice(40)}`).kind).toBe('card-too-long');
  expect(refusal(`${text} `.repeat(200)).kind).toBe('card-too-long');
});

test('a card of a later version is recognised, whatever its length', () => {
  expect(refusal(encodeBytes(49, 2)).kind).toBe('card-version');
  expect(refusal(encodeBytes(40, 2)).kind).toBe('card-version');
  expect(refusal(encodeBytes(64, 3)).kind).toBe('card-version');
});

test('two different cards in one paste are not guessed between', () => {
  const other = encodeCard({ ...card, secret: new Uint8Array(16) });
  expect(refusal(`${text} ${other}`).kind).toMatch(/^card-(too-long|character)$/);
});

test('the cleaned text is what positions count in', () => {
  expect(cleanCardText(' KITH 1-ABC\u200b ')).toBe('kith1abc');
});

test('parts of another size are a mistake of ours', () => {
  expect(() => encodeCard({ ...card, secret: new Uint8Array(15) })).toThrow(new KithError('internal'));
});

test('any text at all is parsed or refused with a kind, never with another error', () => {
  const alphabet = fc.constantFrom(...'kith1qpzry9x8gf2tvdw0s3jn54khce6mua7l bio-\u200b\u{1f642}É');
  const nearCard = fc.tuple(fc.nat({ max: 90 }), fc.string({ unit: alphabet, maxLength: 100 }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        nearCard.map(([length, rest]) => text.slice(0, length) + rest),
      ),
      (input) => {
        try {
          expect(parseCard(input)).toEqual(card);
        } catch (error) {
          expect(error).toBeInstanceOf(KithError);
          expect((error as KithError).kind).toMatch(/^card-/);
        }
      },
    ),
    { seed: 20260106, numRuns: 1000 },
  );
});
