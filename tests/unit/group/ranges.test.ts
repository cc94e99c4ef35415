// Two members find what the other lacks: what they say to each other, how much of it, and that it comes to an end.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import {
  answerCompare,
  beginning,
  costOf,
  type Item,
  itemOf,
  readList,
  sortItems,
} from '../../../src/core/group/history/ranges.ts';
import type { CompareMessage, ListMessage } from '../../../src/core/wire/group-history.ts';
import { MAX_LISTED, MAX_RANGES } from '../../../src/core/wire/group-limits.ts';

const GROUP = new Uint8Array(32).fill(1);
const SALT = new Uint8Array(16).fill(2);

type Message = CompareMessage | ListMessage;
const isCompare = (message: Message): message is CompareMessage => message.type === 'group-compare';
const isList = (message: Message): message is ListMessage => message.type === 'group-list';

/** Messages of these times; those of one time differ in their ids. */
function itemsAt(times: readonly number[], seed = 1): Item[] {
  const random = seededRandom(seed);
  return sortItems(
    times.map((at) => {
      const hash = random.bytes(32);
      return itemOf({ message: { at }, short: toHex(hash.slice(0, 8)), hashBytes: hash } as never);
    }),
  );
}
const upTo = (count: number) => Array.from({ length: count }, (_, at) => 1_000 + at);

interface Told {
  /** Short ids that each asked for in the end. */
  readonly wanted: readonly [Set<string>, Set<string>];
  readonly said: readonly Message[];
  readonly rounds: number;
}

/** Both talk until nobody has anything to say. */
async function reconcile(ana: readonly Item[], ben: readonly Item[]): Promise<Told> {
  const sides = [ana, ben] as const;
  const wanted = [new Set<string>(), new Set<string>()] as const;
  const said: Message[] = [];
  let now: Message[] = [await beginning(GROUP, SALT, ana)];
  let rounds = 0;
  for (let to = 1; now.length > 0; to = 1 - to) {
    said.push(...now);
    rounds += 1;
    if (rounds > 50) throw new Error('it does not end');
    const mine = sides[to as 0 | 1];
    const next: Message[] = [];
    for (const message of now) {
      if (isCompare(message)) next.push(...(await answerCompare(message, mine)));
      else {
        const have = (id: string) => mine.filter(({ short }) => short === id).length;
        const read = readList(message, mine, have);
        for (const id of read.wanted) wanted[to as 0 | 1].add(id);
        next.push(...read.answers);
      }
    }
    now = next;
  }
  return { wanted, said, rounds };
}

const shorts = (items: readonly Item[]) => new Set(items.map(({ short }) => short));
const lacking = (mine: readonly Item[], theirs: readonly Item[]) =>
  new Set([...shorts(theirs)].filter((id) => !shorts(mine).has(id)));

describe('two who talk', () => {
  it.each([
    ['the same', 300, 0, 0],
    ['one that the other lacks', 300, 1, 0],
    ['a few of each', 500, 5, 7],
    ['many of each', 400, 200, 150],
    ['nothing in common', 0, 120, 90],
    ['little of everything', 3, 2, 2],
    ['nothing at one of them', 0, 0, 130],
    ['nothing at all', 0, 0, 0],
  ])('with %s find all that each lacks, and nothing else', async (_, common, ofAna, ofBen) => {
    const all = itemsAt(upTo(common + ofAna + ofBen), common + ofAna);
    const random = seededRandom(5);
    const shuffled = all.map((item) => [random.fraction(), item] as const).sort(([a], [b]) => a - b);
    const items = shuffled.map(([, item]) => item);
    const ana = sortItems(items.slice(0, common + ofAna));
    const ben = sortItems([...items.slice(0, common), ...items.slice(common + ofAna)]);
    const { wanted, rounds } = await reconcile(ana, ben);
    expect(wanted).toEqual([lacking(ana, ben), lacking(ben, ana)]);
    expect(rounds).toBeLessThanOrEqual(6);
  });

  it('pay for the difference, not for the whole', async () => {
    const all = itemsAt(upTo(5_000));
    const ids = ({ said }: Told) => said.filter(isList).reduce((sum, list) => sum + list.ids.length, 0);
    const ranges = ({ said }: Told) => said.filter(isCompare).reduce((sum, one) => sum + one.ranges.length, 0);
    const same = await reconcile(all, all);
    expect([ids(same), ranges(same), same.rounds]).toEqual([0, 16, 1]);
    const one = await reconcile(all, all.toSpliced(2_345, 1));
    expect(ids(one)).toBeLessThanOrEqual(49);
    expect(ranges(one)).toBeLessThanOrEqual(16 * 3);
  });

  it('tell two messages of one short id apart by their number', async () => {
    const [first, ...others] = itemsAt(upTo(20));
    if (!first) throw new Error('none');
    const twin: Item = { ...first, hash: new Uint8Array(32).fill(0xee) };
    const ana = sortItems([first, twin, ...others]);
    const ben = sortItems([first, ...others]);
    const { wanted } = await reconcile(ana, ben);
    expect(wanted).toEqual([new Set(), new Set([first.short])]);
  });
});

