// What is asked for and given, what goes on to others, and what an operation of mine follows from: one event at a time.
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_REFUSED } from '../../../../src/core/group/membership/limits.ts';
import { append, type Entry, entryAt, type Genuine } from '../../../../src/core/group/membership/log.ts';
import { headsOf, parentsFor, step } from '../../../../src/core/group/membership/membership.ts';
import type {
  MembershipEffect,
  MembershipEvent,
  MembershipState,
} from '../../../../src/core/group/membership/state.ts';
import { MAX_HEADS, MAX_OPERATION_PARENTS, MAX_OPERATIONS_PER_FRAME } from '../../../../src/core/wire/limits.ts';
import { arrivedOf, idOf, Sketch, strangeHash } from '../../../fixtures/group-sketch.ts';

let sketch: Sketch;
let state: MembershipState;

beforeEach(() => {
  sketch = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben']);
  state = sketch.state();
});

/** Ends in the state that it led to. */
function told(event: MembershipEvent): readonly MembershipEffect[] {
  const { state: next, effects } = step(state, event);
  state = next;
  return effects;
}
const hashAt = (index: number) => entryAt(sketch.log, index).hash;
const at = (index: number): Genuine => entryAt(sketch.log, index);
/** Many things at the same time, each behind `base`. */
const side = (many: number, base: number) =>
  Array.from({ length: many }, (_, count) => sketch.rename(`Guest ${count}`, 'x', { after: [base] }));
const strange = (many: number) => Array.from({ length: many }, (_, count) => strangeHash(count));
const refused = (from: string, many: number) => {
  for (let count = 0; count < many; count += 1) told({ is: 'malformed', from });
};

describe('a source', () => {
  it('that sends what is no operation answers for it', () => {
    refused('bad', MAX_REFUSED);
    expect(told({ is: 'malformed', from: 'bad' })).toEqual([{ do: 'ignore', source: 'bad', kind: 'frame-malformed' }]);
  });

  it('is forgotten when it leaves, but for one that is ignored', () => {
    refused('bad', MAX_REFUSED + 1);
    refused('good', MAX_REFUSED);
    for (const from of ['good', 'bad']) expect(told({ is: 'left', from })).toEqual([]);
    expect([...state.sources.keys()]).toEqual(['bad']);
  });

  it('is asked for what its heads follow from, with what I have: the newest, and ever older ones', () => {
    const effects = told({ is: 'heads', from: 'ben', heads: [hashAt(5), strangeHash(1), strangeHash(2)] });
    // Six entries: the last, the one before, the fourth from the end; and the heads.
    const have = [hashAt(5), hashAt(4), hashAt(2), ...headsOf(sketch.log)];
    expect(effects).toEqual([{ do: 'need', to: 'ben', want: [strangeHash(1), strangeHash(2)], have }]);
    expect(told({ is: 'heads', from: 'ben', heads: headsOf(sketch.log) })).toEqual([]);
  });

  it('is told the very first of what I have, when there are as many as double from one', () => {
    sketch.rename('Ana', 'x');
    sketch.rename('Ana', 'y');
    state = sketch.state();
    const [need] = told({ is: 'heads', from: 'ben', heads: [strangeHash(1)] });
    expect(need).toMatchObject({ have: [7, 6, 4, 0, 7].map(hashAt) });
  });

  it('is told first what it has shown to have', () => {
    told({ is: 'arrived', from: 'ben', operations: [arrivedOf(at(1))], heads: [] });
    const [need] = told({ is: 'heads', from: 'ben', heads: [strangeHash(1)] });
    expect(need).toMatchObject({ have: [1, 5, 4, 2, 5].map(hashAt) });
  });

  it('names as many heads as a message holds, and hears as many', () => {
    side(MAX_HEADS + 5, 5);
    state = sketch.state();
    const [need] = told({ is: 'heads', from: 'ben', heads: strange(MAX_HEADS + 5) });
    expect(need).toMatchObject({ want: strange(MAX_HEADS) });
    expect(need?.do === 'need' && need.have.length).toBe(MAX_HEADS);
    expect(state.sources.get('ben')?.heads).toHaveLength(MAX_HEADS);
    const [give] = told({ is: 'need', from: 'ben', want: [hashAt(5)], have: [] });
    expect(give?.do === 'give' && give.heads.length).toBe(MAX_HEADS);
    told({ is: 'arrived', from: 'cleo', operations: [], heads: strange(MAX_HEADS + 5) });
    expect(state.sources.get('cleo')?.heads).toEqual(strange(MAX_HEADS));
  });

  it('that is ignored is asked for nothing', () => {
    refused('bad', MAX_REFUSED + 1);
    expect(told({ is: 'heads', from: 'bad', heads: [strangeHash(1)] })).toEqual([]);
    refused('worse', MAX_REFUSED);
    const orphan = { ...at(5), hash: strangeHash(1), id: 'ee01' };
    const operation = { ...orphan.operation, parents: [strangeHash(7)] };
    told({ is: 'arrived', from: 'worse', operations: [arrivedOf({ ...orphan, operation })], heads: [] });
    const checked = { ...orphan, operation };
    expect(told({ is: 'checked', from: 'worse', genuine: [checked], forged: ['00'] })).toEqual([
      { do: 'ignore', source: 'worse', kind: 'frame-authentication' },
    ]);
    expect(state.waiting.size).toBe(1);
  });
});

