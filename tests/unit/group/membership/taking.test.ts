// What is taken in, one operation at a time: whom is listened to, what is checked, what waits, and how much of each there may be.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import { Intake } from '../../../../src/core/group/membership/intake.ts';
import {
  MAX_CHECKING,
  MAX_JOINED_SIBLINGS,
  MAX_REFUSED,
  MAX_REMEMBERED,
  MAX_SHARED,
  MAX_SIBLINGS,
  MAX_SOURCES,
  MAX_WAITING,
  MAX_WAITING_PER_SOURCE,
} from '../../../../src/core/group/membership/limits.ts';
import { entryAt, find, type Genuine } from '../../../../src/core/group/membership/log.ts';
import type { MembershipEffect } from '../../../../src/core/group/membership/state.ts';
import { arrivedOf, keyOf, Sketch, strangeHash } from '../../../fixtures/group-sketch.ts';

let sketch: Sketch;
let intake: Intake;

beforeEach(() => {
  sketch = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben']);
  intake = new Intake(sketch.state());
});

const effectsOf = <Do extends MembershipEffect['do']>(kind: Do) =>
  intake.done().effects.filter((effect): effect is Extract<MembershipEffect, { do: Do }> => effect.do === kind);
const checkedNow = () =>
  effectsOf('verify').flatMap(({ from, operations }) => operations.map(({ id }) => `${from}: ${id.slice(0, 4)}`));
/** An operation of Ana’s on a log that the intake does not have: each with a hash of its own. */
const later = (name = 'Hikers'): Genuine => entryAt(sketch.log, sketch.rename('Ana', name));
const orphan = (number: number, by = 'Ana'): Genuine => {
  const genuine = sketch.drawn(by, { do: 'rename', name: 'Orphan' });
  const hash = strangeHash(number);
  return {
    ...genuine,
    hash,
    id: toHex(hash),
    operation: { ...genuine.operation, parents: [strangeHash(number + 10_000)] },
  };
};
const waitingNow = () => intake.done().state.waiting;
const refuse = (from: string, times: number) => {
  for (let count = 0; count < times; count += 1) intake.refuse(from, 'group-refused');
};

describe('sources', () => {
  const names = () => [...intake.done().state.sources.keys()];
  const crowd = (many: number, change = {}) => {
    for (let count = 0; count < many; count += 1) intake.note(`s${count}`, change);
  };

  it('are remembered up to a number; the one heard least lately is forgotten', () => {
    crowd(MAX_SOURCES);
    expect(names()).toHaveLength(MAX_SOURCES);
    intake.note('s0', { checking: 1 });
    intake.note('new', {});
    expect([names().length, names().includes('s0'), names().includes('s1'), names().at(-1)]).toEqual([
      MAX_SOURCES,
      true,
      false,
      'new',
    ]);
    expect(intake.source('s0')).toEqual({ checking: 1, refused: 0, heads: [], shared: [] });
  });

  it('that are ignored are forgotten last, lest a crowd makes them forgotten', () => {
    refuse('bad', MAX_REFUSED + 1);
    refuse('nearly', MAX_REFUSED);
    crowd(MAX_SOURCES - 2);
    intake.note('new', {});
    expect([intake.isIgnored('bad'), names().includes('nearly')]).toEqual([true, false]);
    intake.note('newer', {});
    expect([intake.isIgnored('bad'), names().includes('s0'), names().length]).toEqual([true, false, MAX_SOURCES]);
  });

  it('that are all ignored make room for a new one, the oldest first', () => {
    crowd(MAX_SOURCES, { refused: MAX_REFUSED + 1 });
    intake.note('new', {});
    expect([names().includes('new'), names().includes('s0'), names().includes('s1')]).toEqual([true, false, true]);
  });

  it('are forgotten when they leave', () => {
    intake.note('one', {});
    intake.forget('one');
    expect(names()).toEqual([]);
  });

  it('are listened to until they brought one too many, which is told once', () => {
    refuse('bad', MAX_REFUSED);
    expect([intake.isIgnored('bad'), intake.source('bad').refused, effectsOf('ignore')]).toEqual([
      false,
      MAX_REFUSED,
      [],
    ]);
    intake.refuse('bad', 'group-not-member');
    refuse('bad', 3);
    expect(intake.isIgnored('bad')).toBe(true);
    expect(effectsOf('ignore')).toEqual([{ do: 'ignore', source: 'bad', kind: 'group-not-member' }]);
    expect(intake.isIgnored('somebody else')).toBe(false);
  });

  it('have what they have shown, and what leads to it: the newest are kept', () => {
    expect([intake.share('ben', [1]), intake.source('ben').shared]).toEqual([true, [1]]);
    expect([intake.share('ben', [2, 3]), intake.source('ben').shared]).toEqual([true, [3]]);
    expect([intake.share('ben', [0, 2]), intake.source('ben').shared]).toEqual([false, [3]]);
    expect([intake.share('ben', []), intake.share('cleo', [])]).toEqual([false, false]);
    expect(names()).toEqual(['ben']);
  });

  it('have shown a bounded number of them', () => {
    const base = sketch.log.size - 1;
    const side = Array.from({ length: MAX_SHARED + 3 }, (_, count) =>
      sketch.rename(`Guest ${count}`, 'x', { after: [base] }),
    );
    intake = new Intake(sketch.state());
    expect(intake.share('ben', side)).toBe(true);
    expect(intake.source('ben').shared).toEqual(side.slice(-MAX_SHARED));
  });
});

