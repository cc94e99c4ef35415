// What a receipt claims, which are taken, when they travel (GOSSIP.md, "Receipts").
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { ReceiptExchange } from '../../../src/core/group/gossip/receipt-exchange.ts';
import { Receipts, type Standing, writeReceipt } from '../../../src/core/group/gossip/receipts.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { History } from '../../../src/core/group/history/history.ts';
import { Places } from '../../../src/core/group/history/places.ts';
import { decode } from '../../../src/core/wire/cbor.ts';
import {
  MAX_RECEIPT_BYTES,
  type RefusalOfMember,
  receiptSchema,
  type SignedReceipt,
} from '../../../src/core/wire/group-gossip.ts';
import { MAX_RECEIPT_RANGES, MAX_VIEW_HEADS } from '../../../src/core/wire/group-limits.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

let table: Table;
let ana: Author;
let ben: Author;
let cleo: Author;

/** In the order of their ids, in which receipts name them; the admin among them. */
beforeEach(async () => {
  table = await authors(51, 3);
  [ana, ben, cleo] = [...table.people].sort((a, b) => (a.id < b.id ? -1 : 1)) as [Author, Author, Author];
});

type PlacesOf = ReadonlyMap<string, Places>;

/** Whose disk holds these places. */
function standing(self: Author, here: PlacesOf, seen?: PlacesOf, refused: Standing['refused'] = new Map()): Standing {
  const history = new History(table.members());
  history.places = (author) => here.get(author) ?? new Places();
  return { self: self.id, history, members: table.members(), seen, refused };
}

const read = ({ content }: SignedReceipt) => decode(content, receiptSchema, MAX_RECEIPT_BYTES);
const write = (of: Author, state: Standing, version = 1) => writeReceipt(state, version, of.key.sign);

/** Every second place up to so many holes: the last one is there. */
function holey(holes: number): Places {
  const places = new Places();
  for (let hole = 0; hole <= holes; hole += 1) places.add(2 * hole + 1);
  return places;
}