describe('what arrives', () => {
  it('is checked before more is asked for', () => {
    const next = at(sketch.rename('Ana', 'Hikers'));
    const effects = told({ is: 'arrived', from: 'ben', operations: [arrivedOf(next)], heads: [strangeHash(1)] });
    expect(effects).toEqual([{ do: 'verify', from: 'ben', operations: [arrivedOf(next)] }]);
    expect(state.sources.get('ben')).toMatchObject({ checking: 1, heads: [strangeHash(1)] });
    const then = told({ is: 'checked', from: 'ben', genuine: [next], forged: [] });
    expect(then.map((effect) => effect.do)).toEqual(['keep', 'relay', 'need']);
    expect(then.at(-1)).toMatchObject({ to: 'ben', want: [strangeHash(1)] });
    expect(state.sources.get('ben')).toMatchObject({ checking: 0, shared: [6] });
  });

  it('is checked in full before more is asked for', () => {
    const [one, two] = [at(sketch.rename('Ana', 'One')), at(sketch.rename('Ana', 'Two'))];
    told({ is: 'arrived', from: 'ben', operations: [one, two].map(arrivedOf), heads: [strangeHash(1)] });
    const first = told({ is: 'checked', from: 'ben', genuine: [one], forged: [] });
    expect(first.map((effect) => effect.do)).toEqual(['keep', 'relay']);
    expect(state.sources.get('ben')?.checking).toBe(1);
    const second = told({ is: 'checked', from: 'ben', genuine: [], forged: [two.id] });
    expect(second).toEqual([]);
    expect(state.sources.get('ben')).toMatchObject({ checking: 0, refused: 1 });
    // More was checked than was known to be: a source that left in between and came back.
    told({ is: 'checked', from: 'ben', genuine: [], forged: [two.id] });
    expect(state.sources.get('ben')?.checking).toBe(0);
  });

  it('has parents asked for, from whom it came', () => {
    const [one, two] = [at(sketch.rename('Ana', 'One')), at(sketch.rename('Ana', 'Two'))];
    told({ is: 'arrived', from: 'ben', operations: [arrivedOf(two)], heads: [] });
    const effects = told({ is: 'checked', from: 'ben', genuine: [two], forged: [] });
    expect(effects).toEqual([
      { do: 'need', to: 'ben', want: [one.hash], have: [hashAt(5), hashAt(4), hashAt(2), hashAt(5)] },
    ]);
    // Nothing new: what it said to have is not asked for again, the parents are.
    const again = told({ is: 'arrived', from: 'ben', operations: [], heads: [strangeHash(1)] });
    expect(again.map((effect) => effect.do === 'need' && effect.want)).toEqual([[one.hash]]);
    expect(told({ is: 'arrived', from: 'cleo', operations: [], heads: [] })).toEqual([]);
  });

  it('has as many parents asked for as a message holds', () => {
    const many = strange(MAX_HEADS + 60);
    const orphans = Array.from({ length: 20 }, (_, count) => {
      const drawn = sketch.drawn('Ana', { do: 'rename', name: 'x' });
      const parents = many.slice(54 * count, 54 * (count + 1));
      return {
        ...drawn,
        hash: strangeHash(20_000 + count),
        id: `${count}`,
        operation: { ...drawn.operation, parents },
      };
    });
    const effects = told({ is: 'checked', from: 'ben', genuine: orphans, forged: [] });
    expect(effects.map((effect) => effect.do === 'need' && effect.want.length)).toEqual([MAX_HEADS]);
  });

  it('and is new goes to the disk, then to everybody but who brought it', () => {
    const next = at(sketch.rename('Ana', 'Hikers'));
    const effects = told({ is: 'checked', from: 'ben', genuine: [next], forged: [] });
    expect(effects).toEqual([
      { do: 'keep', operations: [next] },
      { do: 'relay', operations: [next], except: 'ben' },
    ]);
    expect(told({ is: 'checked', from: 'cleo', genuine: [next], forged: [] })).toEqual([]);
    expect(told({ is: 'checked', from: 'cleo', genuine: [], forged: [] })).toEqual([]);
  });

  it('and is mine goes to the disk, then to everybody, and asks nobody for anything', () => {
    const next = at(sketch.remove('Ana', 'Ben'));
    expect(told({ is: 'authored', genuine: next })).toEqual([
      { do: 'keep', operations: [next] },
      { do: 'relay', operations: [next], except: undefined },
    ]);
    expect([...state.sources.keys()]).toEqual([]);
  });
});

