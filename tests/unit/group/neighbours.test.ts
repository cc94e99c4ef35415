// To whom a link is kept, who may keep one, and when somebody is tried again (GOSSIP.md, "Neighbours"). Members are named by their
// place on the ring.
import { describe, expect, it } from 'vitest';
import { MAX_LINKS, Neighbours } from '../../../src/core/group/gossip/neighbours.ts';

const at = (place: number) => `${place}`.padStart(2, '0');
const ring = (count: number) => Array.from({ length: count }, (_, place) => at(place));

/** Member 0 of a ring, linked with some. */
function zeroOf(count: number, ...linked: number[]): Neighbours {
  const mine = new Neighbours(at(0));
  mine.place(ring(count));
  for (const place of linked) mine.up(at(place), 0);
  return mine;
}
const dials = (mine: Neighbours, now: number) => mine.plan(now).dial.map(Number);
const sought = (mine: Neighbours, now = 0) => [...mine.sought(now)].map(Number).sort((a, b) => a - b);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, step) => from + step);

describe('whom to dial', () => {
  it('is the next two, and whoever stands half, a quarter and three quarters of the way round', () => {
    // 39 others: places 1 to 39.
    expect(dials(zeroOf(40), 0)).toEqual([1, 2, 20, 10, 30]);
  });

  it('is the same from wherever on the ring one stands', () => {
    const mine = new Neighbours(at(35));
    mine.place(ring(40));
    expect(dials(mine, 0)).toEqual([36, 37, 15, 5, 25]);
  });

  it('is seen from the beginning of the ring by who is not on it yet', () => {
    const mine = new Neighbours('nobody');
    mine.place(ring(40));
    expect(dials(mine, 0)).toEqual([0, 1, 20, 10, 30]);
  });

  it('is nobody who is linked or being dialled, and everybody once in a small group', () => {
    const mine = zeroOf(5, 1);
    expect(dials(mine, 0)).toEqual([2, 3, 4]);
    expect(dials(mine, 0)).toEqual([]);
    mine.up(at(2), 0);
    expect([...mine.linked()].map(Number)).toEqual([1, 2]);
    expect(dials(mine, 0)).toEqual([]);
    expect(dials(zeroOf(1), 0)).toEqual([]);
  });

  it('is no more than there is room for, the next on the ring first', () => {
    const mine = zeroOf(60, ...range(3, 12));
    expect(dials(mine, 0)).toEqual([1, 2]);
    // The two being dialled count.
    expect(dials(mine, 0)).toEqual([]);
  });

  it('passes over whoever could not be reached, until a pause is over that doubles up to ten minutes', () => {
    const mine = zeroOf(40, 2, 3, 10, 20, 30);
    let now = 0;
    const pauses: number[] = [];
    for (let trial = 0; trial < 8; trial += 1) {
      mine.failed(at(1), now);
      const until = range(0, 700).find((seconds) => dials(mine, now + 1_000 * seconds).includes(1)) ?? -1;
      pauses.push(until);
      now += 1_000 * until;
    }
    expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
    mine.failed(at(1), now);
    mine.seen(at(1));
    expect(dials(mine, now)).toEqual([1]);
  });
});

describe('a link that ends', () => {
  it('within ten seconds was none: a pause follows, as when one being dialled ends', () => {
    const mine = zeroOf(40, 2, 10, 20, 30);
    expect(dials(mine, 0)).toEqual([1]);
    mine.down(at(1), 0);
    expect(dials(mine, 14_999)).toEqual([3]);
    mine.down(at(3), 15_000);
    expect(dials(mine, 15_000)).toEqual([1]);
    mine.up(at(1), 20_000);
    mine.down(at(1), 29_999);
    expect(dials(mine, 30_000)).toEqual([3]);
    expect(mine.linked().has(at(1))).toBe(false);
  });

  it('after ten seconds is tried again at once, and the pauses begin anew', () => {
    const mine = zeroOf(40, 2, 10, 20, 30);
    mine.failed(at(1), 0);
    mine.failed(at(1), 15_000);
    mine.up(at(1), 50_000);
    mine.down(at(1), 60_000);
    expect(dials(mine, 60_000)).toEqual([1]);
    mine.failed(at(1), 60_000);
    expect(dials(mine, 74_999)).not.toContain(1);
    expect(dials(mine, 75_000)).toEqual([1]);
  });

  it('that never was changes nothing', () => {
    const mine = zeroOf(40, 2, 10, 20, 30);
    mine.failed(at(1), 0);
    mine.down(at(1), 5_000);
    expect(dials(mine, 14_999)).toEqual([3]);
    expect(dials(mine, 15_000)).toEqual([1]);
  });
});

