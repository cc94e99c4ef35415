// Ways: put together from who introduced whom; short ones and good ones first; no peer's word fills the table.
import { beforeEach, expect, it } from 'vitest';
import { MAX_INTRODUCERS, MIN_LEARNT_FROM_ONE_PEER, NODES_FOR_JOINING } from '../../../src/core/overlay/limits.ts';
import { Routes } from '../../../src/core/overlay/routes.ts';

const node = (number: number): string => number.toString(16).padStart(12, 'a');
const self = node(0);
let neighbours: Set<string>;
let routes: Routes;

beforeEach(() => {
  neighbours = new Set([node(1), node(2)]);
  routes = new Routes({
    self,
    isNeighbour: (address) => neighbours.has(address),
    neighbours: () => neighbours.size,
    capacity: 1_000,
  });
});

/** Said by `via` itself, or brought by another. */
function learn(target: string, via: string, source = via): void {
  routes.learn(target, via, source);
}

function haveNeighbours(count: number): void {
  neighbours = new Set(Array.from({ length: count }, (_, index) => node(index + 1)));
}

/** How many of these nodes are known over that one. */
function known(from: number, to: number, via?: string): number {
  let count = 0;
  for (let number = from; number < to; number += 1) {
    const introducers = routes.introducers(node(number));
    if (via === undefined ? introducers.length > 0 : introducers.includes(via)) count += 1;
  }
  return count;
}

it('a neighbour needs no relay; a stranger has no way', () => {
  expect(routes.ways(node(1))).toEqual([[]]);
  expect(routes.ways(node(9))).toEqual([]);
});

it('ways follow introducers back to a neighbour, the shortest first, at most four relays', () => {
  for (let hop = 1; hop < 6; hop += 1) learn(node(hop + 10), node(hop === 1 ? 1 : hop + 9));
  expect(routes.ways(node(11))).toEqual([[node(1)]]);
  expect(routes.ways(node(14))).toEqual([[node(1), node(11), node(12), node(13)]]);
  expect(routes.ways(node(15))).toEqual([]);
  learn(node(14), node(2));
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
  learn(node(5), node(6));
  learn(node(6), node(7));
  learn(node(7), node(5));
  learn(node(5), self);
  learn(node(5), node(5));
  expect(routes.ways(node(5))).toEqual([]);
});

it('no way leads through us, under whatever name, also when it was learnt before the name was ours', () => {
  const aliases = new Set([node(8)]);
  const isOurs = (address: string) => address === self || aliases.has(address);
  routes = new Routes({ self, isOurs, isNeighbour: (address) => neighbours.has(address), neighbours: () => 2 });
  routes.learnReverse([node(9), node(8), node(3), node(1)], node(1));
  expect([node(9), node(8), node(3)].map((target) => routes.ways(target).length)).toEqual([0, 0, 1]);
  routes.learnReverse([node(9), node(7), node(3), node(1)], node(1));
  expect(routes.ways(node(9))).toEqual([[node(1), node(3), node(7)]]);
  aliases.add(node(7));
  expect([node(9), node(7)].map((target) => routes.waysThroughOthers(target).length)).toEqual([0, 0]);
});

it('what came along a way makes it the first choice; doubt makes it the last; forgetting ends it', () => {
  learn(node(5), node(1));
  learn(node(5), node(2));
  expect(routes.introducers(node(5))).toEqual([node(1), node(2)]);
  routes.learnReverse([node(5), node(2)], node(2));
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
  routes.learnReverse([node(5), node(2)], node(2));
  for (let liar = 20; liar < 60; liar += 1) learn(node(5), node(liar));
  expect(routes.introducers(node(5))).toHaveLength(MAX_INTRODUCERS);
  expect(routes.introducers(node(5))[0]).toBe(node(2));
});