describe('a witness is asked for', () => {
  const comesOf = (...indices: number[]) =>
    told({ is: 'checked', from: 'ben', genuine: indices.map(at), forged: [] }).some(
      ({ do: kind }) => kind === 'witness',
    );

  it('when an admin was removed, whatever else came with it', () => {
    expect(comesOf(sketch.remove('Ana', 'Cleo'))).toBe(false);
    expect(comesOf(sketch.rename('Ana', 'x'), sketch.remove('Ana', 'Ben'))).toBe(true);
  });

  it('not when one leaves, or is made, nor for who was an admin in a seat of the past alone', () => {
    expect(comesOf(sketch.leave('Ben'))).toBe(false);
    const invitation = sketch.add('Ana', 'Ben');
    expect(comesOf(invitation, sketch.join('Ben', invitation), sketch.promote('Ana', 'Cleo'))).toBe(false);
    expect(comesOf(sketch.remove('Ana', 'Ben'))).toBe(false);
  });

  it('when one was removed who has several seats, an admin in one of them', () => {
    const base = sketch.log.size - 1;
    const twice = [sketch.add('Ana', 'Zoe', { after: [base] }), sketch.add('Ben', 'Zoe', { after: [base] })];
    const promoted = sketch.promote('Ana', 'Zoe', { after: [twice[0] as number] });
    state = sketch.state();
    expect(comesOf(sketch.remove('Ben', 'Zoe', { after: [twice[1] as number, promoted].sort((a, b) => a - b) }))).toBe(
      true,
    );
  });

  it('when there are more heads than an operation can name', () => {
    const names = Array.from({ length: 3 }, (_, count) => `Extra ${count}`);
    sketch = Sketch.of(['Ana', 'Ben', ...names]);
    const base = sketch.log.size - 1;
    side(MAX_OPERATION_PARENTS - 2, base);
    state = sketch.state();
    const leaving = names.map((name) => sketch.leave(name, undefined, { after: [base] }));
    expect(state.log.heads).toHaveLength(MAX_OPERATION_PARENTS - 2);
    expect([comesOf(leaving[0] as number), comesOf(leaving[1] as number)]).toEqual([false, false]);
    expect(state.log.heads).toHaveLength(MAX_OPERATION_PARENTS);
    expect(comesOf(leaving[2] as number)).toBe(true);
  });

  it('when an author forked', () => {
    const base = sketch.log.size - 1;
    const one = sketch.rename('Ana', 'One', { after: [base] });
    const two = sketch.rename('Ana', 'Two', { after: [base] });
    expect(comesOf(one)).toBe(false);
    expect(comesOf(two)).toBe(true);
  });
});

describe('what is given', () => {
  it('is what the wanted follows from and the known does not, parents first, with my heads', () => {
    const give = told({ is: 'need', from: 'ben', want: [hashAt(4)], have: [hashAt(2)] });
    const operations = [3, 4].map((index) => at(index).bytes);
    expect(give).toEqual([{ do: 'give', to: 'ben', operations, heads: headsOf(sketch.log) }]);
    expect(told({ is: 'need', from: 'ben', want: [strangeHash(1), hashAt(0)], have: [strangeHash(2)] })).toMatchObject([
      { operations: [at(0).bytes] },
    ]);
  });

  it('is nothing when there is nothing', () => {
    expect(told({ is: 'need', from: 'ben', want: [hashAt(2)], have: [hashAt(2)] })).toEqual([]);
    expect(told({ is: 'need', from: 'ben', want: [strangeHash(1)], have: [] })).toEqual([]);
  });

  it('fits into a frame', () => {
    const many = Array.from({ length: MAX_OPERATIONS_PER_FRAME }, (_, count) => sketch.rename('Ana', `${count}`));
    state = sketch.state();
    const given = (want: number) =>
      told({ is: 'need', from: 'ben', want: [hashAt(want)], have: [hashAt(5)] }).flatMap((effect) =>
        effect.do === 'give' ? effect.operations : [],
      );
    expect(given(many.at(-1) as number)).toEqual(many.map((index) => at(index).bytes));
    expect(given(sketch.rename('Ana', 'one more'))).toHaveLength(0);
    state = sketch.state();
    expect(given(sketch.log.size - 1)).toEqual(many.map((index) => at(index).bytes));
  });

  it('is told by as many hashes as a message holds', () => {
    const [beyond, beyondToo] = [
      [...strange(MAX_HEADS), hashAt(5)],
      [...strange(MAX_HEADS - 1), hashAt(5)],
    ];
    expect(told({ is: 'need', from: 'ben', want: beyond, have: [] })).toEqual([]);
    expect(told({ is: 'need', from: 'ben', want: beyondToo, have: [] })).toHaveLength(1);
    expect(told({ is: 'need', from: 'ben', want: [hashAt(5)], have: beyond })).toHaveLength(1);
    expect(told({ is: 'need', from: 'ben', want: [hashAt(5)], have: beyondToo })).toEqual([]);
  });
});

