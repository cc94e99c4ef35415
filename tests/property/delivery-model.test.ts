// Delivery under an adversary: whole nodes live through seeded schedules, and the model (CHAT.md, "The model") looks on.
// KITH_MODEL raises the number of schedules, KITH_MODEL_SEED begins elsewhere; `npm run model` runs thousands.
import { afterAll, describe, expect, it } from 'vitest';
import { budget } from '../fixtures/mutate.ts';
import { useInstantCrypto } from '../model/instant-crypto.ts';
import { live } from '../model/live.ts';
import { newTally, replayCommand, tally } from '../model/tally.ts';
import { variants } from '../model/variants.ts';

const SCHEDULES = budget('KITH_MODEL', 200);
const SEED = budget('KITH_MODEL_SEED', 1);
const STEPS = 200;
/** A promise that is broken on purpose is seen to be broken within so many schedules. */
const MOST_BEFORE_FOUND = 60;

afterAll(useInstantCrypto());

it(
  `in ${SCHEDULES} schedules nothing is lost, shown twice, out of order, falsely delivered, falsely dropped or stuck`,
  async () => {
    const all = newTally(SEED, STEPS);
    for (let at = 0; at < SCHEDULES; at += 1) tally(all, await live(SEED + at, STEPS));
    const { written, delivered, dropped, failing } = all;
    console.log(`delivery: ${SCHEDULES} schedules, ${written} written, ${delivered} delivered, ${dropped} dropped`);
    expect(failing.map(({ seed, wrong }) => `${replayCommand(seed, STEPS)}: ${wrong[0]}`)).toEqual([]);
    expect(delivered).toBeGreaterThan(10 * SCHEDULES);
  },
  Math.max(300_000, 3_000 * SCHEDULES),
);

describe('what was wrong once', () => {
  it.each([
    [551, 'a read mark that had waited for room was taken for what came after it'],
    [861, 'a file was stopped while there was no room to note it'],
    [721, 'a copy of the disk was put back on which a message was cancelled that had been sent after all'],
  ])('%i: %s', async (seed) => {
    expect((await live(seed, STEPS)).wrong).toEqual([]);
  });
});

it('a schedule is the same every time, and its beginning is the same whatever comes after', async () => {
  const [once, again, beginning] = [
    await live(7, 80, { story: true }),
    await live(7, 80, { story: true }),
    await live(7, 40, { story: true }),
  ];
  expect(again).toEqual(once);
  expect(beginning.story).toEqual(once.story.slice(0, 40));
});

describe('the model notices a Kith that', () => {
  it.each(Object.entries(variants))(
    '%s',
    async (_, variant) => {
      for (let seed = 1; seed <= MOST_BEFORE_FOUND; seed += 1) {
        const { wrong } = await live(seed, STEPS, { variant });
        if (wrong.some((what) => variant.fault.test(what))) return;
      }
      expect.fail(`nothing was noticed in ${MOST_BEFORE_FOUND} schedules`);
    },
    300_000,
  );
});
