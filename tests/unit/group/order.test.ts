// The order of a group's messages on its own: by time, and by what is behind what, whatever came first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { Order } from '../../../src/core/group/history/order.ts';

interface Sketch {
  readonly at: number;
  readonly time?: number;
  readonly after?: readonly string[];
}

const entry = (hash: string, { at, time, after = [] }: Sketch): Entry =>
  ({ hash, follows: after, message: time === undefined ? { at } : { at, time } }) as unknown as Entry;
const ordered = (...entries: Entry[]): Order => {
  const order = new Order();
  for (const one of entries) order.add(one);
  return order;
};
const names = (order: Order): string =>
  order
    .list()
    .map(({ hash }) => hash)
    .join('');

describe('time', () => {
  it('is what the author wrote; without it, what their clock said', () => {
    const order = ordered(entry('a', { at: 10, time: 5 }), entry('b', { at: 7 }));
    expect([order.timeOf('a'), order.timeOf('b')]).toEqual([5, 7]);
    expect(names(order)).toBe('ab');
  });

  it('of what is not here is 0', () => {
    expect(ordered(entry('a', { at: 10 })).timeOf('b')).toBe(0);
  });

  it('is behind that of every parent that is here, and not before one’s own', () => {
    const parents = [entry('a', { at: 10 }), entry('b', { at: 30 })];
    expect(ordered(...parents, entry('c', { at: 20, after: ['a', 'b', 'z'] })).timeOf('c')).toBe(31);
    expect(ordered(...parents, entry('c', { at: 30, after: ['b'] })).timeOf('c')).toBe(31);
    expect(ordered(...parents, entry('c', { at: 99, after: ['a', 'b'] })).timeOf('c')).toBe(99);
  });

  it('moves on for descendants who were here first, and only for them', () => {
    const order = ordered(
      entry('d', { at: 12, after: ['c'] }),
      entry('c', { at: 11, after: ['a', 'x'] }),
      entry('e', { at: 90, after: ['a'] }),
      entry('f', { at: 4 }),
      entry('a', { at: 40 }),
    );
    expect([...'acdef'].map((hash) => order.timeOf(hash))).toEqual([40, 41, 42, 90, 4]);
    expect(names(order)).toBe('facde');
  });

  it('leaves those alone that are behind it already', () => {
    const order = ordered(entry('c', { at: 41, after: ['a'] }), entry('a', { at: 40 }));
    expect(order.timeOf('c')).toBe(41);
  });
});

describe('before and after', () => {
  const a = entry('a', { at: 10 });
  const b = entry('b', { at: 10 });
  const c = entry('c', { at: 5 });

  it('of one time the smaller name stands first', () => {
    expect(names(ordered(b, a))).toBe('ab');
    expect(names(ordered(a, b))).toBe('ab');
  });

  it('says of two which stands before the other', () => {
    const order = ordered(a, b, c);
    expect([order.isBefore(a, b), order.isBefore(b, a), order.isBefore(c, a), order.isBefore(a, c)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(order.isBefore(a, a)).toBe(false);
  });

  it('says no of what is not here', () => {
    const order = ordered(b);
    expect([order.isBefore(a, b), order.isBefore(b, a), order.isBefore(a, c)]).toEqual([false, false, false]);
  });
});

it('knows who names a message as a parent, also before that is here', () => {
  const order = ordered(entry('b', { at: 2, after: ['a'] }), entry('c', { at: 3, after: ['a', 'b'] }));
  expect(order.childrenOf('a')).toEqual(['b', 'c']);
  expect(order.childrenOf('b')).toEqual(['c']);
  expect(order.childrenOf('c')).toEqual([]);
});

it('gives one list as long as nothing comes, and adds what stands last to its end', () => {
  const order = ordered(entry('a', { at: 1 }), entry('b', { at: 2 }));
  expect(names(order)).toBe('ab');
  order.add(entry('c', { at: 3, after: ['b'] }));
  expect(names(order)).toBe('abc');
  order.add(entry('d', { at: 0 }));
  expect(names(order)).toBe('dabc');
});

const hashes = [...'abcdefghijkl'];
/** Each may follow those before it, by bits. */
const someEntries = fc.array(fc.record({ at: fc.nat(12), follows: fc.nat(2 ** hashes.length - 1) }), {
  minLength: 2,
  maxLength: hashes.length,
});

it('is the same whatever came first', () => {
  fc.assert(
    fc.property(someEntries, fc.infiniteStream(fc.nat(hashes.length - 1)), (sketches, picks) => {
      const entries = sketches.map(({ at, follows }, place) =>
        entry(hashes[place] ?? '', { at, after: hashes.slice(0, place).filter((_, bit) => (follows >> bit) & 1) }),
      );
      const order = new Order();
      const left = [...entries];
      while (left.length > 0) {
        const [next] = left.splice((picks.next().value ?? 0) % left.length, 1);
        order.add(next as Entry);
        expect(order.list()).toHaveLength(entries.length - left.length);
      }
      expect(names(order)).toBe(names(ordered(...entries)));
      for (const one of entries) {
        const parents = one.follows.map((hash) => order.timeOf(hash) + 1);
        expect(order.timeOf(one.hash)).toBe(Math.max(one.message.at, ...parents));
      }
    }),
    { seed: 20261128 },
  );
});