describe('an operation of mine', () => {
  const parents = (name: string, log = sketch.log) =>
    (parentsFor(log, idOf(name)) as Entry[]).map(({ index }) => index);

  it('follows from all heads, in the order of their hashes', () => {
    const base = sketch.log.size - 1;
    const [one, two] = [sketch.rename('Ben', 'One', { after: [base] }), sketch.rename('Ana', 'Two', { after: [base] })];
    expect([parents('Ana'), parents('Cleo')]).toEqual([
      [one, two],
      [one, two],
    ]);
    const odd = { ...sketch.drawn('Cleo', { do: 'seen' }, { after: [base] }), hash: new Uint8Array(32), id: '00' };
    expect(parents('Ana', append(sketch.log, odd))).toEqual([two + 1, one, two]);
  });

  it('follows from its author’s newest, wherever that stands among more heads than it can name', () => {
    const base = sketch.log.size - 1;
    const others = side(MAX_OPERATION_PARENTS + 8, base);
    // All the heads lead on from where Cleo joined; of what she did since that is true of one.
    const own = sketch.rename('Cleo', 'Mine', { after: [base] });
    expect(parents('Cleo')).toEqual([...others.slice(0, MAX_OPERATION_PARENTS - 1), own]);
    const behind = sketch.rename('Guest 70', 'x', { after: [others[70] as number, own] });
    expect(parents('Cleo')).toEqual([...others.slice(0, MAX_OPERATION_PARENTS - 1), behind]);
    expect(parents('Guest 71')).toEqual([...others.slice(0, MAX_OPERATION_PARENTS - 1), others[71]]);
    expect(parents('Zoe')).toHaveLength(MAX_OPERATION_PARENTS);
    // A log that was lengthened since: what came later is not in it.
    const shorter = sketch.log;
    sketch.rename('Cleo', 'Later', { after: [behind] });
    expect(parents('Cleo', shorter)).toContain(behind);
  });

  it('follows from what gave its author a seat, power or the place of another, wherever that stands', () => {
    sketch.join('Zoe', sketch.add('Ana', 'Zoe'));
    const base = sketch.log.size - 1;
    side(MAX_OPERATION_PARENTS + 8, base);
    const given = [
      sketch.promote('Ben', 'Zoe', { after: [base] }),
      sketch.add('Ben', 'Yann', { after: [base] }),
      sketch.leave('Ana', 'Cleo', { after: [base] }),
    ];
    expect(['Zoe', 'Yann', 'Cleo'].map((name) => given.filter((one) => parents(name).includes(one)))).toEqual(
      given.map((one) => [one]),
    );
  });

  it('of more of its author’s own than it can name follows from the last in their sequence', () => {
    const base = sketch.log.size - 1;
    const versions = Array.from({ length: MAX_OPERATION_PARENTS + 6 }, () =>
      sketch.rename('Cleo', 'x', { after: [base] }),
    );
    const last = sketch.rename('Cleo', 'last', { after: versions.slice(-1) });
    expect(parents('Cleo')).toContain(last);
  });

  it('follows from all its author’s newest when they forked', () => {
    const base = sketch.log.size - 1;
    const others = side(MAX_OPERATION_PARENTS + 8, base);
    const versions = [1, 2, 3].map((count) => sketch.rename('Cleo', `${count}`, { after: [base] }));
    expect(parents('Cleo')).toEqual([...others.slice(0, MAX_OPERATION_PARENTS - 3), ...versions]);
  });

  it('names as many heads as it can', () => {
    const others = side(MAX_OPERATION_PARENTS, sketch.log.size - 1);
    expect(parents('Cleo')).toEqual(others);
  });
});