describe('a receipt', () => {
  it('names for each author but oneself what is here, what was seen, and what will never be taken', async () => {
    const refused = new Map([[cleo.id, new Map<number, RefusalOfMember>([[2, 'too-large']])]]);
    const here = new Map([
      [ana.id, new Places(9)],
      [ben.id, new Places(4, [[2, 3]])],
    ]);
    const seen = new Map([[ben.id, new Places(4, [[1, 3]])]]);
    const { group, from, version, view, marks } = read(await write(ana, standing(ana, here, seen, refused), 7));
    const today = table.members().view;
    expect([group, from, version, view]).toEqual([today.groupId, fromHex(ana.id), 7, [...today.heads]]);
    expect(marks).toEqual([
      { author: 1, delivered: 4, missing: [[2, 3]], read: 4, unread: [[1, 3]] },
      { author: 2, delivered: 0, refused: [{ seq: 2, reason: 'too-large' }] },
    ]);
  });

  it('says nothing of who has written nothing, and nothing of what was seen where that is switched off', async () => {
    const { marks } = read(await write(ana, standing(ana, new Map([[cleo.id, new Places(3)]]))));
    expect(marks).toEqual([{ author: 2, delivered: 3 }]);
  });

  it(`names ${MAX_RECEIPT_RANGES} holes of one author and claims nothing behind them`, async () => {
    const markOf = async (holes: number) => {
      const here = new Map([[ben.id, holey(holes)]]);
      return read(await write(ana, standing(ana, here, here))).marks[0];
    };
    const fits = await markOf(MAX_RECEIPT_RANGES);
    expect([fits?.delivered, fits?.missing?.length, fits?.read, fits?.unread?.length]).toEqual([129, 64, 129, 64]);
    const more = await markOf(MAX_RECEIPT_RANGES + 1);
    expect([more?.delivered, more?.missing?.length, more?.read, more?.unread?.length]).toEqual([129, 64, 129, 64]);
  });

  it('names the last 64 refusals', async () => {
    const places = Array.from({ length: 70 }, (_, at): [number, RefusalOfMember] => [at + 1, 'disk-full']);
    const { marks } = read(await write(ana, standing(ana, new Map(), undefined, new Map([[ben.id, new Map(places)]]))));
    expect(marks[0]?.refused?.map(({ seq }) => seq)).toEqual(places.slice(6).map(([seq]) => seq));
  });

  it('is short enough for everybody, also where all others leave holes on purpose: it claims less', async () => {
    const own = await authors(52, 50);
    const members = own.members();
    const self = own.people[0] as Author;
    const history = new History(members);
    const far = 2 ** 40;
    const holes = new Places(
      far,
      Array.from({ length: 80 }, (_, at): [number, number] => [far / 2 + 2 * at, far / 2 + 2 * at]),
    );
    history.places = () => holes;
    const refused = new Map(Array.from({ length: 80 }, (_, at): [number, RefusalOfMember] => [at + 1, 'too-large']));
    const all = <T>(value: T) => new Map(own.people.map(({ id }): [string, T] => [id, value]));
    const signed = await writeReceipt(
      { self: self.id, history, members, seen: all(holes), refused: all(refused) },
      1,
      self.key.sign,
    );
    expect(signed.content.length).toBeLessThanOrEqual(MAX_RECEIPT_BYTES);
    expect(await new Receipts().take(signed, members)).toBe('new');
    const { marks } = read(signed);
    expect(marks).toHaveLength(49);
    // As much as fits.
    expect(signed.content.length).toBeGreaterThan((MAX_RECEIPT_BYTES * 3) / 4);
    expect(marks.every(({ missing }) => (missing?.length ?? 0) > 0)).toBe(true);
    for (const { delivered, missing = [] } of marks) {
      // Up to the first hole that is not named.
      expect(delivered).toBe(far / 2 + 2 * missing.length - 1);
      expect(missing).toEqual(holes.missing.slice(0, missing.length));
    }
    // One with a gap beside those who do so loses nothing.
    history.places = (author) => (author === own.people[1]?.id ? new Places(5, [[2, 2]]) : holes);
    const beside = read(
      await writeReceipt({ self: self.id, history, members, seen: all(holes), refused: new Map() }, 2, self.key.sign),
    );
    expect(beside.marks.find(({ missing }) => missing?.[0]?.[0] === 2)).toMatchObject({
      delivered: 5,
      missing: [[2, 2]],
    });
  });

  it('with a few who leave holes on purpose says of others with twenty gaps what it would say without them', async () => {
    const own = await authors(52, 50);
    const [self, ...others] = own.people as [Author, ...Author[]];
    const members = own.members();
    const far = 2 ** 40;
    const gaps = Array.from({ length: 80 }, (_, at): [number, number] => [far + 2 * at, far + 2 * at]);
    const holes = new Places(2 * far, gaps);
    const hostile = new Map(others.slice(0, 10).map(({ id }): [string, Places] => [id, holes]));
    const history = new History(members);
    history.places = (author) => hostile.get(author) ?? holey(20);
    const state = { self: self.id, history, members, seen: hostile, refused: new Map() };
    const { marks } = read(await writeReceipt(state, 1, self.key.sign));
    expect(marks.filter(({ delivered, missing }) => delivered === 41 && missing?.length === 20)).toHaveLength(39);
    expect(marks.filter(({ delivered }) => delivered > far)).toHaveLength(10);
  });
});