it('of five neighbours or more none tells over a fifth of what is known, its own oldest news making room', () => {
  haveNeighbours(20);
  for (let number = 1_000; number < 1_500; number += 1) learn(node(number), node(1));
  expect(routes.size).toBe(MIN_LEARNT_FROM_ONE_PEER);
  expect(routes.ways(node(1_499))).toHaveLength(1);
  expect(routes.ways(node(1_000))).toEqual([]);
  for (let number = 2_000; number < 2_040; number += 1) learn(node(number), node((number % 19) + 2));
  for (let number = 3_000; number < 3_900; number += 1) learn(node(number), node(1));
  // Also where everybody is known after an answer or two.
  expect(known(3_000, 3_900)).toBeLessThanOrEqual(0.2 * (routes.size + neighbours.size));
  expect(known(2_000, 2_040)).toBe(40);
  for (let number = 4_000; number < 4_900; number += 1) learn(node(number), node((number % 19) + 2));
  for (let number = 5_000; number < 5_900; number += 1) learn(node(number), node(1));
  expect(known(1_000, 6_000, node(1))).toBeLessThanOrEqual(0.2 * (routes.size + neighbours.size));
  expect(routes.size).toBeLessThanOrEqual(1_000);
});

it('who answers in many names tells no more than in its own: the neighbour that brings it is charged', () => {
  haveNeighbours(20);
  for (let number = 2_000; number < 2_100; number += 1) learn(node(number), node((number % 19) + 2));
  for (let invented = 100; invented < 200; invented += 1) {
    learn(node(invented), node(1), node(1));
    for (let each = 0; each < 8; each += 1) learn(node(10_000 + invented * 8 + each), node(invented), node(1));
    routes.learnReverse([node(invented), node(1)], node(1));
  }
  const told = known(100, 200) + known(10_800, 11_600);
  expect(told).toBeLessThanOrEqual(0.2 * (routes.size + neighbours.size));
  expect(known(2_000, 2_100)).toBe(100);
});

it('a node with one neighbour learns from it all that joining takes; a second halves that', () => {
  haveNeighbours(1);
  for (let number = 1_000; number < 1_500; number += 1) learn(node(number), node(1));
  expect(routes.size).toBe(NODES_FOR_JOINING);
  haveNeighbours(2);
  learn(node(1_500), node(1));
  expect(routes.size).toBe(NODES_FOR_JOINING / 2);
});

it('growing is not stopped by the share: twenty who tell the same amount tell a thousand nodes', () => {
  haveNeighbours(20);
  for (let round = 0; round < 20; round += 1) {
    for (let number = 1_000; number < 2_000; number += 1) learn(node(number), node((number % 20) + 1));
  }
  expect(routes.size).toBe(1_000);
});

it('who comes again and again under other ids has one share for all of them', () => {
  haveNeighbours(20);
  for (let number = 2_000; number < 2_100; number += 1) learn(node(number), node((number % 19) + 2));
  for (let visit = 0; visit < 50; visit += 1) {
    const guest = node(500 + visit);
    neighbours.add(guest);
    for (let each = 0; each < 100; each += 1) learn(node(10_000 + visit * 100 + each), guest);
    neighbours.delete(guest);
    routes.disown(guest);
  }
  expect(known(10_000, 15_000)).toBeLessThanOrEqual(0.2 * (routes.size + neighbours.size) + 1);
  expect(known(2_000, 2_100)).toBe(100);
});

it('what one who has gone told is charged to the next who says the same', () => {
  haveNeighbours(20);
  for (let number = 2_000; number < 2_008; number += 1) learn(node(number), node(300), node(1));
  routes.disown(node(1));
  for (let number = 2_000; number < 2_008; number += 1) learn(node(number), node(300), node(2));
  for (let number = 3_000; number < 3_008; number += 1) {
    learn(node(number), node(301), node(3));
    routes.disown(node(3));
  }
  expect(known(2_000, 2_008)).toBe(8);
});

it('the table never grows over its capacity', () => {
  haveNeighbours(20);
  for (let number = 1_000; number < 9_000; number += 1) learn(node(number), node((number % 500) + 20_000));
  expect(routes.size).toBe(1_000);
});
