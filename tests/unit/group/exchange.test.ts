// What two members say to each other until both have everything, and what one of them can make the other do (HISTORY.md, "Exchange"
// and "Bounds").
import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { Exchange } from '../../../src/core/group/history/exchange.ts';
import { PATIENCE_MS } from '../../../src/core/group/history/fetching.ts';
import { History } from '../../../src/core/group/history/history.ts';
import type { CompareMessage, FillMessage, ListMessage } from '../../../src/core/wire/group-history.ts';
import { MAX_FILL_BYTES, MAX_FILLED, MAX_TIME_MS } from '../../../src/core/wire/group-limits.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

const group = new Uint8Array(32).fill(4);
/** In the order of ids: of two the first begins. */
const [ana, ben, cleo] = ['1a', '2b', '3c'].map((one) => one.repeat(32)) as [string, string, string];
/** Half an hour: no time has just begun. */
const NOW = 1_800_000;

let table: Table;
let said: Entry[];

beforeEach(async () => {
  table = await authors(41, 2);
  said = [];
  for (let at = 0; at < 4; at += 1) {
    const prev = said.at(-1);
    const entry = await table.say(table.people[0] as Author, `${at}`, { at: 1_000 + at, ...(prev && { prev }) });
    said.push(entry);
  }
});

type MayRead = (entry: Entry, member: string) => boolean;

function exchangeOf(self: string, entries: readonly Entry[], mayRead: MayRead = () => true) {
  const history = new History(table.members());
  for (const entry of entries) history.add(entry);
  return { history, exchange: new Exchange({ self, group, history, random: seededRandom(1), mayRead }) };
}

/** One who is linked with all three from now on. */
function linked(self: string, entries: readonly Entry[] = said, mayRead?: MayRead): Exchange {
  const { exchange } = exchangeOf(self, entries, mayRead);
  for (const peer of [ana, ben, cleo]) if (peer !== self) exchange.met(peer, NOW);
  return exchange;
}

const until = { at: MAX_TIME_MS + 1, short: new Uint8Array(8) };
const from = { at: 0, short: new Uint8Array(8) };

/** A comparison of everything, by somebody who has one message that nobody else has. */
const comparison = (salt: number): CompareMessage => ({
  type: 'group-compare',
  group,
  salt: new Uint8Array(16).fill(salt),
  ranges: [{ from, until, count: 1, print: new Uint8Array(16) }],
});
const listOf = (entries: readonly Entry[], kind: ListMessage['kind'] = 'lacking'): ListMessage => ({
  type: 'group-list',
  group,
  from,
  until,
  kind,
  ids: entries.map(({ short }) => fromHex(short)),
});
const counts = (messages: readonly (CompareMessage | ListMessage)[]) =>
  messages.map((message) => (message.type === 'group-list' ? message.ids.length : message.ranges.length));

describe('the first word', () => {
  it('is said by the one with the smaller id, to whom they are linked with, about all that both may read', async () => {
    const exchange = linked(ben);
    expect(await exchange.begin(ana)).toBeUndefined();
    expect(await exchange.begin(cleo)).toMatchObject({ type: 'group-compare', group, ranges: [{ count: 4 }] });
    exchange.lost(cleo);
    expect(await exchange.begin(cleo)).toBeUndefined();
  });

  it('has a salt of its own each time', async () => {
    const exchange = linked(ben);
    const [one, other] = [await exchange.begin(cleo), await exchange.begin(cleo)];
    expect(one?.salt).toHaveLength(16);
    expect(one?.salt).not.toEqual(other?.salt);
  });

  it.each([
    ['the other may not read', (entry: Entry, member: string) => member !== cleo || entry.message.seq > 1, 3],
    ['I may not read', (entry: Entry, member: string) => member !== ben || entry.message.seq > 3, 1],
    ['nobody may read', () => false, 0],
    ['a third may not read', (_: Entry, member: string) => member !== ana, 4],
  ])('of what %s says nothing, or all', async (_what, mayRead, count) => {
    expect(await linked(ben, said, mayRead).begin(cleo)).toMatchObject({ ranges: [{ count }] });
  });

  it('says nothing of what does not count', async () => {
    const { exchange, history } = exchangeOf(ben, said);
    exchange.met(cleo, NOW);
    history.verdict = (entry) => (entry.message.seq === 2 ? 'void' : 'conflict');
    expect(await exchange.begin(cleo)).toMatchObject({ ranges: [{ count: 3 }] });
  });
});