describe('what was refused', () => {
  it('is remembered, the latest of it', () => {
    intake.refuse('one', 'frame-malformed');
    expect(intake.done().state.refused.size).toBe(0);
    for (let count = 0; count < MAX_REMEMBERED; count += 1) intake.refuse(`from ${count}`, 'group-refused', `${count}`);
    expect(intake.done().state.refused.size).toBe(MAX_REMEMBERED);
    intake.refuse('more', 'group-refused', 'more');
    const { refused } = intake.done().state;
    expect([refused.size, refused.has('0'), refused.has('1'), refused.has('more')]).toEqual([
      MAX_REMEMBERED,
      false,
      true,
      true,
    ]);
  });

  it('is not checked again, unless something genuine waits for it', () => {
    const [one, two] = [later('One'), later('Two')];
    intake.refuse('somebody', 'frame-authentication', one.id);
    intake.screen('ben', arrivedOf(one));
    expect([checkedNow(), intake.source('ben').refused]).toEqual([[], 0]);
    // What only came, unchecked, awaits nothing.
    intake.screen(
      'ben',
      arrivedOf({ ...orphan(1), operation: { ...orphan(1, 'Zoe').operation, parents: [one.hash] } }),
    );
    intake.screen('ben', arrivedOf(one));
    expect([waitingNow().size, checkedNow()]).toEqual([1, []]);
    intake.admit('ben', two);
    intake.screen('ben', arrivedOf(one));
    expect(checkedNow()).toEqual([`ben: ${one.id.slice(0, 4)}`]);
  });
});

