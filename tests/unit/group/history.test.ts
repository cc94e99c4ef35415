// HISTORY.md: every rule about what is shown, by its name.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { signingKeyFromSeed } from '../../../src/core/crypto/sign.ts';
import { type Entry, examine } from '../../../src/core/group/history/entry.ts';
import { History } from '../../../src/core/group/history/history.ts';
import { MAX_PARENTS, MAX_TIME_MS } from '../../../src/core/wire/group-limits.ts';
import { type Author, authors, type Table, textOf } from '../../fixtures/group-authors.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const NOW = Date.UTC(2026, 5, 15);
let table: Table;
let [ana, ben, cleo]: Author[] = [];

beforeAll(async () => {
  table = await authors(3, 3);
  [ana, ben, cleo] = table.people as [Author, Author, Author];
});

const say = (author: Author | undefined, text: string, saying: Parameters<Table['say']>[2] = {}) =>
  table.say(author as Author, text, saying);

function historyOf(entries: readonly Entry[]): History {
  const history = new History(table.members());
  for (const entry of entries) history.add(entry);
  return history;
}

const texts = (history: History): string[] => history.shown().map(({ entry }) => textOf(entry));

const shuffled = <T>(all: readonly T[], order: readonly number[]): T[] =>
  all
    .map((one, at) => ({ one, key: order[at] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);

/** Any order in which messages may arrive gives the same. */
async function inAnyOrder(entries: readonly Entry[], expected: readonly string[]): Promise<void> {
  const orders = fc.array(fc.nat(), { minLength: entries.length, maxLength: entries.length });
  fc.assert(
    fc.property(orders, (order) => {
      expect(texts(historyOf(shuffled(entries, order)))).toEqual(expected);
    }),
    { seed: 1, numRuns: 100 },
  );
}

describe('rule parents-first', () => {
  it('shows a message behind everything it follows, in whatever order messages arrive', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(ben, 'b', { at: NOW + 5, after: [a] });
    const c = await say(cleo, 'c', { at: NOW + 3, after: [a] });
    const d = await say(ana, 'd', { at: NOW + 9, prev: a, after: [b, c] });
    await inAnyOrder([a, b, c, d], ['a', 'c', 'b', 'd']);
  });

  it('a clock years behind moves no message before its parents, and hides none', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(ben, 'b', { at: NOW - 3 * YEAR_MS, after: [a] });
    const c = await say(ana, 'c', { at: NOW + 1_000, prev: a, after: [b] });
    await inAnyOrder([c, b, a], ['a', 'b', 'c']);
  });

  it('a clock years ahead, even at the end of time, stops nobody and is followed by whatever comes after', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(ben, 'b', { at: MAX_TIME_MS, after: [a] });
    const c = await say(cleo, 'c', { at: NOW + 1_000, after: [b] });
    const d = await say(ana, 'd', { at: NOW + 2_000, prev: a, after: [c] });
    await inAnyOrder([d, c, b, a], ['a', 'b', 'c', 'd']);
  });

  it('who may not read the parents puts a message at the same place as everybody else', async () => {
    const early = await say(ana, 'far ahead', { at: NOW + YEAR_MS });
    const after = await say(ben, 'after it', { at: NOW, time: NOW + YEAR_MS + 1, after: [early] });
    const other = await say(cleo, 'elsewhere', { at: NOW + 10 });
    expect(texts(historyOf([early, after, other]))).toEqual(['elsewhere', 'far ahead', 'after it']);
    expect(texts(historyOf([after, other]))).toEqual(['elsewhere', 'after it']);
  });
});

describe('rule no-ground-place', () => {
  it('whatever hash an author grinds, their message stays behind its parents and before what follows it', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(cleo, 'b', { at: NOW + 1, after: [a] });
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const ground = await say(ben, 'ground', { at: NOW, after: [a] });
      const after = await say(ana, 'after', { at: NOW + 2, prev: a, after: [b, ground] });
      const order = texts(historyOf([after, ground, b, a]));
      expect(order.indexOf('ground')).toBeGreaterThan(order.indexOf('a'));
      expect(order.at(-1)).toBe('after');
    }
  });

  it('nobody gets before a message of their own', async () => {
    const first = await say(ben, 'first', { at: NOW });
    const second = await say(ben, 'second', { at: NOW - 5 * YEAR_MS, prev: first });
    await inAnyOrder([second, first], ['first', 'second']);
  });
});

