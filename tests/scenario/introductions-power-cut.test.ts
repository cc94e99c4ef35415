// The page of one of the three dies right before any of its commits, from the introduction to the first message. Whatever
// happens, the two who said yes are contacts once each, on Ana's word, and talk.
import { expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

/** Commits of each side until the two have met. */
const COMMITS = { Ana: 3, Ben: 8, Cleo: 8 } as const;

const cuts = (Object.keys(COMMITS) as (keyof typeof COMMITS)[]).flatMap((victim) =>
  Array.from({ length: COMMITS[victim] }, (_, index) => ({ victim, nth: index + 1 })),
);

async function friends(seed: number) {
  const village = new Village(seed);
  const [ana, ben, cleo] = [await village.person('Ana'), await village.person('Ben'), await village.person('Cleo')];
  await village.introduce(ana, ben, 'accept-verified');
  await village.introduce(ana, cleo, 'accept-verified');
  return { village, ana, ben, cleo };
}

/** What a person does who looks at the screen: says yes to every question. A page that dies meanwhile never answers. */
async function sayYes(who: Villager): Promise<void> {
  for (const { id, state } of (await who.snapshot()).introductions.received)
    if (state === 'asked') void who.node.answerIntroduction(id, 'accept');
}

it.each(cuts)('$victim loses power before commit $nth', async ({ victim: name, nth }) => {
  const { village, ana, ben, cleo } = await friends(7000 + nth);
  const victim = { Ana: ana, Ben: ben, Cleo: cleo }[name];
  const [bens, cleos] = [await ana.idOf(ben), await ana.idOf(cleo)];
  victim.disk.commitsUntilCrash = nth - 1;
  void ana.node.introduce(bens, cleos);
  let restarted = false;
  const met = async () => {
    if (victim.disk.crashes > 0 && !restarted) {
      restarted = true;
      void victim.close();
      await victim.start();
      // Ana sees whether it was made; asking again is the same introduction.
      await ana.node.introduce(bens, cleos);
    }
    await sayYes(ben);
    await sayYes(cleo);
    return (await ben.with(cleo))?.presence === 'online' && (await cleo.with(ben))?.presence === 'online';
  };
  await village.until(met, 'they have met');
  expect(victim.disk.crashes).toBe(1);
  victim.disk.commitsUntilCrash = Number.POSITIVE_INFINITY;
  await ben.write(cleo, 'hello');
  await village.until(async () => (await ben.states(cleo)).join() === 'delivered', 'delivered');
  for (const [one, other] of [
    [ben, cleo],
    [cleo, ben],
  ] as const) {
    const { conversations, introductions, attempts } = await one.snapshot();
    expect(await one.with(other)).toMatchObject({ trust: 'introduced', introducedBy: 'Ana', state: 'active' });
    expect([conversations.length, introductions.received, attempts]).toEqual([2, [], []]);
  }
  await village.until(
    async () => (await ana.snapshot()).introductions.given.every(({ delivered }) => delivered.every(Boolean)),
    'both have confirmed',
  );
});