describe('comparing anew', () => {
  const dueAt = async (exchange: Exchange, now: number) => (await exchange.due(now)).map(({ to }) => to);

  it('happens every ten minutes, whichever way a clock jumps', async () => {
    const exchange = linked(ana);
    expect(await dueAt(exchange, NOW + 599_999)).toEqual([]);
    const first = await exchange.due(NOW + 600_000);
    expect(first).toMatchObject([{ to: ben, message: { ranges: [{ count: 4 }] } }, { to: cleo }]);
    expect(await dueAt(exchange, NOW + 1_199_999)).toEqual([]);
    expect(await dueAt(exchange, NOW)).toEqual([ben, cleo]);
  });

  it('is due for the one with the larger id too, who says nothing', async () => {
    const exchange = linked(cleo);
    expect(await dueAt(exchange, NOW + 600_000)).toEqual([]);
  });

  it('happens once with whom a share lets read more, and with everybody when that is me', async () => {
    const exchange = linked(ana);
    exchange.shared(cleo);
    expect(await dueAt(exchange, NOW)).toEqual([cleo]);
    expect(await dueAt(exchange, NOW + 10_000)).toEqual([]);
    exchange.shared(ana);
    expect(await dueAt(exchange, NOW + 10_000)).toEqual([ben, cleo]);
    // It was compared then: ten minutes from there.
    expect(await dueAt(exchange, NOW + 609_999)).toEqual([]);
    expect(await dueAt(exchange, NOW + 610_000)).toEqual([ben, cleo]);
  });

  it('for shares happens every 10 s at most, and what came meanwhile is not forgotten', async () => {
    const exchange = linked(ana);
    exchange.shared(ben);
    expect(await dueAt(exchange, NOW)).toEqual([ben]);
    exchange.shared(ben);
    expect(await dueAt(exchange, NOW + 9_999)).toEqual([]);
    expect(await dueAt(exchange, NOW + 10_000)).toEqual([ben]);
  });

  it('because ten minutes have passed lets a share wait no longer', async () => {
    const exchange = linked(ana);
    expect(await dueAt(exchange, NOW + 600_000)).toEqual([ben, cleo]);
    exchange.shared(ben);
    expect(await dueAt(exchange, NOW + 600_001)).toEqual([ben]);
  });
});