describe('rule gaps-shown', () => {
  it('names the parents that are missing once, where they are missed, and the places that are missing of each author', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(ana, 'b', { at: NOW + 1, prev: a });
    const c = await say(ana, 'c', { at: NOW + 2, prev: b });
    const d = await say(ben, 'd', { at: NOW + 3, after: [b, c] });
    const e = await say(cleo, 'e', { at: NOW + 4, after: [b, d] });
    const history = historyOf([e, d, a]);
    expect(history.shown().map(({ missing }) => missing.length)).toEqual([0, 2, 0]);
    expect(history.missing).toEqual(new Set([b.hash, c.hash]));
    history.add(c);
    expect(history.places(a.from).missing).toEqual([[2, 2]]);
    history.add(b);
    expect(history.places(a.from).missing).toEqual([]);
    expect(history.shown().every(({ missing }) => missing.length === 0)).toBe(true);
    expect(texts(history)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('rule equivocation-shown', () => {
  it('two messages at one place of an author are both shown, and marked', async () => {
    const toSome = await say(ben, 'yes', { at: NOW });
    const toOthers = await say(ben, 'no', { at: NOW });
    const history = historyOf([toSome, toOthers]);
    expect(history.shown().map(({ verdict }) => verdict)).toEqual(['conflict', 'conflict']);
    expect(historyOf([toSome]).shown()[0]?.verdict).toBe('counts');
  });

  it('so are two under one id, and one that does not follow its author', async () => {
    const id = new Uint8Array(16).fill(7);
    const one = await say(ben, 'yes', { at: NOW, id });
    const other = await say(ben, 'no', { at: NOW, id, prev: one });
    expect(
      historyOf([one, other])
        .shown()
        .map(({ verdict }) => verdict),
    ).toEqual(['conflict', 'conflict']);
    const theirs = await say(cleo, 'mine', { at: NOW });
    const follows = await say(ben, 'also mine', { at: NOW, prev: theirs });
    expect(
      historyOf([theirs, follows])
        .shown()
        .map(({ verdict }) => verdict),
    ).toEqual(['counts', 'conflict']);
  });

  it('nobody can make a message of another doubtful by taking its id', async () => {
    const id = new Uint8Array(16).fill(8);
    const genuine = await say(ana, 'genuine', { at: NOW, id });
    const copied = await say(ben, 'copied', { at: NOW, id });
    expect(
      historyOf([genuine, copied])
        .shown()
        .map(({ verdict }) => verdict),
    ).toEqual(['counts', 'counts']);
  });
});

describe('rule shown-once', () => {
  it('what arrives again is known for ever', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const history = historyOf([a]);
    expect(history.add(a)).toBe(false);
    expect(texts(history)).toEqual(['a']);
  });

  it('a text that its author sent twice under one id, before and after losing a day to a backup, is shown once', async () => {
    const id = new Uint8Array(16).fill(9);
    const before = await say(ben, 'hello', { at: NOW, id });
    const between = await say(ana, 'between', { at: NOW + 1, after: [before] });
    const again = await say(ben, 'hello', { at: NOW + 2, id, after: [between] });
    await inAnyOrder([again, between, before], ['hello', 'between']);
  });
});

describe('rule removed-void', () => {
  it('of the removed counts what whoever removed them had, and nothing else, not even backdated', async () => {
    const before = table.members().view.heads;
    const own = await authors(3, 3);
    const [admin, gone] = own.people as [Author, Author];
    const old = await own.say(gone, 'before', { at: NOW });
    const seen = await own.say(admin, 'seen', { at: NOW + 1, after: [old] });
    const heads = own.members().view.heads;
    own.change('remove', admin, gone, [seen]);
    const backdated = await own.say(gone, 'backdated', { at: NOW - YEAR_MS, prev: old, view: heads });
    const built = await own.say(admin, 'after', { at: NOW + 3, prev: seen });
    for (const arrival of [
      [old, seen, backdated, built],
      [built, backdated, seen, old],
      [backdated, old, built, seen],
    ]) {
      const history = new History(own.members());
      for (const entry of arrival) history.add(entry);
      expect(texts(history)).toEqual(['before', 'seen', 'after']);
      expect(history.verdict(backdated)).toBe('void');
      expect(history.heads().map(({ hash }) => hash)).toEqual([built.hash]);
      expect(history.places(gone.id).high).toBe(1);
    }
    expect(before.length).toBe(1);
  });

  it('what was shown stops counting when the removal becomes known', async () => {
    const own = await authors(4, 2);
    const [admin, gone] = own.people as [Author, Author];
    const late = await own.say(gone, 'late', { at: NOW });
    const history = new History(own.members());
    history.add(late);
    expect(texts(history)).toEqual(['late']);
    own.change('remove', admin, gone);
    history.judgeBy(own.members());
    expect(texts(history)).toEqual([]);
    expect(history.heads()).toEqual([]);
  });

  it('whoever is removed can sign nothing in a view that knows it', async () => {
    const own = await authors(5, 2);
    const [admin, gone] = own.people as [Author, Author];
    own.change('remove', admin, gone);
    expect(await examine(await own.sign(gone, 'still here'), own.members())).toEqual({
      is: 'refused',
      kind: 'group-stranger',
    });
  });
});

describe('rule proven-author', () => {
  it('refuses what its author did not sign, what belongs to another group, and what has no place', async () => {
    const members = table.members();
    const [one, other] = [ana as Author, ben as Author];
    const foreign = await signingKeyFromSeed(new Uint8Array(32).fill(3));
    const forged = await table.sign(one, 'not mine', {}, other.key);
    const stranger = await table.sign({ id: 'ab'.repeat(32), key: foreign }, 'who?');
    const elsewhere = await table.sign(one, 'elsewhere', { group: new Uint8Array(32).fill(1) });
    const jump = await table.sign(one, 'no first', { seq: 5 });
    const first = await table.say(one, 'first');
    const twice = await table.sign(one, 'twice', { prev: first, after: [first] });
    const kinds = [];
    for (const signed of [forged, stranger, elsewhere, jump, twice]) {
      const examined = await examine(signed, members);
      kinds.push(examined.is === 'refused' ? examined.kind : examined.is);
    }
    expect(kinds).toEqual(['group-forged', 'group-stranger', 'group-forged', 'frame-malformed', 'frame-malformed']);
  });

  it('waits for operations that it does not know', async () => {
    const unknown = new Uint8Array(32).fill(9);
    const signed = await table.sign(ana as Author, 'from tomorrow', { view: [unknown] });
    expect(await examine(signed, table.members())).toEqual({ is: 'unknown-heads', missing: [unknown] });
  });
});

describe('rule few-parents', () => {
  it(`names at most ${MAX_PARENTS} heads, the last ones`, async () => {
    const own = await authors(6, 20);
    const entries: Entry[] = [];
    for (const [at, person] of own.people.entries()) entries.push(await own.say(person, `${at}`, { at: NOW + at }));
    const history = new History(own.members());
    for (const entry of entries) history.add(entry);
    expect(history.heads().map(textOf)).toEqual(entries.slice(-MAX_PARENTS).map(textOf));
  });
});

it('what equal views come to is judged once for each author, at the start and when the membership changes', async () => {
  const own = await authors(8, 3);
  const members = own.members();
  const entries: Entry[] = [];
  for (let at = 0; at < 60; at += 1) {
    const entry = await own.say(own.people[at % 3] as Author, `${at}`, { at: NOW + at });
    // Each with a view of its own, as when messages name many views in turn.
    entries.push({ ...entry, view: { ...entry.view } });
  }
  let judged = 0;
  const counting = {
    ...members,
    judge: (...of: Parameters<typeof members.judge>) => {
      judged += 1;
      return members.judge(...of);
    },
  };
  const history = new History(counting);
  for (const entry of entries) history.add(entry);
  expect(texts(history)).toHaveLength(60);
  expect(judged).toBe(3);
  history.judgeBy(counting);
  expect(texts(history)).toHaveLength(60);
  expect(judged).toBe(6);
});

describe('what is asked of an author’s messages', () => {
  it('the last one that counts, one place, and whether an id is taken', async () => {
    const own = await authors(12, 2);
    const [admin, gone] = own.people as [Author, Author];
    const first = await own.say(gone, 'first', { at: NOW });
    const second = await own.say(gone, 'second', { at: NOW + 1, prev: first });
    const history = new History(own.members());
    expect(history.lastOf(gone.id)).toBeUndefined();
    expect(history.at(gone.id, 1)).toEqual([]);
    expect([history.add(first), history.add(second)]).toEqual([true, true]);
    expect(history.lastOf(gone.id)).toBe(second);
    expect([1, 2, 3].map((seq) => history.at(gone.id, seq))).toEqual([[first], [second], []]);
    expect([gone.id, admin.id].map((id) => history.hasId(id, second.message.id))).toEqual([true, false]);
    own.change('remove', admin, gone, [first]);
    history.judgeBy(own.members());
    expect(history.lastOf(gone.id)).toBe(first);
    expect([1, 2].map((seq) => history.at(gone.id, seq))).toEqual([[first], []]);
    expect(history.hasId(gone.id, second.message.id)).toBe(false);
  });

  it('of two at the last place everybody takes the same for the last, whichever came first', async () => {
    const [one, other] = [await say(ben, 'yes', { at: NOW }), await say(ben, 'no', { at: NOW })];
    const smaller = one.hash < other.hash ? one : other;
    expect(historyOf([one, other]).lastOf(one.from)).toBe(smaller);
    expect(historyOf([other, one]).lastOf(one.from)).toBe(smaller);
    expect(new Set(historyOf([one, other]).at(one.from, 1))).toEqual(new Set([one, other]));
  });

  it('those that lead everybody to all of them: the last, and the last before each gap of somebody’s', async () => {
    const own = await authors(13, 3);
    const [admin, ben, away] = own.people as [Author, Author, Author];
    const change = (kind: 'add' | 'remove') => own.change(kind, admin, away);
    const line: Entry[] = [];
    const speaks = async () => {
      const prev = line.at(-1);
      line.push(await own.say(admin, `${line.length}`, { at: NOW + line.length, ...(prev && { prev }) }));
    };
    await speaks();
    await speaks();
    change('remove');
    await speaks();
    await speaks();
    change('add');
    await speaks();
    await speaks();
    const others = await own.say(ben, 'of somebody else', { at: NOW + 50, after: line.slice(-1) });
    const history = new History(own.members());
    for (const entry of [...line, others]) history.add(entry);
    // Whoever was away reads 1 and 5; those between follow each other for the others.
    expect(history.leading(admin.id).map(textOf)).toEqual(['5', '1']);
    expect(history.leading(ben.id)).toEqual([others]);
    expect(history.leading(away.id)).toEqual([]);
  });

  it('its place in time: behind everything it follows, and of what is not here none', async () => {
    const a = await say(ana, 'a', { at: NOW });
    const b = await say(ben, 'b', { at: NOW - 5, after: [a] });
    const c = await say(cleo, 'c', { at: NOW - 5, after: [b] });
    const history = historyOf([c, a]);
    expect([a, b, c].map((entry) => history.timeOf(entry))).toEqual([NOW, 0, NOW - 5]);
    history.add(b);
    expect([a, b, c].map((entry) => history.timeOf(entry))).toEqual([NOW, NOW + 1, NOW + 2]);
  });

  it('one that skips places of its author, or follows a later one, is in conflict with itself', async () => {
    const first = await say(ben, 'first', { at: NOW });
    const skips = await say(ben, 'skips', { at: NOW + 1, prev: first, seq: 3 });
    const history = historyOf([first, skips]);
    expect([first, skips].map((entry) => history.verdict(entry))).toEqual(['counts', 'conflict']);
    const lonely = await say(ben, 'whose last is not here', { at: NOW + 1, prev: first });
    expect(historyOf([lonely]).verdict(lonely)).toBe('counts');
  });

  it('what is void makes nothing doubtful, and a text that is void repeats nothing', async () => {
    const own = await authors(14, 2);
    const [admin, gone] = own.people as [Author, Author];
    const id = new Uint8Array(16).fill(3);
    const seen = await own.say(gone, 'hello', { at: NOW, id });
    const { heads } = own.members().view;
    own.change('remove', admin, gone, [seen]);
    const other = await own.say(gone, 'other', { at: NOW - 1, id, view: heads });
    const again = await own.say(gone, 'hello', { at: NOW - 1, id, view: heads });
    const history = new History(own.members());
    for (const entry of [other, again, seen]) history.add(entry);
    expect([seen, other, again].map((entry) => history.verdict(entry))).toEqual(['counts', 'void', 'void']);
    expect(texts(history)).toEqual(['hello']);
  });

  it('of one removed by two, only what both had', async () => {
    const own = await authors(15, 3);
    const [admin, gone] = own.people as [Author, Author];
    const first = await own.say(gone, 'first', { at: NOW });
    const second = await own.say(gone, 'second', { at: NOW + 1, prev: first });
    const other = await own.say(gone, 'third', { at: NOW + 2, prev: second });
    for (const had of [other, first]) own.change('remove', admin, gone, [had]);
    const history = new History(own.members());
    for (const entry of [first, second, other]) history.add(entry);
    expect(texts(history)).toEqual(['first']);
    expect([first, second, other].map((entry) => history.verdict(entry))).toEqual(['counts', 'void', 'void']);
  });

  it('what is void is shown to its author alone: once for each id, and not where one of that id counts', async () => {
    const own = await authors(17, 2);
    const [admin, gone] = own.people as [Author, Author];
    const [id, lost] = [3, 4].map((fill) => new Uint8Array(16).fill(fill)) as [Uint8Array, Uint8Array];
    const seen = await own.say(gone, 'hello', { at: NOW, id });
    const { heads } = own.members().view;
    own.change('remove', admin, gone, [seen]);
    const again = await own.say(gone, 'hello', { at: NOW + 1, id, view: heads });
    const late = await own.say(gone, 'late', { at: NOW + 2, id: lost, view: heads });
    const twice = await own.say(gone, 'late', { at: NOW + 3, id: lost, view: heads });
    const history = new History(own.members());
    for (const entry of [seen, again, late, twice]) history.add(entry);
    const shownTo = (self?: string) => history.shown(self).map(({ entry, verdict }) => [textOf(entry), verdict]);
    expect(shownTo(gone.id)).toEqual([
      ['hello', 'counts'],
      ['late', 'void'],
    ]);
    for (const other of [admin.id, undefined]) expect(shownTo(other)).toEqual([['hello', 'counts']]);
    expect(history.lost(gone.id, lost)).toBe(late);
    expect([history.lost(gone.id, id), history.lost(admin.id, lost)]).toEqual([undefined, undefined]);
  });
});

it(`all heads are named while they are ${MAX_PARENTS}, whatever their order`, async () => {
  const own = await authors(16, MAX_PARENTS);
  const entries: Entry[] = [];
  for (const [at, person] of own.people.entries()) entries.push(await own.say(person, `${at}`, { at: NOW - at }));
  const history = new History(own.members());
  for (const entry of entries) history.add(entry);
  expect(new Set(history.heads())).toEqual(new Set(entries));
  expect(history.find(entries[3]?.hash ?? '')).toBe(entries[3]);
});
