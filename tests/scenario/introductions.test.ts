// Whole nodes: Ana, who has verified Ben and Cleo and is verified by both, makes them known to each other.

import * as v from 'valibot';
import { beforeEach, describe, expect, it } from 'vitest';
import { decode, encode } from '../../src/core/wire/cbor.ts';
import { person } from '../fixtures/people.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const DAY = 86_400_000;
const NO_LIFE = { received: [], given: [] };

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;

/** They meet, and each says that they have compared. */
async function verifyEachOther(one: Villager, other: Villager): Promise<void> {
  await village.introduce(one, other, 'accept-verified');
  expect([(await one.with(other))?.trust, (await other.with(one))?.trust]).toEqual(['verified', 'verified']);
}

beforeEach(async () => {
  village = new Village(400);
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  cleo = await village.person('Cleo');
  await verifyEachOther(ana, ben);
  await verifyEachOther(ana, cleo);
});

const received = async (who: Villager) => (await who.snapshot()).introductions.received;
const given = async (who: Villager) => (await who.snapshot()).introductions.given;

async function introduce(one: Villager = ben, other: Villager = cleo): Promise<string> {
  const made = await ana.node.introduce(await ana.idOf(one), await ana.idOf(other));
  if (!made.ok) throw new Error(made.kind);
  return made.value.introductionId;
}

const until = (who: Villager, state: string) =>
  village.until(async () => (await received(who)).map((one) => one.state).join() === state, `${who.name}: ${state}`);
const asked = (...people: Villager[]) => Promise.all(people.map((who) => until(who, 'asked')));

async function answer(who: Villager, how: 'accept' | 'refuse'): Promise<void> {
  const [first] = await received(who);
  expect(await who.node.answerIntroduction(first?.id ?? '', how)).toMatchObject({ ok: true });
}

async function bothAccept(): Promise<void> {
  await asked(ben);
  await answer(ben, 'accept');
  await asked(cleo);
  await answer(cleo, 'accept');
}

const delivered = (expected: readonly boolean[]) =>
  village.until(async () => (await given(ana))[0]?.delivered.join() === expected.join(), `delivered: ${expected}`);

async function away(who: Villager): Promise<void> {
  await who.close();
  await village.until(async () => (await ana.with(who))?.presence === 'offline', `${who.name} is away`);
}

async function expectIntroduced(by = 'Ana'): Promise<void> {
  for (const [one, other] of [
    [ben, cleo],
    [cleo, ben],
  ] as const) {
    expect(await one.with(other)).toMatchObject({ trust: 'introduced', introducedBy: by, state: 'active' });
    expect(await received(one)).toEqual([]);
  }
}