describe('taking a receipt', () => {
  const here = () => new Map([[ana.id, new Places(2)]]);

  it('keeps the newest of each member', async () => {
    const receipts = new Receipts();
    const signed = await write(ben, standing(ben, here()), 3);
    expect(receipts.of(ben.id)).toBeUndefined();
    expect(await receipts.take(signed, table.members())).toBe('new');
    expect(receipts.all()).toEqual([receipts.of(ben.id)]);
    expect(receipts.of(ben.id)).toMatchObject({ from: ben.id, version: 3, signed });
    expect(receipts.of(ben.id)?.marks).toEqual(new Map([[ana.id, { author: 0, delivered: 2 }]]));
    expect(await receipts.take(await write(ben, standing(ben, here()), 2), table.members())).toBe('old');
    expect(await receipts.take(signed, table.members())).toBe('old');
    expect(await receipts.take(await write(ben, standing(ben, here()), 4), table.members())).toBe('new');
    expect(receipts.of(ben.id)?.version).toBe(4);
  });

  it('refuses what nobody signed, what strangers did, another group’s, and what is no receipt', async () => {
    const receipts = new Receipts();
    const signed = await write(ben, standing(ben, here()));
    const members = table.members();
    const { view } = members;
    const take = (one: SignedReceipt, by = members) => receipts.take(one, by);
    expect(await take(await write(cleo, standing(ben, here())))).toEqual({ refused: 'group-forged' });
    expect(await take({ ...signed, signature: await ben.key.sign(signed.content) })).toEqual({
      refused: 'group-forged',
    });
    expect(await take({ ...signed, content: signed.content.slice(1) })).toEqual({ refused: 'frame-malformed' });
    const elsewhere = { ...members, view: { ...view, groupId: new Uint8Array(32) } };
    expect(await take(signed, elsewhere)).toEqual({ refused: 'group-forged' });
    const invited = {
      ...view,
      member: () => ({ id: ben.id, role: 'member', signKey: ben.key.publicKey, state: 'invited' }),
    };
    const byInvited = { ...members, viewAt: async () => invited as unknown as typeof view };
    expect(await take(signed, byInvited)).toEqual({ refused: 'group-stranger' });
    const nobody = { ...members, viewAt: async () => ({ ...view, member: () => undefined }) };
    expect(await take(signed, nobody)).toEqual({ refused: 'group-stranger' });
    expect(await take(signed, { ...members, viewAt: async () => undefined })).toBe('unknown-heads');
    const fewer = { ...members, viewAt: async () => ({ ...view, members: () => [] }) };
    expect(await take(signed, fewer)).toEqual({ refused: 'frame-malformed' });
    expect(receipts.all()).toEqual([]);
    expect(await take(signed)).toBe('new');
  });
});

describe('where a message stands with a reader', () => {
  let entry: Entry;
  let history: History;
  let receipts: Receipts;

  beforeEach(async () => {
    const first = await table.say(ana, 'first');
    entry = await table.say(ana, 'second', { prev: first });
    history = new History(table.members());
    for (const one of [first, entry]) history.add(one);
    receipts = new Receipts();
  });

  const states = (members = table.members()) => receipts.statesOf(entry, history, members);
  const says = async (here: Places, seen?: Places, refused?: [number, RefusalOfMember]) => {
    const refusals = new Map(refused === undefined ? [] : [[ana.id, new Map([refused])]]);
    const seenOf = seen && new Map([[ana.id, seen]]);
    const version = (receipts.of(ben.id)?.version ?? 0) + 1;
    const signed = await write(ben, standing(ben, new Map([[ana.id, here]]), seenOf, refusals), version);
    expect(await receipts.take(signed, table.members())).toBe('new');
    return states().get(ben.id);
  };

  it('is waiting until they say more, and the author is no reader', () => {
    expect(states()).toEqual(new Map([ben, cleo].map(({ id }) => [id, { state: 'waiting' }])));
  });

  it('is delivered once it is on their disk, and read once they have seen it', async () => {
    expect(await says(new Places(1))).toEqual({ state: 'waiting' });
    expect(await says(new Places(3, [[2, 2]]))).toEqual({ state: 'waiting' });
    expect(await says(new Places(2))).toEqual({ state: 'delivered' });
    expect(await says(new Places(3), new Places(3, [[2, 2]]))).toEqual({ state: 'delivered' });
    expect(await says(new Places(3), new Places(1))).toEqual({ state: 'delivered' });
    expect(await says(new Places(2), new Places(2))).toEqual({ state: 'read' });
    expect(states().get(cleo.id)).toEqual({ state: 'waiting' });
  });

  it('is dropped when they refuse that very place', async () => {
    expect(await says(new Places(1), undefined, [1, 'disk-full'])).toEqual({ state: 'waiting' });
    expect(await says(new Places(1), undefined, [2, 'disk-full'])).toEqual({ state: 'dropped', reason: 'disk-full' });
  });

  it('is not told by a receipt where two stand at its place', async () => {
    history.add(await table.say(ana, 'another', { seq: 2, prev: history.at(ana.id, 1)[0] as Entry }));
    expect(await says(new Places(2), new Places(2))).toEqual({ state: 'waiting' });
    expect(await says(new Places(2), new Places(2), [2, 'too-large'])).toMatchObject({ state: 'dropped' });
  });

  it('is dropped when they are gone without it, and says how; what they had they had', async () => {
    const admin = table.people[0] as Author;
    const goes = (by: Author, who: Author) => table.change('remove', by, who);
    const [gone, left] = [ana, ben, cleo].filter((one) => one !== admin) as [Author, Author];
    const own = await table.say(admin, 'to both');
    history = new History(table.members());
    history.add(own);
    entry = own;
    goes(admin, gone);
    goes(left, left);
    expect(states()).toEqual(
      new Map([gone, left].map(({ id }) => [id, { state: 'dropped', reason: id === left.id ? 'left' : 'removed' }])),
    );
    goes(admin, left);
    expect(states().get(left.id)).toEqual({ state: 'dropped', reason: 'removed' });
  });

  it('whoever is invited and has not come is no reader, until they come', () => {
    const invited = {
      ...entry,
      view: {
        ...entry.view,
        members: () => entry.view.members().map((one) => ({ ...one, state: 'invited' as const })),
      },
    };
    const nobody = { ...table.members(), view: { ...table.members().view, member: () => undefined } };
    expect(receipts.statesOf(invited, history, nobody)).toEqual(new Map());
    expect([...receipts.statesOf(invited, history, table.members()).keys()].sort()).toEqual([ben.id, cleo.id]);
  });
});

