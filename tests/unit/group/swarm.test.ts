// Of whom which unit of a group's file is asked, and what is known of a file meanwhile.
import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { type Request, Swarm } from '../../../src/core/group/files/swarm.ts';

const ALL = Uint8Array.of(0xff);
const NONE = Uint8Array.of(0);

let swarm: Swarm;
/** What the windows were told: units, milliseconds. */
let measured: [number, number][];
/** Units that may be on their way from one member, and in one request. */
let windowOf: { units: number; perRequest: number };

beforeEach(() => {
  measured = [];
  windowOf = { units: 8, perRequest: 8 };
  swarm = new Swarm({
    random: seededRandom(1),
    window: () => ({ ...windowOf, measured: (units, ms) => void measured.push([units, ms]) }),
  });
  swarm.add('f', 8, NONE.slice());
});

const meet = (peer: string, holds: Uint8Array, file = 'f') => {
  swarm.met(peer);
  swarm.told(peer, file, holds);
};
const unitsOf = (requests: readonly Request[]) =>
  requests.flatMap(({ first, units }) => Array.from({ length: units }, (_, at) => first + at)).sort((a, b) => a - b);

const filesOf = (requests: readonly Request[]) => [...new Set(requests.map(({ file }) => file))];

/** Asked for, until nothing more may be. */
const ask = (now = 0) => unitsOf(swarm.next(now));
const arrive = (peer: string, index: number, now = 0) =>
  swarm.came(peer, 'f', index) && swarm.stored(peer, 'f', index, now);