describe('an introduction', () => {
  it('asks both, and when both say yes they are contacts, introduced by Ana and by nobody verified', async () => {
    await introduce();
    await asked(ben, cleo);
    expect(await received(ben)).toMatchObject([
      { state: 'asked', by: await ben.idOf(ana), byName: 'Ana', byVerified: true, name: 'Cleo' },
    ]);
    expect((await received(ben))[0]?.number).toBe(await cleo.number());
    await bothAccept();
    await village.together(ben, cleo);
    await expectIntroduced();
    await ben.write(cleo, 'Ana says hello');
    await village.until(async () => (await cleo.texts(ben, 'in')).join() === 'Ana says hello');
    await village.until(async () => (await ben.states(cleo)).join() === 'delivered');
    // To Ana they are what they were, and nobody has told her.
    expect((await ana.snapshot()).conversations).toHaveLength(2);
  });

  it('is worth a comparison: then it is verified, on the side that compared', async () => {
    await introduce();
    await bothAccept();
    await village.together(ben, cleo);
    expect(await ben.node.markVerified(await ben.idOf(cleo))).toMatchObject({ ok: true });
    expect((await ben.with(cleo))?.trust).toBe('verified');
    expect((await ben.with(cleo))?.introducedBy).toBeUndefined();
    expect((await cleo.with(ben))?.trust).toBe('introduced');
  });

  it('waits at Ana’s, also over a reload of hers, until each of the two has been online', async () => {
    await away(ben);
    await away(cleo);
    await introduce();
    await ana.close();
    await ana.start();
    expect((await given(ana))[0]?.delivered).toEqual([false, false]);
    await ben.start();
    await delivered([true, false]);
    await asked(ben);
    await answer(ben, 'accept');
    expect(await received(ben)).toMatchObject([{ state: 'waiting', kind: null, name: 'Cleo' }]);
    await Promise.all([ana.close(), ben.close()]);
    await village.pass(3 * DAY);
    await Promise.all([ana.start(), ben.start(), cleo.start()]);
    await delivered([true, true]);
    await asked(cleo);
    await answer(cleo, 'accept');
    await village.together(ben, cleo);
    await expectIntroduced();
  });

  it('needs Ana no more once both have it; whoever answers later is met later', async () => {
    await introduce();
    await asked(ben, cleo);
    await delivered([true, true]);
    await ana.close();
    await answer(ben, 'accept');
    await Promise.all([ben.close(), cleo.close()]);
    await village.pass(10 * DAY);
    await cleo.start();
    await answer(cleo, 'accept');
    await ben.start();
    await village.together(ben, cleo);
    await expectIntroduced();
  });

  it('keeps saying by whom when Ana is gone from the list, by the name she had', async () => {
    await introduce();
    await bothAccept();
    await village.together(ben, cleo);
    await ana.node.rename('Ana Maria');
    await village.until(async () => (await ben.with(cleo))?.introducedBy === 'Ana Maria');
    await ben.node.removeContact(await ben.idOf(ana));
    await ben.close();
    await ben.start();
    expect(await ben.with(cleo)).toMatchObject({ trust: 'introduced', introducedBy: 'Ana' });
  });

  it('tells no nickname that Ana has for them', async () => {
    await ana.node.setNickname(await ana.idOf(cleo), 'The loud one');
    await introduce();
    await asked(ben);
    expect((await received(ben))[0]?.name).toBe('Cleo');
  });

  it('of the same two is the same one while it is open; of somebody and themselves it is none', async () => {
    const [bens, cleos] = [await ana.idOf(ben), await ana.idOf(cleo)];
    const first = await introduce();
    expect(await introduce(cleo, ben)).toBe(first);
    expect(await given(ana)).toHaveLength(1);
    for (const [one, other] of [
      [bens, bens],
      [bens, 'nobody'],
    ] as const) {
      expect(await ana.node.introduce(one, other)).toMatchObject({ ok: false, kind: 'not-a-contact' });
    }
    await asked(ben, cleo);
    expect(await received(ben)).toHaveLength(1);
    expect(await ana.node.introduce(bens, cleos)).toMatchObject({ ok: true });
  });
});

