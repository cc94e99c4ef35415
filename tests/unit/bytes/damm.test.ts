import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dammDigit, dammIsValid } from '../../../src/core/bytes/damm.ts';

const settings = { seed: 20260102, numRuns: 300 };
const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 }).map((list) => list.join(''));

test('the check digit of 572 is 4, as in the published example', () => {
  expect(dammDigit('572')).toBe('4');
  expect(dammIsValid('5724')).toBe(true);
});

test('every single wrong digit is noticed', () => {
  fc.assert(
    fc.property(digits, fc.nat({ max: 14 }), fc.integer({ min: 1, max: 9 }), (text, place, by) => {
      const number = text + dammDigit(text);
      const wrong = (Number(number[place]) + by) % 10;
      expect(dammIsValid(number.slice(0, place) + wrong + number.slice(place + 1))).toBe(false);
    }),
    settings,
  );
});

test('every swap of two neighbours is noticed', () => {
  fc.assert(
    fc.property(digits, fc.nat({ max: 13 }), (text, place) => {
      const number = text + dammDigit(text);
      const swapped = number.slice(0, place) + number[place + 1] + number[place] + number.slice(place + 2);
      expect(dammIsValid(swapped)).toBe(swapped === number);
    }),
    settings,
  );
});
