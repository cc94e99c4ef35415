// How much one member may cost: a token bucket, in ms.
import { expect, it } from 'vitest';
import { Allowance } from '../../../src/core/group/history/allowance.ts';

it('gives all of it at once and then nothing', () => {
  const allowance = new Allowance(10, 2, 5_000);
  expect(allowance.take(4, 5_000)).toBe(true);
  expect(allowance.take(6, 5_000)).toBe(true);
  expect(allowance.take(1, 5_000)).toBe(false);
});

it('what was refused is not taken', () => {
  const allowance = new Allowance(10, 2, 0);
  expect(allowance.take(11, 0)).toBe(false);
  expect(allowance.take(10, 0)).toBe(true);
});

it('gains so much each second, and never more than there was at first', () => {
  const allowance = new Allowance(10, 2, 60_000);
  allowance.take(10, 60_000);
  expect(allowance.take(3, 61_000)).toBe(false);
  // What a second brought is there still, after somebody asked in vain.
  expect(allowance.take(3, 61_500)).toBe(true);
  expect(allowance.take(1, 61_999)).toBe(false);
  expect(allowance.take(11, 999_000)).toBe(false);
  expect(allowance.take(10, 999_000)).toBe(true);
});

it('a clock that was set back adds nothing and takes nothing away', () => {
  const allowance = new Allowance(10, 2, 60_000);
  allowance.take(8, 60_000);
  expect(allowance.take(3, 1_000)).toBe(false);
  expect(allowance.take(2, 1_000)).toBe(true);
  expect(allowance.take(2, 2_000)).toBe(true);
});