describe('a no', () => {
  it('is told to nobody: the other waits, is told after two weeks that nobody came, and has read it', async () => {
    await introduce();
    await asked(ben, cleo);
    await answer(ben, 'refuse');
    await answer(cleo, 'accept');
    expect(await received(ben)).toEqual([]);
    await until(cleo, 'waiting');
    await village.pass(60_000);
    expect([(await ben.snapshot()).conversations.length, (await cleo.snapshot()).conversations.length]).toEqual([1, 1]);
    expect(await given(ana)).toMatchObject([{ delivered: [true, true] }]);
    await Promise.all([ana.close(), ben.close(), cleo.close()]);
    await village.pass(14 * DAY);
    await Promise.all([ana.start(), ben.start(), cleo.start()]);
    expect(await received(cleo)).toMatchObject([{ state: 'lapsed', name: 'Ben' }]);
    await answer(cleo, 'refuse');
    for (const who of [ana, ben, cleo]) {
      expect((await who.snapshot()).introductions).toEqual(NO_LIFE);
      expect((await who.snapshot()).attempts).toEqual([]);
    }
  });

  it('is final, however often Ana’s page says it again', async () => {
    await introduce();
    await asked(ben);
    await delivered([true, true]);
    await answer(ben, 'refuse');
    // Her disk forgets that it was confirmed.
    const [key = '', bytes = new Uint8Array(0)] = [...(ana.disk.written.get('introductions') ?? [])][0] ?? [];
    await ana.close();
    const record = decode(bytes, v.record(v.string(), v.unknown()));
    const sides = (record.sides as object[]).map((side) => ({ ...side, owed: 'introduction' }));
    const again = encode({ ...record, secret: new Uint8Array(32).fill(1), sides });
    ana.disk.commit([{ put: 'introductions', key, value: again }], 'strict');
    await ana.start();
    const owed = () =>
      decode(
        ana.disk.written.get('introductions')?.get(key) ?? again,
        v.object({ sides: v.array(v.object({ owed: v.string() })) }),
      );
    await village.until(() => owed().sides.every((side) => side.owed === 'nothing'), 'confirmed again');
    expect([await received(ben), (await received(cleo)).length]).toEqual([[], 1]);
  });

  it('also ends waiting, and an answer that comes later meets nobody', async () => {
    await introduce();
    await asked(ben, cleo);
    await answer(ben, 'accept');
    await answer(ben, 'refuse');
    expect(await received(ben)).toEqual([]);
    await answer(cleo, 'accept');
    await village.pass(60_000);
    expect(await ben.with(cleo)).toBeUndefined();
    expect(await received(cleo)).toMatchObject([{ state: 'waiting' }]);
  });
});

describe('Ana thinks better of it', () => {
  it('before an answer: both questions go, also where she was not heard until later', async () => {
    const id = await introduce();
    await asked(ben, cleo);
    await answer(ben, 'accept');
    await away(cleo);
    expect(await ana.node.withdrawIntroduction(id)).toMatchObject({ ok: true });
    expect(await given(ana)).toEqual([]);
    await until(ben, '');
    await ana.close();
    await ana.start();
    await cleo.start();
    await until(cleo, '');
    await village.pass(60_000);
    expect([await ben.with(cleo), await cleo.with(ben)]).toEqual([undefined, undefined]);
    expect((await ben.snapshot()).attempts).toEqual([]);
  });

  it('after they have met: they stay contacts', async () => {
    const id = await introduce();
    await bothAccept();
    await village.together(ben, cleo);
    await ana.node.withdrawIntroduction(id);
    await village.pass(5_000);
    await expectIntroduced();
  });

  it('by removing or blocking one of them', async () => {
    for (const end of ['removeContact', 'block'] as const) {
      await introduce();
      await asked(ben);
      await ana.node[end](await ana.idOf(cleo));
      await until(ben, '');
      expect(await given(ana)).toEqual([]);
      if (end === 'removeContact') await verifyEachOther(ana, cleo);
    }
  });
});

