// Somebody with 200 contacts of whom none is there, in memory: what it costs, and that the one who then comes is reached.
// (The same with a real tracker and real WebRTC: many-contacts-in-browser.test.ts.)
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { befriendCrowd } from '../fixtures/crowd.ts';
import { Village } from '../fixtures/village.ts';

const CONTACTS = 200;
/** Connections alive at any time: the bound of the promise. */
const MOST_ALIVE = 40;
const MINUTE = 60_000;

it.each([
  ['the tracker knows nobody else', 0],
  ['the tracker still counts people who have long gone', 1],
])('200 contacts are not there, %s: few connections, and the one who comes is reached', async (_, ghosts) => {
  const village = new Village(7);
  const { clock, tracker } = village;
  const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  await ana.close();
  await ben.close();
  const topics = await befriendCrowd(CONTACTS - 1, { store: ana.disk.reopen(), clock, random: seededRandom(8) });
  for (const topic of topics) tracker.addGhosts(topic, ghosts);

  await ana.start();
  await village.until(async () => (await ana.snapshot()).network.looking === CONTACTS);
  await village.pass(5 * MINUTE);
  expect(ana.dialer.peak).toBeLessThanOrEqual(MOST_ALIVE);
  // Nobody is said to be there: nobody is called.
  if (ghosts === 0) expect(ana.dialer.opened).toBe(0);
  else expect(ana.dialer.opened).toBeGreaterThan(CONTACTS / 2);

  await ben.start();
  await village.together(ana, ben);
  await ben.write(ana, 'here I am');
  await village.until(async () => (await ana.texts(ben, 'in')).length === 1);
  await village.pass(MINUTE);
  expect(ana.dialer.peak).toBeLessThanOrEqual(MOST_ALIVE);
  expect((await ana.snapshot()).network.connected).toBe(1);
  await ana.close();
  await ben.close();
});