describe('which links to give up', () => {
  it('those to whom the ring does not lead any more', () => {
    const mine = zeroOf(6, 1, 2, 5);
    mine.place(ring(5));
    expect(mine.plan(0).drop).toEqual([at(5)]);
    expect(zeroOf(6, 1, 2, 5).plan(0).drop).toEqual([]);
  });

  it('one that the ring does not rest on, when somebody on it is to be dialled and there is no room', () => {
    // 1 and 2 are missing; 41 others, none at a place of anybody’s: the ring rests on 3 and 4, 39 and 40.
    const mine = zeroOf(60, ...range(3, 12), 58, 59);
    const { dial, drop } = mine.plan(0);
    expect(dial).toEqual([]);
    expect(drop).toEqual([at(5)]);
    expect(zeroOf(60, 1, 2, ...range(3, 10), 58, 59, 15, 30, 45).plan(0).drop).toEqual([]);
  });
});

describe('a link that another opened', () => {
  it('stays while there is room, and never from who is no member', () => {
    const mine = zeroOf(60, 1, 2, 3, 4, 5, 6, 15, 30, 45, 58, 59);
    expect([mine.admits(at(40)), mine.admits('somebody')]).toEqual([{ yes: true }, { yes: false }]);
    mine.up(at(7), 0);
    expect(mine.admits(at(40))).toEqual({ yes: false });
    expect(mine.admits(at(7))).toEqual({ yes: true });
  });

  it('stays when it is one of the next two, in either direction, and one goes that nobody rests on', () => {
    const full = () => zeroOf(60, ...range(20, 20 + MAX_LINKS - 1));
    for (const place of [1, 2, 58, 59, 19, 32]) {
      const { yes, drop } = full().admits(at(place));
      expect([place, yes, range(22, 29).includes(Number(drop))]).toEqual([place, true, true]);
    }
    // Two stand between.
    expect(zeroOf(60, 1, 2, ...range(20, 27), 58, 59).admits(at(15)).yes).toBe(true);
    expect(zeroOf(60, 1, 2, ...range(20, 27), 58, 59).admits(at(14)).yes).toBe(false);
  });

  it('stays for a place across the ring when one goes that stands at no place', () => {
    const mine = zeroOf(60, 1, 2, 3, 4, 5, 15, 45, 46, 47, 48, 58, 59);
    const { yes, drop } = mine.admits(at(30));
    expect([yes, [3, 4, 5, 46, 47, 48].includes(Number(drop))]).toEqual([true, true]);
    expect(mine.admits(at(25))).toEqual({ yes: false });
  });
});

describe('whom to look for', () => {
  it('is everybody in a group of thirteen', () => {
    expect(sought(zeroOf(13))).toEqual(range(1, 12));
    expect(sought(zeroOf(14, 1, 2, 12, 13, 6, 7, 3, 4, 9, 10))).not.toHaveLength(13);
  });

  it('is whoever is linked, and those at the places that lead here and from here', () => {
    const linked = [1, 2, 38, 39, 10, 20, 30, 15];
    const all = sought(zeroOf(40, ...linked));
    for (const place of linked) expect(all).toContain(place);
    // 15 is linked for a reason of theirs; nobody else far from any place is looked for.
    expect(all).not.toContain(5);
    expect(all).not.toContain(35);
  });

  it('goes on until two who are there are found, either way round', () => {
    expect(sought(zeroOf(40, 4, 36, 10, 20, 30))).toEqual(expect.arrayContaining([...range(1, 4), ...range(36, 39)]));
    const alone = sought(zeroOf(40));
    expect(alone).toEqual(range(1, 39));
  });

  it('is not whoever has no room, until the pause is over; linked they are looked for all the same', () => {
    const mine = zeroOf(40, 2, 3, 37, 38, 10, 20, 30);
    mine.failed(at(1), 0, true);
    mine.failed(at(39), 0);
    expect([sought(mine, 14_999).includes(1), sought(mine, 14_999).includes(39)]).toEqual([false, true]);
    expect(sought(mine, 15_000)).toContain(1);
    mine.failed(at(2), 0, true);
    expect(sought(mine, 1)).toContain(2);
  });
});