describe('a file of which units come', () => {
  it('moves while something is on its way, shows how far it is, and says which unit was the last', () => {
    expect([swarm.has('f'), swarm.isMoving('f'), swarm.progress('f')]).toEqual([true, false, 0]);
    meet('ben', ALL);
    expect(ask()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(swarm.isMoving('f')).toBe(true);
    expect(arrive('ben', 0)).toBe(false);
    expect(swarm.progress('f')).toBe(0.125);
    for (const index of [1, 2, 3, 4, 5, 6]) expect(arrive('ben', index)).toBe(false);
    expect(swarm.isMoving('f')).toBe(true);
    expect(arrive('ben', 7)).toBe(true);
    expect([swarm.isMoving('f'), swarm.progress('f')]).toEqual([false, 1]);
    expect(ask()).toEqual([]);
  });

  it('that was never wanted is not here, moves not, and takes nothing', () => {
    meet('ben', ALL, 'g');
    expect([swarm.has('g'), swarm.isMoving('g'), swarm.progress('g')]).toEqual([false, false, undefined]);
    expect([swarm.came('ben', 'g', 0), swarm.stored('ben', 'g', 0, 0)]).toEqual([false, false]);
    swarm.wrong('ben', 'g');
    swarm.remove('g');
    // What was said of it before it was wanted is not kept.
    swarm.add('g', 8, NONE.slice());
    expect(ask()).toEqual([]);
  });

  it('is not asked for where it is here already, nor past its end', () => {
    swarm.add('f', 3, Uint8Array.of(0b010));
    meet('ben', ALL);
    expect(ask()).toEqual([0, 2]);
  });

  it('keeps what was said of it, whatever becomes of the bytes that said it', () => {
    const said = ALL.slice();
    meet('ben', said);
    said.fill(0);
    expect(ask()).toHaveLength(8);
  });

  it('is forgotten with what was asked of it: its places in the windows are free, and what was said counts no more', () => {
    meet('ben', ALL);
    ask();
    swarm.remove('f');
    expect([swarm.has('f'), swarm.stored('ben', 'f', 0, 0)]).toEqual([false, false]);
    swarm.add('f', 8, NONE.slice());
    expect(ask()).toEqual([]);
    swarm.told('ben', 'f', ALL);
    expect(ask()).toHaveLength(8);
  });

  it('that is wanted anew begins anew', () => {
    meet('ben', ALL);
    ask();
    swarm.add('f', 8, NONE.slice());
    swarm.told('ben', 'f', ALL);
    expect(ask()).toHaveLength(8);
  });
});

describe('a member', () => {
  it('is asked for no more than the window, and for the next when one has come', () => {
    windowOf = { units: 3, perRequest: 2 };
    meet('ben', ALL);
    const first = swarm.next(0);
    expect(first.map(({ units }) => units)).toEqual([2, 1]);
    expect(ask()).toEqual([]);
    const [one] = unitsOf(first);
    arrive('ben', one ?? -1);
    expect(ask()).toHaveLength(1);
    expect(ask()).toEqual([]);
  });

  it('has its window told how long a unit took; a clock that was set back says nothing', () => {
    meet('ben', ALL);
    swarm.next(1_000);
    arrive('ben', 0, 1_250);
    arrive('ben', 1, 500);
    expect(measured).toEqual([
      [1, 250],
      [1, 0],
    ]);
  });

  it('who gives what was not asked of them is not looked at; what is stored all the same counts, and no window learns of it', () => {
    meet('ben', Uint8Array.of(1));
    meet('cleo', NONE);
    ask();
    expect(swarm.came('cleo', 'f', 0)).toBe(false);
    swarm.stored('cleo', 'f', 0, 10);
    expect([swarm.progress('f'), measured]).toEqual([0.125, []]);
    // It is still on its way from the one who was asked.
    expect(swarm.isMoving('f')).toBe(true);
  });

  it('who lied is asked for nothing more of that file, others for what was on its way from them, and for other files they are', () => {
    meet('ben', ALL);
    swarm.add('g', 8, NONE.slice());
    swarm.told('ben', 'g', ALL);
    expect(filesOf(swarm.next(0))).toEqual(['f']);
    swarm.wrong('ben', 'f');
    expect(swarm.isMoving('f')).toBe(false);
    expect(filesOf(swarm.next(0))).toEqual(['g']);
    meet('cleo', ALL);
    expect(filesOf(swarm.next(0).filter(({ to }) => to === 'cleo'))).toEqual(['f']);
  });

  it('who lied leaves alone what others were asked for', () => {
    windowOf = { units: 4, perRequest: 4 };
    meet('ben', ALL);
    meet('cleo', ALL);
    const requests = swarm.next(0);
    const ofCleo = unitsOf(requests.filter(({ to }) => to === 'cleo'));
    swarm.wrong('ben', 'f');
    for (const index of ofCleo) expect(swarm.came('cleo', 'f', index)).toBe(true);
  });

  it('whose link has gone says nothing any more, and begins anew', () => {
    meet('ben', ALL);
    ask();
    swarm.lost('ben');
    swarm.told('ben', 'f', ALL);
    expect([swarm.isMoving('f'), ask()]).toEqual([false, []]);
    swarm.met('ben');
    expect(ask()).toEqual([]);
    swarm.told('ben', 'f', ALL);
    expect(ask()).toHaveLength(8);
  });

  it('who gives no answer within a minute is not asked again until they say that they have it; what has come is not late', () => {
    meet('ben', Uint8Array.of(0b11));
    expect(unitsOf(swarm.next(30_000))).toEqual([0, 1]);
    swarm.came('ben', 'f', 0);
    expect(ask(89_999)).toEqual([]);
    expect([ask(90_000), swarm.isMoving('f')]).toEqual([[], true]);
    swarm.told('ben', 'f', Uint8Array.of(0b11));
    expect(ask(90_000)).toEqual([1]);
  });
});

it('of units that as many have one is chosen by chance, and only of those that fewest have', () => {
  windowOf = { units: 1, perRequest: 1 };
  const chosen = new Set<number>();
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seededRandom(seed);
    const one = new Swarm({ random, window: () => ({ ...windowOf, measured: () => {} }) });
    one.add('f', 8, NONE.slice());
    for (const [peer, holds] of [
      ['ben', 0b1111_0000],
      ['cleo', 0b1111_1111],
    ] as const) {
      one.met(peer);
      one.told(peer, 'f', Uint8Array.of(holds));
    }
    chosen.add(unitsOf(one.next(0).filter(({ to }) => to === 'cleo'))[0] ?? -1);
  }
  expect([...chosen].sort()).toEqual([0, 1, 2, 3]);
});
