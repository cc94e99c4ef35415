// Sets of places in a log.
import { expect, it } from 'vitest';
import {
  type Bits,
  bitsFor,
  countBits,
  each,
  hasBit,
  intersection,
  setBit,
  uniteInto,
} from '../../../../src/core/group/membership/bits.ts';

const setOf = (size: number, ...members: number[]): Bits => {
  const bits = bitsFor(size);
  for (const member of members) setBit(bits, member);
  return bits;
};
const MEMBERS = [0, 1, 30, 31, 32, 63, 64, 95];

it('hold what was put in, across words, and nothing else', () => {
  const bits = setOf(96, ...MEMBERS);
  expect(bits).toHaveLength(3);
  const held = Array.from({ length: 200 }, (_, index) => index).filter((index) => hasBit(bits, index));
  expect(held).toEqual(MEMBERS);
  expect([bitsFor(0), bitsFor(1), bitsFor(32), bitsFor(33)].map(({ length }) => length)).toEqual([0, 1, 1, 2]);
});

it('are counted, and gone through in order from any place on', () => {
  const bits = setOf(96, ...MEMBERS);
  expect([countBits(bits), countBits(bitsFor(96)), countBits(new Uint32Array([0xffffffff]))]).toEqual([8, 0, 32]);
  expect([...each(bits)]).toEqual(MEMBERS);
  for (let from = 0; from <= 96; from += 1) {
    expect([...each(bits, from)], `${from}`).toEqual(MEMBERS.filter((member) => member >= from));
  }
});

it('are united in place, also with a shorter one', () => {
  const bits = setOf(96, 5, 70);
  const other = setOf(40, 5, 33);
  uniteInto(bits, other);
  expect([...each(bits)]).toEqual([5, 33, 70]);
  expect([...each(other)]).toEqual([5, 33]);
});

it('have in common what both hold, whichever is longer', () => {
  const [long, short] = [setOf(96, 1, 2, 33, 80), setOf(40, 2, 3, 33)];
  expect([...each(intersection(long, short))]).toEqual([2, 33]);
  expect([...each(intersection(short, long))]).toEqual([2, 33]);
  expect([...each(long)]).toEqual([1, 2, 33, 80]);
});
