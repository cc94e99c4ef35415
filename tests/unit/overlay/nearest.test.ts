import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareDistance } from '../../../src/core/overlay/address.ts';
import { beginningOf, nearest } from '../../../src/core/overlay/nearest.ts';

// Few beginnings, so that many ids are equally far by their first bytes.
const id = fc
  .tuple(fc.constantFrom(0, 1, 128, 255), fc.uint8Array({ minLength: 19, maxLength: 19 }))
  .map(([first, rest]) => Uint8Array.of(first, ...rest));
const alike = fc
  .uint8Array({ minLength: 2, maxLength: 2 })
  .map((end) => Uint8Array.from({ length: 20 }, (_, index) => (index < 18 ? 7 : (end[index - 18] as number))));

it('gives the nearest, the nearest first, as sorting all by the whole distance does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(id, alike), { maxLength: 40 }),
      fc.oneof(id, alike),
      fc.integer({ min: 1, max: 12 }),
      (ids, target, count) => {
        const sorted = ids.toSorted((a, b) => compareDistance(target, a, b)).slice(0, count);
        const contacts = [
          ids.map((each) => ({ id: each })),
          ids.map((each) => ({ id: each, beginning: beginningOf(each) })),
        ];
        for (const some of contacts) expect(nearest(some, target, count).map((each) => each.id)).toEqual(sorted);
      },
    ),
    { seed: 20261128 },
  );
});
