// Whole nodes: Ana, who has verified Ben and Cleo and is verified by both, makes them known to each other.
import { beforeEach, describe, expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

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

async function introduce(one: Villager = ben, other: Villager = cleo): Promise<string> {
  const made = await ana.node.introduce(await ana.idOf(one), await ana.idOf(other));
  if (!made.ok) throw new Error(made.kind);
  return made.value.introductionId;
}

const asked = (who: Villager) => village.until(async () => (await received(who)).length > 0, `${who.name} is asked`);

async function answer(who: Villager, how: 'accept' | 'refuse'): Promise<void> {
  const [first] = await received(who);
  expect(await who.node.answerIntroduction(first?.id ?? '', how)).toMatchObject({ ok: true });
}

async function bothAccept(): Promise<void> {
  await asked(ben);
  await asked(cleo);
  await answer(ben, 'accept');
  await answer(cleo, 'accept');
}

describe('an introduction', () => {
  it('asks both, and when both say yes they are contacts, introduced by Ana and by nobody verified', async () => {
    await introduce();
    await asked(ben);
    await asked(cleo);
    expect(await received(ben)).toMatchObject([
      { state: 'asked', by: await ben.idOf(ana), byName: 'Ana', byVerified: true, name: 'Cleo' },
    ]);
    expect((await received(ben))[0]?.number).toBe(await cleo.number());
    await bothAccept();
    await village.together(ben, cleo);
    for (const [one, other] of [
      [ben, cleo],
      [cleo, ben],
    ] as const) {
      expect(await one.with(other)).toMatchObject({ trust: 'introduced', introducedBy: 'Ana', state: 'active' });
      expect(await received(one)).toEqual([]);
    }
    await ben.write(cleo, 'Ana says hello');
    await village.until(async () => (await cleo.texts(ben, 'in')).join() === 'Ana says hello');
    await village.until(async () => (await ben.states(cleo)).join() === 'delivered');
  });
});