describe('whose word counts', () => {
  it('Ana introduces only whom she has verified', async () => {
    const dora = await village.person('Dora');
    await village.introduce(ana, dora);
    expect((await ana.with(dora))?.trust).toBe('unverified');
    const [bens, doras] = [await ana.idOf(ben), await ana.idOf(dora)];
    expect(await ana.node.introduce(bens, doras)).toMatchObject({ ok: false, kind: 'introduction-unverified' });
    expect(await ana.node.introduce(doras, bens)).toMatchObject({ ok: false, kind: 'introduction-unverified' });
    expect([await given(ana), await received(ben)]).toEqual([[], []]);
  });

  it('whoever has not verified Ana sees what it is, and cannot accept before they compare with her', async () => {
    // Dora accepted Ana’s call without looking; Ana took Dora’s card.
    const dora = await village.person('Dora');
    await village.introduce(dora, ana);
    expect([(await ana.with(dora))?.trust, (await dora.with(ana))?.trust]).toEqual(['verified', 'unverified']);
    await introduce(ben, dora);
    await asked(ben, dora);
    const [one] = await received(dora);
    expect(one).toMatchObject({ byVerified: false, name: 'Ben' });
    expect(await dora.node.answerIntroduction(one?.id ?? '', 'accept')).toMatchObject({
      ok: false,
      kind: 'introduction-unverified',
    });
    await answer(ben, 'accept');
    await village.pass(60_000);
    expect(await dora.with(ben)).toBeUndefined();
    await dora.node.markVerified(await dora.idOf(ana));
    await answer(dora, 'accept');
    await village.together(ben, dora);
    expect(await dora.with(ben)).toMatchObject({ trust: 'introduced', introducedBy: 'Ana' });
  });

  it('who was introduced introduces nobody: a word is not passed on', async () => {
    await introduce();
    await bothAccept();
    await village.together(ben, cleo);
    const dora = await village.person('Dora');
    await verifyEachOther(ben, dora);
    const answered = await ben.node.introduce(await ben.idOf(cleo), await ben.idOf(dora));
    expect(answered).toMatchObject({ ok: false, kind: 'introduction-unverified' });
  });

  it('a question goes with whoever asks it: removed, blocked, or gone from their side', async () => {
    await introduce();
    await asked(ben, cleo);
    await ben.node.removeContact(await ben.idOf(ana));
    await until(ben, '');
    await answer(cleo, 'accept');
    await cleo.node.block(await cleo.idOf(ana));
    await until(cleo, '');
    await village.pass(60_000);
    expect([await ben.with(cleo), await cleo.with(ben)]).toEqual([undefined, undefined]);
    expect((await cleo.snapshot()).attempts).toEqual([]);
  });
});

describe('somebody who is known', () => {
  it('is said to be, and nothing changes on either side', async () => {
    await village.introduce(ben, cleo);
    const before = [await ben.with(cleo), await cleo.with(ben)];
    expect(before.map((view) => view?.trust)).toEqual(['unverified', 'verified']);
    await introduce();
    await until(ben, 'known');
    await until(cleo, 'known');
    await answer(ben, 'accept');
    await answer(cleo, 'refuse');
    await village.pass(60_000);
    expect([(await ben.with(cleo))?.trust, (await cleo.with(ben))?.trust]).toEqual(['unverified', 'verified']);
    expect([await received(ben), await received(cleo)]).toEqual([[], []]);
    expect((await ben.snapshot()).conversations).toHaveLength(2);
  });

  it('and blocked asks nothing, and stays blocked', async () => {
    await village.introduce(ben, cleo);
    await ben.node.block(await ben.idOf(cleo));
    await introduce();
    await until(cleo, 'asked');
    await delivered([true, true]);
    expect(await received(ben)).toEqual([]);
    await answer(cleo, 'accept');
    await village.pass(60_000);
    expect(await ben.with(cleo)).toMatchObject({ state: 'blocked' });
  });

  it('and becomes a contact in another way meanwhile: that is what counts', async () => {
    await introduce();
    await asked(ben, cleo);
    await answer(ben, 'accept');
    await village.introduce(ben, cleo, 'accept-verified');
    await until(ben, '');
    await until(cleo, 'known');
    await answer(cleo, 'accept');
    await village.pass(60_000);
    expect([(await ben.with(cleo))?.trust, (await cleo.with(ben))?.trust]).toEqual(['verified', 'verified']);
  });

  it('but was removed: may be introduced anew, on Ana’s word alone', async () => {
    await village.introduce(ben, cleo, 'accept-verified');
    await ben.node.removeContact(await ben.idOf(cleo));
    await village.until(async () => (await cleo.with(ben))?.state === 'declined');
    await introduce();
    await bothAccept();
    await village.together(ben, cleo);
    expect(await ben.with(cleo)).toMatchObject({ trust: 'introduced', introducedBy: 'Ana', state: 'active' });
    expect(await cleo.with(ben)).toMatchObject({ trust: 'verified', state: 'active' });
  });
});

