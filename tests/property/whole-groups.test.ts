// KITH_WHOLE_GROUPS raises the number, KITH_WHOLE_GROUPS_SEED begins elsewhere: one life replays with KITH_WHOLE_GROUPS=1 and its seed.
import { expect, it } from 'vitest';
import { liveGroup } from '../fixtures/group-lives.ts';
import { budget } from '../fixtures/mutate.ts';

const LIVES = budget('KITH_WHOLE_GROUPS', 100);
const SEED = budget('KITH_WHOLE_GROUPS_SEED', 1);

it(
  `in ${LIVES} lives of whole groups the final members agree, nothing is lost or shown twice, and nobody reads what was not for them`,
  async () => {
    const lives = [];
    for (let at = 0; at < LIVES; at += 1) lives.push(await liveGroup(SEED + at));
    const acts: Record<string, number> = {};
    for (const life of lives)
      for (const [act, times] of Object.entries(life.acts)) acts[act] = (acts[act] ?? 0) + times;
    console.log(`lives of whole groups: ${lives.length}, what happened: ${JSON.stringify(acts)}`);
    expect(lives.flatMap(({ seed, wrong }) => wrong.map((what) => `seed ${seed}: ${what}`))).toEqual([]);
    expect(lives.reduce((sum, { written }) => sum + written, 0)).toBeGreaterThan(5 * LIVES);
  },
  Math.max(240_000, 10_000 * LIVES),
);

// Lives in which something once went wrong: a removal that did not lead everybody to what the removed had written (11), and words that
// came before the operations they rest on, which were lost (83); a member turned away for good, since the conversation had not heard of
// them yet (132); and a text of an old disk that was written again while the first was on its way back (479).
it.each([11, 83, 132, 479])(
  'nothing is lost, and all see the same order, in life %i',
  async (seed) => {
    expect((await liveGroup(seed)).wrong).toEqual([]);
  },
  240_000,
);