describe('an answer to a comparison', () => {
  it('is given to whom there is a link with, and begins an exchange only where they are the one to begin', async () => {
    const exchange = linked(ben);
    expect(counts(await exchange.compared(ana, comparison(1), NOW))).toEqual([4]);
    expect(await exchange.compared(cleo, comparison(1), NOW)).toEqual([]);
    expect(await exchange.compared('dd'.repeat(32), comparison(1), NOW)).toEqual([]);
  });

  it('goes on in an exchange that I began', async () => {
    const exchange = linked(ben);
    const first = await exchange.begin(cleo);
    const salt = first?.salt ?? new Uint8Array(16);
    expect(counts(await exchange.compared(cleo, { ...comparison(0), salt }, NOW))).toEqual([4]);
    // Of an exchange before this one.
    await exchange.begin(cleo);
    expect(await exchange.compared(cleo, { ...comparison(0), salt }, NOW)).toEqual([]);
  });

  it('is about what was there when the exchange began', async () => {
    const { exchange, history } = exchangeOf(ben, said.slice(0, 2));
    exchange.met(ana, NOW);
    expect(counts(await exchange.compared(ana, comparison(1), NOW))).toEqual([2]);
    history.add(said[2] as Entry);
    expect(counts(await exchange.compared(ana, comparison(1), NOW))).toEqual([2]);
    expect(counts(await exchange.compared(ana, comparison(2), NOW))).toEqual([3]);
  });

  it('goes eight times through all there is in one exchange, lists of everything among them, and no more', async () => {
    const exchange = linked(ben);
    for (let round = 0; round < 4; round += 1) {
      expect(counts(await exchange.compared(ana, comparison(1), NOW))).toEqual([4]);
      expect(counts(exchange.listed(ana, listOf([], 'all'), NOW))).toEqual([4]);
    }
    expect(await exchange.compared(ana, comparison(1), NOW)).toEqual([]);
    expect(exchange.listed(ana, listOf([], 'all'), NOW)).toEqual([]);
    expect(counts(await exchange.compared(ana, comparison(2), NOW))).toEqual([4]);
  });

  it('begins four exchanges at once, and another every 5 s', async () => {
    const exchange = linked(ben);
    for (let salt = 1; salt <= 4; salt += 1) {
      expect(counts(await exchange.compared(ana, comparison(salt), NOW))).toEqual([4]);
    }
    expect(await exchange.compared(ana, comparison(5), NOW)).toEqual([]);
    // The last one goes on: it costs no beginning.
    expect(counts(await exchange.compared(ana, comparison(4), NOW))).toEqual([4]);
    expect(await exchange.compared(ana, comparison(6), NOW + 4_999)).toEqual([]);
    expect(counts(await exchange.compared(ana, comparison(6), NOW + 5_000))).toEqual([4]);
  });

  it('is given to 128 comparisons and lists at once, and to four a second', async () => {
    const exchange = linked(ben, []);
    const asks = async (now: number) => {
      const before = exchange.fetching.waiting;
      exchange.listed(ana, { ...listOf([]), ids: [seededRandom(before + 7).bytes(8)] }, now);
      return exchange.fetching.waiting > before;
    };
    for (let at = 0; at < 127; at += 1) expect(await asks(NOW)).toBe(true);
    expect(await exchange.compared(ana, comparison(1), NOW)).toHaveLength(1);
    expect(await asks(NOW)).toBe(false);
    expect(await exchange.compared(ana, comparison(1), NOW)).toEqual([]);
    expect(await asks(NOW + 250)).toBe(true);
    expect(await asks(NOW + 250)).toBe(false);
  });
});

describe('a list', () => {
  it('says what to ask for, and of a whole one what they lack is told', async () => {
    const exchange = linked(ben, said.slice(0, 2));
    await exchange.compared(ana, comparison(1), NOW);
    const answers = exchange.listed(ana, listOf([said[1], said[2]] as Entry[], 'all'), NOW);
    expect(answers).toMatchObject([{ kind: 'lacking', ids: [said[0]?.hashBytes.slice(0, 8)] }]);
    expect(exchange.wants(NOW)).toEqual([
      { to: ana, message: { type: 'group-want', group, ids: [said[2]?.hashBytes.slice(0, 8)] } },
    ]);
    expect(exchange.wants(NOW)).toEqual([]);
  });

  it('of what is lacking costs nothing, and nobody is told anything', async () => {
    const exchange = linked(ben, []);
    expect(exchange.listed(ana, listOf(said), NOW)).toEqual([]);
    expect(exchange.wants(NOW)).toMatchObject([{ to: ana, message: { ids: { length: 4 } } }]);
  });

  it('of everything, before any comparison, tells nothing of what is here', () => {
    const exchange = linked(ben);
    expect(exchange.listed(ana, listOf([], 'all'), NOW)).toEqual([]);
  });

  it('of somebody there is no link with is nothing', () => {
    const exchange = linked(ben, []);
    expect(exchange.listed('dd'.repeat(32), listOf(said), NOW)).toEqual([]);
    expect(exchange.fetching.waiting).toBe(0);
  });

  it('of somebody who has gone is asked of nobody', () => {
    const exchange = linked(ben, []);
    exchange.listed(ana, listOf(said), NOW);
    exchange.lost(ana);
    expect(exchange.wants(NOW + PATIENCE_MS)).toEqual([]);
  });
});