describe('Ana lies', () => {
  /** On Ana’s disk Cleo has other keys: that is what she tells from now on. */
  async function changeKeysOfCleo(): Promise<void> {
    const mallory = await person('Mallory');
    const key = await ana.idOf(cleo);
    const bytes = ana.disk.written.get('contacts')?.get(key);
    if (!bytes) throw new Error('no contact');
    const value = encode({
      ...decode(bytes, v.record(v.string(), v.unknown())),
      bundle: mallory.bundle,
      fingerprint: mallory.fingerprint,
    });
    ana.disk.commit([{ put: 'contacts', key, value }], 'strict');
  }

  it('to one about the other’s keys: they never meet, and nobody is in the list', async () => {
    await away(ben);
    await introduce();
    await delivered([false, true]);
    await ana.close();
    await changeKeysOfCleo();
    await ana.start();
    await ben.start();
    await asked(ben);
    expect((await received(ben))[0]).toMatchObject({ name: 'Cleo' });
    await bothAccept();
    await village.pass(120_000);
    expect([await received(ben), await received(cleo)]).toMatchObject([[{ state: 'waiting' }], [{ state: 'waiting' }]]);
    expect([(await ben.snapshot()).conversations.length, (await cleo.snapshot()).conversations.length]).toEqual([1, 1]);
  });

  it('about who somebody is: they are introduced, never verified, and the safety number gives it away', async () => {
    const mallory = await village.person('Cleo');
    await verifyEachOther(ana, mallory);
    await introduce(ben, mallory);
    await asked(ben);
    await answer(ben, 'accept');
    await until(mallory, 'asked');
    await answer(mallory, 'accept');
    await village.together(ben, mallory);
    expect(await ben.with(mallory)).toMatchObject({ name: 'Cleo', trust: 'introduced', introducedBy: 'Ana' });
    // On the real Cleo’s screen there is no such person, and her card is another person’s.
    await village.introduce(cleo, ben);
    expect(await ben.with(cleo)).toMatchObject({ name: 'Cleo', trust: 'verified' });
    const numbers = await Promise.all(
      [mallory, cleo].map(async (other) => ben.node.safetyNumber(await ben.idOf(other))),
    );
    expect(new Set(numbers.map((one) => one.ok && one.value.theirs)).size).toBe(2);
    expect((await ben.with(mallory))?.trust).toBe('introduced');
  });
});

it('several that come at once take memory for one number at a time, and each is asked when it has its number', async () => {
  const dora = await village.person('Dora');
  await verifyEachOther(ana, dora);
  let running = 0;
  let most = 0;
  let held = true;
  ben.argon2 = async () => {
    running += 1;
    most = Math.max(most, running);
    while (held) await new Promise<void>((again) => village.clock.after(1_000, again));
    running -= 1;
  };
  await introduce(ben, cleo);
  await introduce(ben, dora);
  await village.until(() => running > 0, 'a number is worked out');
  await village.pass(5_000);
  expect(await received(ben)).toEqual([]);
  held = false;
  await village.until(async () => (await received(ben)).length === 2);
  expect(most).toBe(1);
  expect((await received(ben)).map(({ number }) => number)).toEqual([await cleo.number(), await dora.number()]);
});

it('a damaged introduction asks nothing, and the others go on', async () => {
  const dora = await village.person('Dora');
  await verifyEachOther(ana, dora);
  await introduce(ben, cleo);
  await introduce(ben, dora);
  await village.until(async () => (await received(ben)).length === 2);
  const damaged = (await received(ben)).find(({ name }) => name === 'Cleo')?.id ?? '';
  await ben.close();
  ben.disk.damage('introductions', damaged);
  await ben.start();
  expect(await received(ben)).toMatchObject([{ name: 'Dora' }]);
  expect((await ben.snapshot()).storage.damagedRecords).toBe(1);
  await answer(ben, 'accept');
  await until(dora, 'asked');
  await answer(dora, 'accept');
  await village.together(ben, dora);
});