describe('what comes', () => {
  it('is checked when its author is known, and when it creates', () => {
    const one = later();
    intake.screen('ben', arrivedOf(one));
    intake.screen('cleo', arrivedOf(one));
    expect(checkedNow()).toEqual([`ben: ${one.id.slice(0, 4)}`, `cleo: ${one.id.slice(0, 4)}`]);
    expect([intake.source('ben').checking, intake.source('cleo').checking]).toEqual([1, 1]);
    const created = entryAt(sketch.log, 0);
    intake = new Intake({ ...sketch.state(), log: new Sketch().log });
    intake.screen('ben', arrivedOf(created));
    expect(checkedNow()).toHaveLength(1);
  });

  it('of whoever was invited alone is checked too', () => {
    sketch.add('Ana', 'Zoe');
    intake = new Intake(sketch.state());
    const joining = sketch.drawn('Zoe', { do: 'join', add: strangeHash(1), person: 'Zoe' });
    intake.screen('zoe', arrivedOf(joining));
    expect(checkedNow()).toHaveLength(1);
  });

  it('is known already, or waits already: nothing is done', () => {
    intake.screen('ben', arrivedOf(entryAt(sketch.log, 2)));
    expect([checkedNow(), intake.source('ben').checking]).toEqual([[], 0]);
    const one = orphan(1);
    intake.admit('ben', one);
    intake.screen('cleo', arrivedOf(one));
    expect([waitingNow().get(one.id)?.from, checkedNow()]).toEqual(['ben', []]);
  });

  it('from whoever is ignored is not looked at', () => {
    refuse('bad', MAX_REFUSED + 1);
    intake.screen('bad', arrivedOf(later()));
    expect(checkedNow()).toEqual([]);
    intake.screen('bad', arrivedOf(orphan(1, 'Zoe')));
    expect(waitingNow().size).toBe(0);
    expect(intake.source('bad').refused).toBe(MAX_REFUSED + 1);
  });

  it('of another group, and of strangers who name what is known, is refused, each for its reason', () => {
    refuse('one', MAX_REFUSED);
    refuse('two', MAX_REFUSED);
    const elsewhere = later();
    const other = { ...elsewhere, operation: { ...elsewhere.operation, group: strangeHash(1) } };
    intake.screen('one', arrivedOf(other));
    const stranger = sketch.drawn('Zoe', { do: 'rename', name: 'Mine' }, { after: [0] });
    intake.screen('two', arrivedOf(stranger));
    expect(effectsOf('ignore')).toEqual([
      { do: 'ignore', source: 'one', kind: 'group-refused' },
      { do: 'ignore', source: 'two', kind: 'group-not-member' },
    ]);
    expect([...intake.done().state.refused]).toEqual([other.id, stranger.id]);
    expect(checkedNow()).toEqual([]);
  });

  it('of strangers who name what is not known waits, unchecked', () => {
    const stranger = orphan(1, 'Zoe');
    intake.screen('zoe', arrivedOf(stranger));
    expect(waitingNow().get(stranger.id)).toMatchObject({ from: 'zoe', genuine: undefined, missing: [hex(10_001)] });
    expect([checkedNow(), intake.source('zoe').refused]).toEqual([[], 0]);
  });

  it('is checked up to a number at a time from each', () => {
    intake.note('ben', { checking: MAX_CHECKING - 1 });
    for (let count = 0; count < 3; count += 1) intake.screen('ben', arrivedOf(later(`${count}`)));
    expect(intake.source('ben').checking).toBe(MAX_CHECKING);
    intake.screen('cleo', arrivedOf(later()));
    expect(checkedNow().map((one) => one.split(':')[0])).toEqual(['ben', 'cleo']);
  });
});

const hex = (number: number) => toHex(strangeHash(number));

