import { bech32m } from '@scure/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BECH32_ALPHABET,
  decodeBech32m,
  encodeBech32m,
  hasValidChecksum,
  locateErrors,
} from '../../../src/core/bytes/bech32m.ts';
import { KithError } from '../../../src/core/errors.ts';

const settings = { seed: 20260103, numRuns: 200 };
const data = fc.uint8Array({ minLength: 49, maxLength: 49 });

/** `text` with the characters at `places` (after the prefix) replaced by others. */
function substitute(text: string, places: readonly number[], shift: number): string {
  const characters = [...text];
  for (const place of places) {
    const value = BECH32_ALPHABET.indexOf(characters[place] as string);
    characters[place] = BECH32_ALPHABET[(value + shift) % 32] as string;
  }
  return characters.join('');
}

const places = (count: number) =>
  fc.uniqueArray(fc.integer({ min: 5, max: 89 }), { minLength: count, maxLength: count });
const shift = fc.integer({ min: 1, max: 31 });

test('what is encoded is what @scure/base encodes, and decodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 49 }), (value) => {
      const text = encodeBech32m('kith', value);
      expect(text).toBe(bech32m.encode('kith', bech32m.toWords(value)));
      expect(decodeBech32m('kith', text)).toEqual(value);
    }),
    settings,
  );
});

test.each([
  ['a', 'a1lqfn3a'],
  ['abcdef', 'abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx'],
  ['split', 'split1checkupstagehandshakeupstreamerranterredcaperredlc445v'],
  ['?', '?1v759aa'],
])('the valid text of BIP 350 with the prefix %s is accepted', (prefix, text) => {
  expect(hasValidChecksum(prefix, text)).toBe(true);
});

test.each([
  ['bc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'of Bech32, not Bech32m'],
  ['a', 'a1lqfn3q', 'of another checksum'],
  ['b', 'a1lqfn3a', 'of another prefix'],
])('a text %s %s is refused, %s', (prefix, text) => {
  expect(hasValidChecksum(prefix, text)).toBe(false);
  expect(() => decodeBech32m(prefix, text)).toThrow(new KithError('card-checksum'));
});

test('stray bits after the last byte are refused: one text for each byte string', () => {
  const words = bech32m.toWords(Uint8Array.of(1));
  words[1] = (words[1] as number) | 1;
  expect(() => decodeBech32m('kith', bech32m.encode('kith', words))).toThrow(new KithError('card-checksum'));
});

test('one wrong character among 90 is located, whichever it is', () => {
  const text = encodeBech32m(
    'kith',
    Uint8Array.from({ length: 49 }, (_, index) => index * 5),
  );
  for (let place = 5; place < 90; place += 1) {
    for (let by = 1; by < 32; by += 1) expect(locateErrors('kith', substitute(text, [place], by))).toEqual([place]);
  }
});

test('two wrong characters among 90 are located', () => {
  fc.assert(
    fc.property(data, places(2), shift, (value, wrong, by) => {
      const text = substitute(encodeBech32m('kith', value), wrong, by);
      expect(locateErrors('kith', text)).toEqual(wrong.toSorted((a, b) => a - b));
    }),
    settings,
  );
});

test('three and four wrong characters are noticed, and never explained away as none', () => {
  fc.assert(
    fc.property(data, fc.constantFrom(3, 4).chain(places), shift, (value, wrong, by) => {
      const text = substitute(encodeBech32m('kith', value), wrong, by);
      expect(hasValidChecksum('kith', text)).toBe(false);
      expect(locateErrors('kith', text)).not.toEqual([]);
    }),
    settings,
  );
});

test('a right text has no wrong characters, and characters outside the alphabet are not for the code to judge', () => {
  const text = encodeBech32m('kith', new Uint8Array(49));
  expect(locateErrors('kith', text)).toEqual([]);
  expect(locateErrors('kith', text.replace(/.$/, 'b'))).toBeUndefined();
});