describe('what somebody asked for', () => {
  const ids = (entries: readonly Entry[]) => entries.map(({ short }) => fromHex(short));
  const given = (fills: readonly FillMessage[]) => fills.map(({ messages }) => messages.length);

  it('is given as far as it is here and for them; of the rest they are told that there is none', () => {
    const exchange = linked(ben, said.slice(0, 3), (entry, member) => member === ana && entry.message.seq !== 2);
    const [first, second, third, fourth] = said as [Entry, Entry, Entry, Entry];
    expect(exchange.serve(ana, ids([first, second, third, fourth]), NOW)).toEqual([
      {
        type: 'group-fill',
        group,
        messages: [first, third].map(({ signed }) => [signed.content, signed.signature]),
        none: ids([second, fourth]),
      },
    ]);
    expect(exchange.serve(ana, ids([fourth]), NOW)).toEqual([
      { type: 'group-fill', group, messages: [], none: ids([fourth]) },
    ]);
    expect(exchange.serve(ana, [], NOW)).toEqual([]);
  });

  it('is not given to whom there is no link with', () => {
    const exchange = linked(ben);
    expect(exchange.serve('dd'.repeat(32), ids(said), NOW)).toEqual([]);
  });

  it('is given twice for nothing, then for its bytes out of 1 MiB and 64 KiB a second, until they connect again', () => {
    const big = withContent(1_048_576 - 64);
    const exchange = linkedTo([big]);
    const asks = (now: number) => given(exchange.serve(ana, [fromHex(big.short)], now));
    expect([asks(NOW), asks(NOW), asks(NOW)]).toEqual([[1], [1], [1]]);
    expect(asks(NOW)).toEqual([]);
    expect(asks(NOW + 15_999)).toEqual([]);
    expect(asks(NOW + 16_000)).toEqual([1]);
    expect(asks(NOW + 16_000)).toEqual([]);
    exchange.met(ana, NOW + 16_000);
    expect([asks(NOW + 16_000), asks(NOW + 16_000)]).toEqual([[1], [1]]);
  });

  it('of which there are two with one short id comes as both', () => {
    const [one, other] = said as [Entry, Entry];
    const exchange = linkedTo([one, { ...other, short: one.short }]);
    expect(given(exchange.serve(ana, [fromHex(one.short)], NOW))).toEqual([2]);
  });

  it('comes in fillings of as many bytes as fit, and 512 messages', () => {
    const half = [1, 2, 3, 4].map((which) => withContent(MAX_FILL_BYTES / 2, which));
    const all = (entries: readonly Entry[]) => linkedTo(entries).serve(ana, [...ids(entries), nowhere], NOW);
    expect(given(all(half))).toEqual([2, 2]);
    // Only the last one says what is not here.
    expect(all(half).map(({ none }) => none)).toEqual([[], [nowhere]]);
    expect(all(half).every(({ group: of, type }) => of === group && type === 'group-fill')).toBe(true);
    expect(given(all([withContent(MAX_FILL_BYTES / 2 + 1, 5), ...half]))).toEqual([1, 2, 2]);
    const large = [6, 7].map((which) => withContent(MAX_FILL_BYTES + 1, which));
    expect(given(all(large))).toEqual([1, 1]);
    const small = Array.from({ length: MAX_FILLED + 1 }, (_, which) => withContent(10, which + 100));
    expect(given(all(small))).toEqual([MAX_FILLED, 1]);
    expect(given(all(small.slice(1)))).toEqual([MAX_FILLED]);
  });

  const nowhere = new Uint8Array(8).fill(0xee);

  /** Signed by nobody: of what size it is, is all that counts here. */
  function withContent(length: number, which = 0): Entry {
    const hashBytes = seededRandom(which + 1).bytes(32);
    const hash = toHex(hashBytes);
    const signed = { content: new Uint8Array(length), signature: new Uint8Array(64) };
    return { ...(said[0] as Entry), hash, hashBytes, short: hash.slice(0, 16), signed };
  }

  function linkedTo(entries: readonly Entry[]): Exchange {
    const { exchange, history } = exchangeOf(ben, []);
    history.byShort = (short) => entries.filter((entry) => entry.short === short);
    exchange.met(ana, NOW);
    return exchange;
  }
});
