// Places of an author's sequence, beside a set of numbers that does the same.
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { isIn, Places } from '../../../src/core/group/history/places.ts';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('in any order of coming, what is here is here, and the rest below the highest is missing, in order', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seededRandom(seed);
    const [places, there] = [new Places(), new Set<number>()];
    for (let n = 0; n < 40; n += 1) {
      const seq = 1 + Math.floor(random.fraction() * 30);
      places.add(seq);
      there.add(seq);
      const high = Math.max(...there);
      expect(places.high).toBe(high);
      for (const one of range(0, 32)) expect(places.has(one)).toBe(there.has(one));
      const missing = places.missing.flatMap(([first, last]) => range(first, last));
      expect(missing).toEqual(range(1, high).filter((one) => !there.has(one)));
      for (const one of range(0, 32)) expect(isIn(places.missing, one)).toBe(missing.includes(one));
    }
  }
});

it('ranges are as few as they can be', () => {
  const places = new Places();
  places.add(10);
  expect(places.missing).toEqual([[1, 9]]);
  places.add(5);
  expect(places.missing).toEqual([
    [1, 4],
    [6, 9],
  ]);
  for (const seq of [1, 9, 6, 5, 8]) places.add(seq);
  expect(places.missing).toEqual([
    [2, 4],
    [7, 7],
  ]);
  places.add(7);
  places.add(11);
  expect([places.missing, places.high]).toEqual([[[2, 4]], 11]);
});

it('goes on from what was written down, of which it keeps a copy', () => {
  const missing: [number, number][] = [[2, 3]];
  const places = new Places(4, missing);
  places.add(2);
  expect([places.missing, missing, places.has(4), places.has(0)]).toEqual([[[3, 3]], [[2, 3]], true, false]);
  expect([new Places().high, new Places().missing, new Places().has(1)]).toEqual([0, [], false]);
});

it('places that are taken back are missing, and the highest is the highest that is left', () => {
  const places = new Places();
  for (const seq of [1, 2, 3, 5, 6]) places.add(seq);
  for (const seq of [9, 4, 0]) places.remove(seq);
  expect([places.high, places.missing]).toEqual([6, [[4, 4]]]);
  places.remove(2);
  expect([1, 2, 3, 4, 5, 6].map((seq) => places.has(seq))).toEqual([true, false, true, false, true, true]);
  places.remove(3);
  // Those that touch are one.
  expect(places.missing).toEqual([[2, 4]]);
  for (const seq of [5, 6]) places.remove(seq);
  expect([places.high, places.missing]).toEqual([1, []]);
  places.remove(1);
  expect([places.high, places.missing]).toEqual([0, []]);
  places.add(2);
  expect([places.high, places.missing, places.has(1)]).toEqual([2, [[1, 1]], false]);
});
