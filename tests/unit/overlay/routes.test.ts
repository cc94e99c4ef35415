// Ways: put together from who introduced whom; short ones and good ones first; no peer's word fills the table.
import { beforeEach, expect, it } from 'vitest';
import { MAX_INTRODUCERS, MIN_LEARNT_FROM_ONE_PEER } from '../../../src/core/overlay/limits.ts';
import { Routes } from '../../../src/core/overlay/routes.ts';

const node = (number: number): string => number.toString(16).padStart(12, 'a');
const self = node(0);
let neighbours: Set<string>;
let routes: Routes;

beforeEach(() => {
  neighbours = new Set([node(1), node(2)]);
  const options = { self, isNeighbour: (address: string) => neighbours.has(address) };
  routes = new Routes({ ...options, capacity: 1_000 });
});

it('a neighbour needs no relay; a stranger has no way', () => {
  expect(routes.ways(node(1))).toEqual([[]]);
  expect(routes.ways(node(9))).toEqual([]);
});

it('ways follow introducers back to a neighbour, the shortest first, at most four relays', () => {
  for (let hop = 1; hop < 6; hop += 1) routes.learn(node(hop + 10), node(hop === 1 ? 1 : hop + 9));
  expect(routes.ways(node(11))).toEqual([[node(1)]]);
  expect(routes.ways(node(14))).toEqual([[node(1), node(11), node(12), node(13)]]);
  expect(routes.ways(node(15))).toEqual([]);
  routes.learn(node(14), node(2));
  expect(routes.ways(node(14))[0]).toEqual([node(2)]);
  neighbours.add(node(13)); // every change of our links counts at once
  expect(routes.ways(node(15))).toEqual(
    [
      [node(13), node(14)],
      [node(2), node(14)],
    ]
      .reverse()
      .reverse(),
  );
  neighbours.delete(node(2));
  expect(routes.ways(node(14))).toEqual([[node(13)]]);
});

it('circles of introducers end', () => {
  routes.learn(node(5), node(6));
  routes.learn(node(6), node(7));
  routes.learn(node(7), node(5));
  routes.learn(node(5), self);
  routes.learn(node(5), node(5));
  expect(routes.ways(node(5))).toEqual([]);
});

it('what came along a way makes it the first choice; doubt makes it the last; forgetting ends it', () => {
  routes.learn(node(5), node(1));
  routes.learn(node(5), node(2));
  expect(routes.introducers(node(5))).toEqual([node(1), node(2)]);
  routes.learnReverse([node(5), node(2)]);
  expect(routes.introducers(node(5))).toEqual([node(2), node(1)]);
  routes.doubt(node(2), node(5));
  expect(routes.introducers(node(5))).toEqual([node(1), node(2)]);
  routes.forget(node(1), node(5));
  routes.forget(node(2), node(5));
  expect(routes.size).toBe(0);
  routes.forget(node(2), node(5));
  routes.doubt(node(2), node(5));
});

it('a node keeps few introducers, and what has proven good is not displaced by hearsay', () => {
  routes.learnReverse([node(5), node(2)]);
  for (let liar = 20; liar < 60; liar += 1) routes.learn(node(5), node(liar));
  expect(routes.introducers(node(5))).toHaveLength(MAX_INTRODUCERS);
  expect(routes.introducers(node(5))[0]).toBe(node(2));
});

it('one peer tells at most its share, its own oldest news making room', () => {
  for (let number = 1_000; number < 1_500; number += 1) routes.learn(node(number), node(1));
  expect(routes.size).toBe(MIN_LEARNT_FROM_ONE_PEER);
  expect(routes.ways(node(1_499))).toHaveLength(1);
  expect(routes.ways(node(1_000))).toEqual([]);
  for (let number = 2_000; number < 2_900; number += 1) routes.learn(node(number), node((number % 20) + 20));
  for (let number = 3_000; number < 3_900; number += 1) routes.learn(node(number), node(1));
  let fromOne = 0;
  for (let number = 1_000; number < 3_900; number += 1) {
    if (routes.introducers(node(number)).includes(node(1))) fromOne += 1;
  }
  expect(fromOne).toBeLessThanOrEqual(0.2 * routes.size);
  expect(routes.size).toBeLessThanOrEqual(1_000);
});

it('the table never grows over its capacity', () => {
  for (let number = 1_000; number < 9_000; number += 1) routes.learn(node(number), node((number % 500) + 20_000));
  expect(routes.size).toBe(1_000);
});
