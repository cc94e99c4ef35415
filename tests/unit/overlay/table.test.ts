// Whom a node wants as neighbours.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { compareDistance } from '../../../src/core/overlay/address.ts';
import { bucketOf, planTable, targetInBucket } from '../../../src/core/overlay/table.ts';

const random = seededRandom(5);
const self = random.bytes(20);
const ids = (count: number) => Array.from({ length: count }, () => random.bytes(20));
const nearest = (all: readonly Uint8Array[], count: number) =>
  all.toSorted((a, b) => compareDistance(self, a, b)).slice(0, count);

describe('the table', () => {
  it('wants everybody while there are few', () => {
    const [others, strangers] = [ids(2), ids(3)];
    const plan = planTable({ self, cap: 32, neighbours: others, candidates: strangers });
    expect(new Set(plan.table)).toEqual(new Set(others));
    expect(new Set(plan.dial)).toEqual(new Set(strangers));
    expect(plan.search).toEqual([]);
  });

  it('wants the nearest first of all', () => {
    const candidates = ids(500);
    const { dial } = planTable({ self, cap: 32, neighbours: [], candidates });
    expect(dial.slice(0, 8)).toEqual(nearest(candidates, 8));
  });

  it('wants a few in every bucket beyond, and leaves room for guests and for those who ask', () => {
    const candidates = ids(500);
    const { dial, search } = planTable({ self, cap: 32, neighbours: [], candidates });
    const buckets = new Set(dial.slice(8).map((id) => bucketOf(self, id)));
    expect([...buckets].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(dial.length).toBeLessThan(28);
    expect(search).toEqual([]);
  });

  it('says which buckets are unknown', () => {
    const near = ids(3_000).filter((id) => bucketOf(self, id) >= 3);
    const { search } = planTable({ self, cap: 32, neighbours: [], candidates: near });
    expect(search.slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('rests on neighbours that are useful, and on no more than it needs', () => {
    const neighbours = ids(32);
    const { table } = planTable({ self, cap: 32, neighbours, candidates: [] });
    expect(table).toEqual(expect.arrayContaining(nearest(neighbours, 8)));
    expect(table.length).toBeLessThan(29);
  });

  it('aims into a bucket', () => {
    for (const bucket of [0, 1, 7, 8, 30]) {
      expect(bucketOf(self, targetInBucket(self, bucket, random.bytes(20)))).toBe(bucket);
    }
  });
});