describe('what waits', () => {
  it('does so up to a number from each; another’s has its own', () => {
    for (let count = 0; count < MAX_WAITING_PER_SOURCE + 2; count += 1) intake.admit('ben', orphan(count));
    expect(waitingNow().size).toBe(MAX_WAITING_PER_SOURCE);
    expect([waitingNow().has(hex(0)), waitingNow().has(hex(MAX_WAITING_PER_SOURCE))]).toEqual([true, false]);
    intake.admit('cleo', orphan(5000));
    expect(waitingNow().has(hex(5000))).toBe(true);
  });

  it('does so up to a number in all; then the oldest makes room', () => {
    for (let count = 0; count < MAX_WAITING; count += 1)
      intake.admit(`source ${Math.floor(count / MAX_WAITING_PER_SOURCE)}`, orphan(count));
    expect([waitingNow().size, waitingNow().has(hex(0))]).toEqual([MAX_WAITING, true]);
    intake.admit('one more', orphan(5000));
    expect([waitingNow().size, waitingNow().has(hex(0)), waitingNow().has(hex(1))]).toEqual([MAX_WAITING, false, true]);
    expect(waitingNow().has(hex(5000))).toBe(true);
  });

  it('is asked for from whom it came: its parents that are not there, nor wait themselves', () => {
    const [one, two, three] = [later('One'), later('Two'), later('Three')];
    intake.admit('ben', three);
    expect(intake.wanted('ben')).toEqual([two.hash]);
    expect(intake.wanted('cleo')).toEqual([]);
    intake.admit('ben', two);
    expect(intake.wanted('ben')).toEqual([one.hash]);
    intake.admit('cleo', one);
    expect([intake.wanted('ben'), waitingNow().size]).toEqual([[], 0]);
    expect(intake.taken.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
  });

  it('for several goes on waiting when one of them comes', () => {
    const base = sketch.log.size - 1;
    const left = entryAt(sketch.log, sketch.rename('Ana', 'Left', { after: [base] }));
    const right = entryAt(sketch.log, sketch.rename('Ben', 'Right', { after: [base] }));
    const joined = entryAt(sketch.log, sketch.rename('Ana', 'Both'));
    intake.admit('ben', joined);
    intake.admit('ben', left);
    expect(waitingNow().get(joined.id)).toMatchObject({ missing: [right.id] });
    // Something that waits for none of it stays as it is.
    intake.admit('ben', orphan(1));
    intake.admit('ben', right);
    expect([[...waitingNow().keys()], intake.log.size]).toEqual([[hex(1)], sketch.log.size]);
  });

  it('of a stranger is checked as soon as what made them known is there; refused when all is there and they are none', () => {
    const added = entryAt(sketch.log, sketch.add('Ana', 'Zoe'));
    const joining = sketch.drawn('Zoe', { do: 'join', add: added.hash, person: 'Zoe' });
    const nobody = { ...orphan(7, 'Xaver'), operation: { ...orphan(7, 'Xaver').operation, parents: [added.hash] } };
    intake.screen('zoe', arrivedOf(joining));
    intake.screen('xaver', arrivedOf(nobody));
    expect(waitingNow().size).toBe(2);
    intake.admit('ben', added);
    expect(checkedNow()).toEqual([`zoe: ${joining.id.slice(0, 4)}`]);
    expect([waitingNow().size, intake.source('xaver').refused, intake.source('zoe').refused]).toEqual([0, 1, 0]);
    expect([...intake.done().state.refused]).toEqual([nobody.id]);
  });

  it('of a stranger is refused for being one', () => {
    refuse('xaver', MAX_REFUSED);
    const one = later();
    const nobody = { ...orphan(7, 'Xaver'), operation: { ...orphan(7, 'Xaver').operation, parents: [one.hash] } };
    intake.screen('xaver', arrivedOf(nobody));
    intake.admit('ben', one);
    expect(effectsOf('ignore')).toEqual([{ do: 'ignore', source: 'xaver', kind: 'group-not-member' }]);
  });

  it('goes no further when what it waited for is refused', () => {
    const bad = sketch.drawn('Cleo', { do: 'rename', name: 'Not an admin' });
    const next = { ...orphan(3), operation: { ...orphan(3).operation, parents: [bad.hash] } };
    intake.admit('ben', next);
    intake.admit('cleo', bad);
    expect([waitingNow().size, intake.taken, intake.source('cleo').refused]).toEqual([1, [], 1]);
    expect(intake.done().state.refused.has(bad.id)).toBe(true);
  });
});

describe('what is taken in', () => {
  it('is so once', () => {
    const one = later();
    intake.admit('ben', one);
    intake.admit('cleo', one);
    expect([intake.taken.length, intake.log.size, intake.hasForked]).toEqual([1, sketch.log.size, false]);
    expect(effectsOf('forked')).toEqual([]);
  });

  it('is no part of the state that it began with', () => {
    const before = sketch.state();
    intake = new Intake(before);
    intake.admit('ben', later());
    intake.admit('ben', orphan(1));
    refuse('bad', 1);
    expect([before.log.size, before.waiting.size, before.sources.size]).toEqual([sketch.log.size - 1, 0, 0]);
    expect(intake.done().state.log.size).toBe(before.log.size + 1);
  });
});

describe('versions of one operation', () => {
  let base: number;
  const version = (count: number, after = [base]) => {
    const log = sketch.log;
    const index = sketch.rename('Ana', `Version ${count}`, { after });
    const drawn = entryAt(sketch.log, index);
    const hash = strangeHash(count);
    sketch.log = log;
    return { ...drawn, hash, id: hex(count) };
  };
  const taken = () => intake.taken.map(({ id }) => id);

  beforeEach(() => {
    base = sketch.log.size - 1;
  });

  it('are a fork from the second on, told with all that there are', () => {
    intake.admit('ben', version(1));
    expect([intake.hasForked, effectsOf('forked')]).toEqual([false, []]);
    intake.admit('ben', version(2));
    expect(intake.hasForked).toBe(true);
    expect(effectsOf('forked')).toEqual([{ do: 'forked', author: version(1).subject, operations: [hex(1), hex(2)] }]);
  });

  it('that nobody built on are kept up to two; the others are remembered, not held against who brings them', () => {
    for (let count = 1; count < 5; count += 1) intake.admit('ben', version(count));
    expect(taken()).toEqual([hex(1), hex(2)].slice(0, MAX_SIBLINGS));
    expect([intake.source('ben').refused, [...intake.done().state.refused]]).toEqual([0, [hex(3), hex(4)]]);
  });

  /** Of somebody, behind versions. */
  const behind = (by: string, number: number, ...versions: readonly number[]): Genuine => {
    const genuine = sketch.drawn(by, { do: 'rename', name: 'Behind' });
    const parents = versions.map(strangeHash);
    return { ...genuine, hash: strangeHash(number), id: hex(number), operation: { ...genuine.operation, parents } };
  };

  it('that somebody else built on are taken, however many', () => {
    for (const count of [1, 2]) intake.admit('ben', version(count));
    for (let count = 3; count < 9; count += 1) {
      intake.admit('ben', behind('Ben', 100 + count, count));
      intake.admit('ana', version(count));
      expect(taken()).toContain(hex(count));
    }
  });

  it('that somebody else built on through others are taken too', () => {
    for (const count of [1, 2]) intake.admit('ben', version(count));
    for (const count of [3, 4, 5, 6]) {
      intake.admit('ana', behind('Ana', 200 + count, count));
      intake.admit('ben', behind('Ben', 300 + count, 200 + count));
      intake.admit('ana', version(count));
      expect(taken()).toContain(hex(count));
    }
  });

  it('that their author alone built on are taken up to four', () => {
    for (const count of [1, 2]) intake.admit('ben', version(count));
    for (const count of [3, 4, 5, 6]) {
      intake.admit('ana', behind('Ana', 200 + count, count));
      intake.admit('ana', version(count));
    }
    const versions = taken().filter((id) => find(intake.log, id)?.operation.seq === version(1).operation.seq);
    expect(versions).toEqual([1, 2, 3, 4].map(hex).slice(0, MAX_JOINED_SIBLINGS));
  });

  it('that strangers say to build on are not wanted for it', () => {
    for (const count of [1, 2]) intake.admit('ben', version(count));
    intake.screen('zoe', arrivedOf(behind('Zoe', 300, 3)));
    expect(waitingNow().size).toBe(1);
    intake.admit('ana', version(3));
    expect(taken()).toEqual([hex(1), hex(2)]);
  });

  it('that are named leave room for others', () => {
    intake.admit('ben', version(1));
    intake.admit('ben', version(2));
    intake.admit('ben', behind('Ben', 100, 1));
    expect(taken()).toEqual([hex(1), hex(2), hex(100)]);
    intake.admit('ben', version(3));
    intake.admit('ben', version(4));
    expect(taken()).toEqual([hex(1), hex(2), hex(100), hex(3)]);
  });

  it('with another key are none: who is back does not fork with what they did before', () => {
    const before = sketch.log.size - 1;
    sketch.remove('Ana', 'Ben');
    const back = sketch.join('Ben', sketch.add('Ana', 'Ben'));
    intake = new Intake(sketch.state());
    const old = sketch.drawn('Ben', { do: 'rename', name: 'Old' }, { after: [before], key: keyOf('Ben', 1) });
    expect(old.operation.seq).toBe(entryAt(sketch.log, back).operation.seq);
    intake.admit('thief', old);
    expect([intake.taken.length, intake.hasForked, effectsOf('forked')]).toEqual([1, false, []]);
  });
});
