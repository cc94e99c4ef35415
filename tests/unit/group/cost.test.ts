// What one member can make another compute (HISTORY.md, "Bounds"): counted, whatever the machine.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { compareBytes } from '../../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { History } from '../../../src/core/group/history/history.ts';
import {
  answerCompare,
  beginning,
  costOf,
  type Item,
  itemOf,
  readList,
  sortItems,
} from '../../../src/core/group/history/ranges.ts';
import type { Share } from '../../../src/core/group/history/sharing.ts';
import type { Members } from '../../../src/core/group/members-view.ts';
import { Parts } from '../../../src/core/group/parts.ts';
import type { CompareMessage, ListMessage } from '../../../src/core/wire/group-history.ts';
import { MAX_RANGES, MAX_TIME_MS } from '../../../src/core/wire/group-limits.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

/** A table of the first and some others, in the order of their ids: of two the one with the smaller id begins to compare. */
async function table(seed: number, count: number) {
  const own = await authors(seed, count);
  const [admin, ...others] = own.people as [Author, ...Author[]];
  const [low, high] = [...own.people]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .filter((_, at) => at === 0 || at === count - 1);
  return { own, admin, others, low: low as Author, high: high as Author };
}

/** The conversation of one of them, from within. */
const partsOf = (self: Author, members: Members): Parts =>
  new Parts({
    self: self.id,
    sign: self.key.sign,
    clock: new MemoryClock(),
    random: seededRandom(1),
    members,
    readReceipts: true,
  });

/** A line of messages of one author, each with the view that the group has then. */
async function line(
  own: Table,
  author: Author,
  count: number,
  between: (at: number) => void = () => {},
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let at = 0; at < count; at += 1) {
    between(at);
    const last = entries.at(-1);
    entries.push(await own.say(author, `${at}`, { at: 1_000 + at, ...(last === undefined ? {} : { prev: last }) }));
  }
  return entries;
}

/** Signed by nobody: what reads signatures has taken it already. */
const share = (to: string, upTo: readonly Entry[], which = 0): Share => ({
  to,
  upTo: upTo.map(({ hash }) => hash),
  message: {
    type: 'group-share',
    group: new Uint8Array(32),
    content: new Uint8Array(0),
    signature: new Uint8Array(64).fill(which),
  },
});

const until = { at: MAX_TIME_MS + 1, short: new Uint8Array(8) };
const from = { at: 0, short: new Uint8Array(8) };

const comparison = (salt: number, count: number, ranges = 1): CompareMessage => ({
  type: 'group-compare',
  group: new Uint8Array(32),
  salt: new Uint8Array(16).fill(salt),
  ranges: Array.from({ length: ranges }, () => ({ from, until, count, print: new Uint8Array(16) })),
});

