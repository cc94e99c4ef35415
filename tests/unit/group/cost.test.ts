// What one member can make another compute (HISTORY.md, "Bounds"): counted, whatever the machine.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { compareBytes } from '../../../src/core/bytes/bytes.ts';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { History } from '../../../src/core/group/history/history.ts';
import type { Share } from '../../../src/core/group/history/sharing.ts';
import type { Members } from '../../../src/core/group/members-view.ts';
import { Parts } from '../../../src/core/group/parts.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

/** A table of an admin and others. */
async function table(seed: number, count: number) {
  const own = await authors(seed, count);
  const [admin, ...others] = own.people as [Author, ...Author[]];
  return { own, admin, others };
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

describe('who may read what was shared', () => {
  it('is found out once for each view, however many messages and comparisons there are', async () => {
    const { own, admin, others } = await table(1, 3);
    const [cleo, dora] = others as [Author, Author];
    const change = (kind: 'add' | 'remove', target: Author) =>
      own.operations.write({
        author: admin.id,
        kind,
        target: target.id,
        signKey: target.key.publicKey,
        role: 'member',
        messages: [],
      });
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
