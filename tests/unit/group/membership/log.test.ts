// The log as a value: what follows from what, what a shorter log sees of a longer one, and where everything comes together.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import { each } from '../../../../src/core/group/membership/bits.ts';
import {
  append,
  closure,
  concurrent,
  emptyLog,
  entryAt,
  find,
  follows,
  type Genuine,
  inOrder,
  isNamed,
  keyBroughtBy,
  type Log,
  listed,
  newest,
  slotOf,
} from '../../../../src/core/group/membership/log.ts';

const bytes32 = (fill: number) => new Uint8Array(32).fill(fill);
const KEYS: Readonly<Record<string, number>> = { ana: 0xa1, ben: 0xb1, cleo: 0xc1 };

interface Sketch {
  readonly by: 'ana' | 'ben' | 'cleo';
  readonly after?: readonly number[];
  readonly seq?: number;
  readonly body?: object;
  readonly key?: number;
  readonly subject?: string;
}

/** The operation whose hash is 32 times `name`. */
const operation = (
  name: number,
  { by, after = [], seq = name, body = { do: 'seen' }, key, subject }: Sketch,
): Genuine =>
  ({
    hash: bytes32(name),
    id: toHex(bytes32(name)),
    bytes: new Uint8Array(1),
    operation: {
      author: bytes32(KEYS[by] as number),
      key: bytes32(key ?? (KEYS[by] as number)),
      seq,
      parents: after.map(bytes32),
      body,
    },
    subject: subject ?? by,
  }) as unknown as Genuine;
const logOf = (...operations: Genuine[]): Log => operations.reduce(append, emptyLog());
const id = (name: number) => toHex(bytes32(name));
const chokesOf = ({ chokes }: Log): number[] =>
  chokes ? [...chokesOf({ chokes: chokes.before } as Log), chokes.index] : [];

describe('a log', () => {
  let log: Log;

  // 1 ── 2 ── 4 ── 5
  //  └── 3 ──┘
  beforeEach(() => {
    log = logOf(
      operation(1, { by: 'ana' }),
      operation(2, { by: 'ana', after: [1] }),
      operation(3, { by: 'ben', after: [1] }),
      operation(4, { by: 'cleo', after: [2, 3] }),
      operation(5, { by: 'ana', after: [4] }),
    );
  });

  it('knows what follows from what', () => {
    const pairs = [0, 1, 2, 3, 4].flatMap((later) => [0, 1, 2, 3, 4].map((earlier) => [later, earlier] as const));
    const behind = pairs.filter(([later, earlier]) => follows(log, later, earlier)).map(([a, b]) => `${a}>${b}`);
    expect(behind).toEqual(['1>0', '2>0', '3>0', '3>1', '3>2', '4>0', '4>1', '4>2', '4>3']);
    const apart = pairs.filter(([a, b]) => concurrent(log, a, b)).map(([a, b]) => `${a}|${b}`);
    expect(apart).toEqual(['1|2', '2|1']);
  });

  it('tells everything that some of it follow from, and which of some are the last', () => {
    expect([...each(closure(log, [1]))]).toEqual([0, 1]);
    expect([...each(closure(log, [1, 2]))]).toEqual([0, 1, 2]);
    expect([...each(closure(log, []))]).toEqual([]);
    expect(newest(log, [0, 1, 2, 1])).toEqual([1, 2]);
    expect(newest(log, [0, 1, 2, 3])).toEqual([3]);
    expect(log.heads).toEqual([4]);
  });

  it('has the longest way from the creation as depth', () => {
    const longer = append(log, operation(6, { by: 'ben', after: [1, 5] }));
    expect([0, 1, 2, 3, 4, 5].map((index) => entryAt(longer, index).depth)).toEqual([0, 1, 1, 2, 3, 4]);
  });

  it('does not see what a longer one has', () => {
    const longer = append(log, operation(6, { by: 'ana', after: [5], body: { do: 'add' }, subject: 'zoe' }));
    expect([log.size, longer.size]).toEqual([5, 6]);
    expect([find(log, id(6)), find(longer, id(6))?.index, find(log, id(5))?.index]).toEqual([undefined, 5, 4]);
    const author = toHex(bytes32(0xa1));
    expect([listed(log, log.byAuthor, author), listed(longer, longer.byAuthor, author)]).toEqual([
      [0, 1, 4],
      [0, 1, 4, 5],
    ]);
    expect([listed(log, log.additions, 'zoe'), listed(longer, longer.additions, 'zoe')]).toEqual([[], [5]]);
    expect(listed(log, log.byAuthor, 'nobody')).toEqual([]);
    expect(listed(emptyLog(), log.byAuthor, author)).toEqual([]);
  });

  it('lengthened twice becomes two logs', () => {
    const one = append(log, operation(6, { by: 'ana', after: [5] }));
    const other = append(log, operation(7, { by: 'ben', after: [5] }));
    expect([one, other].map((each) => [each.size, entryAt(each, 5).id])).toEqual([
      [6, id(6)],
      [6, id(7)],
    ]);
    expect([find(one, id(7)), find(other, id(6))]).toEqual([undefined, undefined]);
    // Lengthened in turn it shares its entries.
    expect(append(one, operation(8, { by: 'ana', after: [6] })).entries).toBe(one.entries);
  });

  it('knows which others have built on something', () => {
    expect([0, 1, 2, 3, 4].map((index) => isNamed(log, index))).toEqual([true, true, true, true, false]);
    // Ana’s second, which Cleo named first.
    expect([isNamed(log, 1, 2), isNamed(log, 1, 3)]).toEqual([false, true]);
    expect([isNamed(log, 1, 4, closure(log, [1, 2])), isNamed(log, 1, 4, closure(log, [3]))]).toEqual([false, true]);
    const own = logOf(operation(1, { by: 'ana' }), operation(2, { by: 'ana', after: [1] }));
    expect(isNamed(own, 0)).toBe(false);
  });
});