describe('who may read what was shared', () => {
  it('is found out once for each view, however many messages and comparisons there are', async () => {
    const { own, admin, others } = await table(1, 3);
    const [cleo, dora] = others as [Author, Author];
    const change = (kind: 'add' | 'remove', target: Author) => own.change(kind, admin, target);
    change('remove', cleo);
    // Written under ten views, in none of which she belongs.
    const entries = await line(
      own,
      admin,
      100,
      (at) => at % 10 === 0 && change(at % 20 === 0 ? 'remove' : 'add', dora),
    );
    change('add', cleo);
    let asked = 0;
    const members = own.members();
    const parts = partsOf(admin, {
      ...members,
      wasRemovedBefore: (...of) => {
        asked += 1;
        return members.wasRemovedBefore(...of);
      },
    });
    for (const entry of entries) parts.history.add(entry);
    parts.grant(share(cleo.id, entries.slice(-1)));
    parts.exchange.met(cleo.id, 0);
    const ids = entries.map(({ short }) => fromHex(short));
    for (let time = 0; time < 5; time += 1) {
      expect(parts.exchange.serve(cleo.id, ids, 0).flatMap(({ messages }) => messages)).toEqual([]);
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(10);
  });
});

describe('who compares', () => {
  /** The one with the larger id, to whom the other begins to compare; `gone`: how often the history was gone through. */
  async function asked() {
    const { own, admin, low, high } = await table(2, 3);
    const entries = await line(own, admin, 60);
    let looks = 0;
    const parts = partsOf(high, own.members());
    const counted = entries.map((entry) => ({
      ...entry,
      get view() {
        looks += 1;
        return entry.view;
      },
    }));
    for (const entry of counted) parts.history.add(entry);
    looks = 0;
    parts.exchange.met(low.id, 0);
    await parts.exchange.compared(low.id, comparison(255, 0), 0);
    const once = looks;
    return { parts, low, high, own, entries, gone: () => looks / once };
  }

  it('begins anew four times at once, and then once in 5 s', async () => {
    const { parts, low, gone } = await asked();
    for (let salt = 0; salt < 127; salt += 1) await parts.exchange.compared(low.id, comparison(salt, 0), 0);
    expect(gone()).toBe(4);
    for (let second = 1; second <= 60; second += 1) {
      for (let salt = 0; salt < 4; salt += 1) {
        await parts.exchange.compared(low.id, comparison(4 * (second % 60) + salt, 0), 1000 * second);
      }
    }
    expect(gone()).toBe(4 + 12);
  });

  it('is always answered when honest: at the beginning of each link, and once in ten seconds from then on', async () => {
    const { parts, low } = await asked();
    for (let link = 0; link < 2; link += 1) {
      parts.exchange.lost(low.id);
      parts.exchange.met(low.id, 0);
      for (let time = 0; time <= 100; time += 1) {
        // Clocks differ, and after a while of silence everything comes at once.
        const now = time < 50 ? 9_900 * time : 9_900 * Math.ceil(time / 4) * 4;
        expect(await parts.exchange.compared(low.id, comparison(time, 99), now)).not.toEqual([]);
      }
    }
  });

  it('cannot begin where it is not theirs to begin', async () => {
    const { own, low, high, entries } = await asked();
    const parts = partsOf(low, own.members());
    for (const entry of entries) parts.history.add(entry);
    parts.exchange.met(high.id, 0);
    const first = await parts.exchange.begin(high.id);
    expect(await parts.exchange.compared(high.id, comparison(1, 99), 0)).toEqual([]);
    expect(
      await parts.exchange.compared(high.id, { ...comparison(1, 99), salt: first?.salt ?? from.short }, 0),
    ).not.toEqual([]);
  });

  it('cannot have everything gone through more than eight times in one exchange, by comparisons or by lists', async () => {
    const { parts, low } = await asked();
    expect(await parts.exchange.compared(low.id, comparison(1, 60, MAX_RANGES), 0)).toEqual([]);
    const all = (salt: number) => parts.exchange.compared(low.id, comparison(salt, 99), 0);
    const list: ListMessage = { type: 'group-list', group: new Uint8Array(32), from, until, kind: 'all', ids: [] };
    let answers = 0;
    for (let time = 0; time < 10; time += 1) {
      if ((await all(2)).length > 0) answers += 1;
      if (parts.exchange.listed(low.id, list, 0).length > 0) answers += 1;
    }
    expect(answers).toBe(8);
  });

  it('needs, when honest, no more than that, however much there is and however it lies', async () => {
    const random = seededRandom(3);
    const shapes: readonly ((at: number) => number)[] = [
      (at) => at, // one after another
      () => Math.floor(random.fraction() * 1_000_000), // anywhere
      (at) => 2 ** (at % 48), // in heaps
    ];
    for (const at of shapes) {
      const items = sortItems(
        Array.from({ length: 5_000 }, (_, index) => {
          const hashBytes = random.bytes(32);
          const entry = { message: { at: at(index) }, short: toHex(hashBytes).slice(0, 16), hashBytes };
          return itemOf(entry as unknown as Entry);
        }),
      );
      const sides: readonly (readonly [number, number])[] = [
        [1, 0.5],
        [0.99, 0.99],
        [0.002, 1],
      ];
      for (const [a, b] of sides) {
        const having = [a, b].map((part) => items.filter(() => random.fraction() < part)) as [Item[], Item[]];
        const rounds = await exchange(having);
        for (const each of rounds) expect(each).toBeLessThanOrEqual(8);
      }
    }
  });
});

/** How often each of two went through all they have, until both have said everything. */
async function exchange(having: readonly [Item[], Item[]]): Promise<[number, number]> {
  const spent: [number, number] = [0, 0];
  const first = await beginning(new Uint8Array(32), new Uint8Array(16), having[0]);
  const open: { readonly to: 0 | 1; readonly message: CompareMessage | ListMessage }[] = [{ to: 1, message: first }];
  for (let one = open.shift(); one !== undefined; one = open.shift()) {
    const { to, message } = one;
    const mine = having[to];
    const isListed = message.type === 'group-list';
    if (!isListed || message.kind === 'all') spent[to] += costOf(mine, isListed ? [message] : message.ranges);
    const answers = isListed ? readList(message, mine, () => 1).answers : await answerCompare(message, mine);
    for (const answer of answers) open.push({ to: to === 0 ? 1 : 0, message: answer });
  }
  return [spent[0] / Math.max(1, having[0].length), spent[1] / Math.max(1, having[1].length)];
}

describe('shares and removals', () => {
  /** `steps`: how often what a message follows was asked for. */
  async function long(count: number) {
    const { own, admin, others } = await table(4, 52);
    const entries = await line(own, admin, count);
    let steps = 0;
    const counted = entries.map((entry) => ({
      ...entry,
      get follows() {
        steps += 1;
        return entry.follows;
      },
    }));
    const parts = partsOf(admin, own.members());
    for (const entry of counted) parts.history.add(entry);
    steps = 0;
    return { own, admin, others, parts, entries: counted, steps: () => steps };
  }

  /** What a member who came later may read: the group's views all hold everybody, so these are of nobody's. */
  const readBy = (parts: Parts, member: Author, entries: readonly Entry[]): number =>
    entries.filter((entry) => {
      const view = { ...entry.view, has: () => false };
      return parts.readers.mayRead(Object.create(entry, { view: { value: view } }) as Entry, member.id);
    }).length;

  it('shares with everybody of one history cost one walk through it, and so do fifty of different ones', async () => {
    for (const distinct of [false, true]) {
      const { parts, others, entries, steps } = await long(200);
      for (const [at, { id }] of others.slice(0, 49).entries()) {
        parts.grant(share(id, [entries[distinct ? 3 * at : 199] as Entry], at));
      }
      expect(steps()).toBe(0);
      for (const [at, member] of others.slice(0, 49).entries()) {
        expect(readBy(parts, member, entries)).toBe(distinct ? 3 * at + 1 : 200);
      }
      expect(steps()).toBeLessThanOrEqual(2 * entries.length);
    }
  });

  it('what is shared is the same in whatever order messages and shares come', async () => {
    const { own, admin, others, entries } = await long(40);
    const random = seededRandom(5);
    for (let time = 0; time < 20; time += 1) {
      const parts = partsOf(admin, own.members());
      const events: (() => void)[] = entries.map((entry) => () => {
        parts.history.add(entry);
        parts.readers.arrived(entry);
      });
      for (const [at, { id }] of others.slice(0, 40).entries()) {
        events.push(() => parts.grant(share(id, [entries[at] as Entry], at)));
      }
      const order = events.map((event) => ({ event, place: random.fraction() })).sort((a, b) => a.place - b.place);
      for (const { event } of order) {
        event();
        if (random.fraction() < 0.2) readBy(parts, others[39] as Author, entries);
      }
      for (const [at, member] of others.slice(0, 40).entries()) expect(readBy(parts, member, entries)).toBe(at + 1);
    }
  });

  it('removals of many cost one walk each time the membership changes', async () => {
    const { own, admin, others } = await table(6, 30);
    const entries: Entry[] = [];
    for (const [at, author] of others.entries())
      entries.push(await own.say(author, `${at}`, { at, after: entries.slice(-1) }));
    entries.push(...(await line(own, admin, 100)));
    for (const [at, { id, key }] of others.entries()) {
      own.operations.write({
        author: admin.id,
        kind: 'remove',
        target: id,
        signKey: key.publicKey,
        role: 'member',
        messages: [(entries[at] as Entry).hashBytes].sort(compareBytes),
      });
    }
    let steps = 0;
    const history = new History(own.members());
    for (const entry of entries) {
      history.add({
        ...entry,
        get follows() {
          steps += 1;
          return entry.follows;
        },
      });
    }
    steps = 0;
    history.judgeBy(own.members());
    expect(
      history
        .shown()
        .map(({ entry: { hash } }) => hash)
        .sort(),
    ).toEqual(entries.map(({ hash }) => hash).sort());
    expect(steps).toBeLessThanOrEqual(4 * entries.length);
  });
});