describe('what is said first', () => {
  it('is one range of few messages, sixteen of more, one behind the other, of about as many', async () => {
    for (const [count, pieces] of [
      [0, 1],
      [48, 1],
      [49, 16],
      [1_600, 16],
    ] as const) {
      const { ranges, type, group, salt } = await beginning(GROUP, SALT, itemsAt(upTo(count)));
      expect([type, group, salt, ranges.length]).toEqual(['group-compare', GROUP, SALT, pieces]);
      expect(ranges.reduce((sum, one) => sum + one.count, 0)).toBe(count);
      expect(ranges.map(({ from }) => from !== undefined)).toEqual(ranges.map((_, at) => at === 0));
      if (count === 1_600) expect(ranges.every((one) => one.count === 100)).toBe(true);
      for (const one of ranges) expect(one.print !== undefined).toBe(one.count > 0);
    }
  });

  it('keeps messages of one key together', async () => {
    const items = itemsAt(upTo(60));
    const [first] = items;
    const same = Array.from({ length: 60 }, (_, at) => ({ ...(first as Item), hash: new Uint8Array(32).fill(at) }));
    const { ranges } = await beginning(GROUP, SALT, sortItems(same));
    expect(ranges.map(({ count }) => count).filter((count) => count > 0)).toEqual([60]);
  });

  it('prints differ with the salt and with what is in the range', async () => {
    const printsOf = async (salt: Uint8Array<ArrayBuffer>, items: readonly Item[]) =>
      (await beginning(GROUP, salt, items)).ranges.map(({ print }) => toHex(print ?? new Uint8Array()));
    const items = itemsAt(upTo(10));
    const [own] = await printsOf(SALT, items);
    expect(own).toHaveLength(32);
    expect(await printsOf(new Uint8Array(16), items)).not.toEqual([own]);
    expect(await printsOf(SALT, items.slice(1))).not.toEqual([own]);
    expect(await printsOf(SALT, items)).toEqual([own]);
  });
});

describe('an answer', () => {
  it('to what is the same is nothing; where they have none, all of mine in lists of at most 1,024', async () => {
    const items = itemsAt(upTo(2_500));
    expect(await answerCompare(await beginning(GROUP, SALT, items), items)).toEqual([]);
    const lists = (await answerCompare(await beginning(GROUP, SALT, []), items)).filter(isList);
    expect(lists.map(({ ids, kind }) => [ids.length, kind])).toEqual([
      [MAX_LISTED, 'lacking'],
      [MAX_LISTED, 'lacking'],
      [2_500 - 2 * MAX_LISTED, 'lacking'],
    ]);
    expect(lists.flatMap(({ ids }) => ids.map(toHex))).toEqual(items.map(({ short }) => short));
    for (const [at, list] of lists.entries()) if (at > 0) expect(list.from).toEqual(lists[at - 1]?.until);
  });

  it('where I have little of neighbouring ranges is one list that asks for all of theirs', async () => {
    const theirs = itemsAt(upTo(1_000));
    const mine = theirs.slice(0, 20);
    const answers = await answerCompare(await beginning(GROUP, SALT, theirs), mine);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ type: 'group-list', kind: 'all' });
    const [list] = answers.filter(isList);
    expect(list?.ids.map(toHex)).toEqual(mine.map(({ short }) => short));
  });

  it('where they have few and I have many is the range once more, as I have it', async () => {
    const mine = itemsAt(upTo(200));
    const [answer] = await answerCompare(await beginning(GROUP, SALT, mine.slice(0, 10)), mine);
    expect(answer).toMatchObject({ type: 'group-compare', ranges: [{ count: 200 }] });
  });

  it('takes no more ranges in a message than one may have', async () => {
    const theirs = itemsAt(upTo(8_000));
    const mine = theirs.filter((_, at) => at % 2 === 0);
    const answers = (await answerCompare(await beginning(GROUP, SALT, theirs), mine)).filter(isCompare);
    expect(answers.map(({ ranges }) => ranges.length)).toEqual(
      Array.from({ length: Math.ceil(256 / MAX_RANGES) }, (_, at) => Math.min(MAX_RANGES, 256 - at * MAX_RANGES)),
    );
    for (const { ranges } of answers) expect(ranges[0]?.from).toBeDefined();
  });

  it('to a list that is not whole is nothing; to a whole one, what it lacks', () => {
    const items = itemsAt(upTo(6));
    const [a, b, c] = items as [Item, Item, Item];
    const bound = (at: number) => ({ at, short: new Uint8Array(8) });
    const list = (kind: ListMessage['kind'], ids: readonly Item[], until = 1_004): ListMessage => ({
      type: 'group-list',
      group: GROUP,
      from: bound(1_001),
      until: bound(until),
      kind,
      ids: ids.map(({ hash }) => hash.slice(0, 8)),
    });
    const have = () => 1;
    expect(readList(list('lacking', [a]), items, have)).toEqual({ wanted: [], answers: [] });
    expect(readList(list('lacking', [a]), items, () => 0)).toEqual({ wanted: [a.short], answers: [] });
    // Of the range alone: what lies before and behind it was not asked about.
    const { wanted, answers } = readList(list('all', [b]), items, have);
    expect(wanted).toEqual([]);
    expect(answers.map(({ kind, ids }) => [kind, ids.map(toHex)])).toEqual([['lacking', [c.short, items[3]?.short]]]);
    expect(readList(list('all', items.slice(1, 4)), items, have).answers).toEqual([]);
  });
});

it('what it costs is what lies in the ranges, those that go on from the one before included', async () => {
  const items = itemsAt(upTo(160));
  const { ranges } = await beginning(GROUP, SALT, items);
  expect(costOf(items, ranges)).toBe(160);
  expect(costOf(items, ranges.slice(0, 1))).toBe(10);
  expect(costOf(items, ranges.slice(0, 3))).toBe(30);
  expect(costOf(items, [])).toBe(0);
  // A range that ends before it begins costs nothing.
  const backwards = { from: { at: 1_100, short: new Uint8Array(8) }, until: { at: 1_050, short: new Uint8Array(8) } };
  expect(costOf(items, [backwards])).toBe(0);
});