describe('when receipts travel', () => {
  const state = () => standing(ana, new Map([[ben.id, new Places(1)]]));
  /** 1 s and 0.1 s for each member. */
  const INTERVAL = 1_300;
  const mine = (exchange: ReceiptExchange, now: number, isUrgent = false) =>
    exchange.mine(state(), ana.key.sign, now, isUrgent);
  const knownOf = (exchange: ReceiptExchange) =>
    exchange.known(table.members()).known?.map(([from, version]) => [toHex(from), version]);

  it('mine is written when something has changed, once an interval, each with a higher version', async () => {
    const exchange = new ReceiptExchange();
    expect(read((await mine(exchange, 0)) as SignedReceipt).version).toBe(1);
    expect(await mine(exchange, 10 * INTERVAL)).toBeUndefined();
    exchange.changed();
    expect(read((await mine(exchange, 10 * INTERVAL)) as SignedReceipt).version).toBe(2);
    exchange.changed();
    expect(await mine(exchange, 11 * INTERVAL - 1)).toBeUndefined();
    expect(read((await mine(exchange, 11 * INTERVAL)) as SignedReceipt).version).toBe(3);
    exchange.changed();
    // A clock that was set back waits no longer than an interval, what is urgent not at all.
    expect(await mine(exchange, 10 * INTERVAL)).toBeDefined();
    exchange.changed();
    expect(await mine(exchange, 10 * INTERVAL, true)).toBeDefined();
    expect(await mine(exchange, 99 * INTERVAL, true)).toBeUndefined();
    expect(knownOf(exchange)).toEqual([[ana.id, 5]]);
  });

  it('mine goes on behind a version of mine that somebody has, and is not written by who has left', async () => {
    const exchange = new ReceiptExchange();
    await exchange.take(ben.id, await write(ana, state(), 41), table.members());
    expect(read((await mine(exchange, 0)) as SignedReceipt).version).toBe(42);
    const left = {
      ...state(),
      members: { ...table.members(), view: { ...table.members().view, member: () => undefined } },
    };
    exchange.changed();
    expect(await exchange.mine(left, ana.key.sign, 99 * INTERVAL, true)).toBeUndefined();
    expect(await mine(exchange, 99 * INTERVAL)).toBeDefined();
  });

  it('mine waits while the membership has more heads than a receipt can name', async () => {
    const exchange = new ReceiptExchange();
    const ofHeads = (count: number) => {
      const heads = Array.from({ length: count }, (_, at) => new Uint8Array(32).fill(at));
      const view = { ...table.members().view, heads };
      return { ...state(), members: { ...table.members(), view, viewAt: async () => view } };
    };
    expect(await exchange.mine(ofHeads(MAX_VIEW_HEADS + 1), ana.key.sign, 0, true)).toBeUndefined();
    const named = (await exchange.mine(ofHeads(MAX_VIEW_HEADS), ana.key.sign, 0, true)) as SignedReceipt;
    expect(read(named).view).toHaveLength(MAX_VIEW_HEADS);
  });

  it('a link is told what its other side has not, once, and of nobody who is no member', async () => {
    const exchange = new ReceiptExchange();
    const members = table.members();
    const bens = await write(ben, standing(ben, new Map()), 2);
    expect(await exchange.take(ben.id, bens, members)).toBe('new');
    await mine(exchange, 0);
    const all = () => exchange.news(members, () => true);
    expect(all()).toEqual([]);
    exchange.heard(cleo.id, []);
    expect(exchange.news(members, (peer) => peer !== cleo.id)).toEqual([]);
    const [news, ...others] = all();
    expect(others).toEqual([]);
    expect(news).toMatchObject({ to: cleo.id, message: { type: 'group-receipts', group: members.view.groupId } });
    expect(news?.message.receipts).toEqual([bens, exchange.receipts.of(ana.id)?.signed]);
    expect(all()).toEqual([]);
    exchange.heard(cleo.id, [[fromHex(ben.id), 2]]);
    expect(all().map(({ message }) => message.receipts.length)).toEqual([1]);
    // What they gave themselves they have.
    exchange.heard(ben.id, [
      [fromHex(ana.id), 1],
      [fromHex(ben.id), 2],
    ]);
    await exchange.take(ben.id, await write(ben, standing(ben, new Map()), 3), members);
    expect(all().map(({ to }) => to)).toEqual([cleo.id]);
    expect(await exchange.take(ben.id, bens, members)).toBe('old');
    exchange.lost(cleo.id);
    await exchange.take(ben.id, await write(ben, standing(ben, new Map()), 4), members);
    expect(all()).toEqual([]);
    exchange.heard(cleo.id, []);
    const without = { ...members, view: { ...members.view, has: (id: string) => id !== ben.id } };
    expect(exchange.news(without, () => true).map(({ message }) => message.receipts.length)).toEqual([1]);
    expect(exchange.known(without).known).toHaveLength(1);
    expect(exchange.known(members)).toMatchObject({
      type: 'group-receipts',
      group: members.view.groupId,
      receipts: [],
    });
  });

  it('off the tree versions are compared every 30 s', async () => {
    const exchange = new ReceiptExchange();
    const members = table.members();
    await mine(exchange, 0);
    for (const { id } of [ben, cleo]) exchange.heard(id, []);
    const offAt = (now: number) => exchange.comparisons(members, (peer) => peer === cleo.id, now);
    expect(offAt(5_000)).toEqual([{ to: cleo.id, message: exchange.known(members) }]);
    expect(offAt(34_999)).toEqual([]);
    expect(offAt(35_000)).toHaveLength(1);
    expect(offAt(5_000)).toHaveLength(1);
  });

  it('travel in messages that fit a frame', async () => {
    const own = await authors(53, 50);
    const members = own.members();
    const exchange = new ReceiptExchange();
    const holes = new Places(
      2 ** 40,
      Array.from({ length: 60 }, (_, at): [number, number] => [2 ** 39 + 2 * at, 2 ** 39 + 2 * at]),
    );
    for (const { id, key } of own.people) {
      const history = new History(members);
      history.places = () => holes;
      const signed = await writeReceipt(
        { self: id, history, members, seen: undefined, refused: new Map() },
        1,
        key.sign,
      );
      await exchange.take('', signed, members);
    }
    exchange.heard('link', []);
    const sizes = exchange.news(members, () => true).map(({ message: { receipts } }) => receipts);
    expect(sizes.flat()).toHaveLength(50);
    expect(sizes.length).toBeGreaterThan(1);
    const bytesOf = (some: readonly SignedReceipt[]) => some.reduce((sum, { content }) => sum + content.length + 64, 0);
    for (const some of sizes) expect(bytesOf(some)).toBeLessThanOrEqual(196_608 + 64);
    // As full as they can be.
    for (const [at, some] of sizes.slice(1).entries()) {
      expect(bytesOf(sizes[at] as SignedReceipt[]) + (some[0]?.content.length ?? 0)).toBeGreaterThan(196_608);
    }
  });
});