describe('where everything comes together', () => {
  it('is what all before leads to and all behind follows from', () => {
    const log = logOf(
      operation(1, { by: 'ana' }),
      operation(2, { by: 'ana', after: [1] }),
      operation(3, { by: 'ben', after: [1] }),
    );
    expect(chokesOf(log)).toEqual([0]);
    const joined = append(log, operation(4, { by: 'cleo', after: [2, 3] }));
    expect(chokesOf(joined)).toEqual([0, 3]);
    expect(chokesOf(append(joined, operation(5, { by: 'ana', after: [4] })))).toEqual([0, 3, 4]);
    // Something that did not know of it: then it was none.
    expect(chokesOf(append(joined, operation(6, { by: 'ben', after: [3] })))).toEqual([0]);
  });

  it('is nowhere behind a fork of which one version may still be named by somebody', () => {
    const fork = [
      operation(1, { by: 'ana' }),
      operation(2, { by: 'ben', seq: 1, after: [1] }),
      operation(3, { by: 'ben', seq: 1, after: [1] }),
    ];
    const log = logOf(...fork);
    expect([...log.forked]).toEqual([slotOf(toHex(bytes32(0xb1)), 1)]);
    // Ben himself leads on from both: nobody else has named either.
    expect(chokesOf(append(log, operation(4, { by: 'ben', seq: 2, after: [2, 3] })))).toEqual([0]);
    // Cleo names both: from there on nothing can change.
    const named = append(log, operation(5, { by: 'cleo', after: [2, 3] }));
    expect(chokesOf(named)).toEqual([0, 3]);
    expect(chokesOf(append(named, operation(6, { by: 'ana', seq: 2, after: [5] })))).toEqual([0, 3, 4]);
    // Ben’s next on one of them alone: the other is still for anybody to name.
    expect(chokesOf(append(log, operation(7, { by: 'ben', seq: 2, after: [2] })))).toEqual([0]);
  });
});

it('a place is one key’s: with another key the same number is no fork', () => {
  const log = logOf(
    operation(1, { by: 'ana' }),
    operation(2, { by: 'ben', seq: 1, after: [1] }),
    operation(3, { by: 'ben', seq: 1, after: [2], key: 0xb2 }),
  );
  expect(log.forked.size).toBe(0);
});

it('a key comes with a creation, a joining, or by a card', () => {
  const key = bytes32(0xa1);
  const brought = (body: object) => keyBroughtBy({ body, key } as never);
  expect([brought({ do: 'create' }), brought({ do: 'join' })]).toEqual([toHex(key), toHex(key)]);
  expect(brought({ do: 'add', by: { key: bytes32(7) } })).toBe(toHex(bytes32(7)));
  expect([brought({ do: 'add' }), brought({ do: 'seen' }), brought({ do: 'remove', by: { key } })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const log = logOf(operation(1, { by: 'ana', body: { do: 'create' } }), operation(2, { by: 'ben', after: [1] }));
  expect([...log.keys]).toEqual([[toHex(key), [0]]]);
});

it('concurrent ones are gone through by depth, then author, then hash', () => {
  const entry = (depth: number, author: string, fill: number) => ({ depth, author, hash: bytes32(fill) }) as never;
  const order = [entry(1, 'z', 9), entry(2, 'a', 8), entry(2, 'b', 1), entry(2, 'b', 2)];
  expect([...order].reverse().sort(inOrder)).toEqual(order);
  for (const [at, one] of order.entries()) {
    for (const later of order.slice(at + 1))
      expect([inOrder(one, later) < 0, inOrder(later, one) > 0]).toEqual([true, true]);
  }
});
