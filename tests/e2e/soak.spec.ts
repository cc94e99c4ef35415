// Everything that goes wrong at once, for long: browsers that are killed, pages that reload, roads that end and roads that lose, under
// text and a moving file. `npm run soak` does it at length; KITH_SOAK_SEED begins elsewhere, KITH_SOAK_ONLY names the parts that are wanted.
import { expect, test } from '@playwright/test';
import { badRoad } from './road.ts';
import { median, Soak } from './soak.ts';

const long = process.env.KITH_SOAK === 'long';
const SEED = Number(process.env.KITH_SOAK_SEED ?? 20_261_126);
const MEBIBYTE = 2 ** 20;
const budget = long
  ? { kills: 100, reloads: 50, blackHoles: [3, 8, 20, 60, 3, 8, 20], lossyTexts: 20, fileBytes: 4 * MEBIBYTE }
  : { kills: 5, reloads: 5, blackHoles: [20], lossyTexts: 0, fileBytes: 2 * MEBIBYTE };
/** A wall for a run that hangs, far above what one takes. */
const WALL_MS = long ? 10_800_000 : 300_000;

/** Parts of it, named as in `budget`. */
const only = process.env.KITH_SOAK_ONLY?.split(',');
const isWanted = (part: 'blackHoles' | 'reloads' | 'kills' | 'road') => only === undefined || only.includes(part);

const seconds = (ms: number) => (ms / 1_000).toFixed(1);

test(`${budget.kills} kills, ${budget.reloads} reloads and black holes of ${budget.blackHoles} s: nothing lost, nothing twice, in order, files whole`, async ({
  baseURL,
}, testInfo) => {
  test.setTimeout(WALL_MS);
  const soak = await Soak.begin(baseURL ?? '', budget.fileBytes, SEED);
  try {
    // What has held so far, for whoever waits for half an hour.
    const tell = (after: string) => {
      const written = soak.sides.map(({ person, written }) => `${person.name} ${written}`).join(', ');
      const files = `files of ${budget.fileBytes / MEBIBYTE} MiB that arrived whole: ${soak.files}`;
      console.log(`after ${after}: texts of ${written}; ${files}`);
    };
    if (isWanted('blackHoles')) {
      for (const length of budget.blackHoles) await soak.blackHole(length);
      console.log(
        `time to resume after black holes of ${budget.blackHoles} s: median ${seconds(median(soak.resumed))} s, all ${soak.resumed.map(seconds).join(' ')}`,
      );
    }
    if (isWanted('reloads')) await soak.reloads(budget.reloads);
    const before = [isWanted('blackHoles') && 'black holes', isWanted('reloads') && 'reloads'].filter((part) => part);
    if (before.length > 0) tell(before.join(' and '));
    if (isWanted('kills')) {
      await soak.kills(budget.kills);
      tell('kills');
    }
    if (isWanted('road') && budget.lossyTexts > 0) await soak.onRoad(badRoad, budget.lossyTexts);
    await soak.fileArrived();
    tell(only ? only.join(' and ') : 'everything');
    expect(soak.files).toBeGreaterThan(0);
    const said = soak.sides.flatMap(({ person }) => person.complaints);
    expect(said.filter((line) => !line.includes('WebSocket'))).toEqual([]);
  } catch (error) {
    for (const { name, picture, diagnostics, warnings } of await soak.look()) {
      if (picture) await testInfo.attach(`${name}.png`, { body: picture, contentType: 'image/png' });
      console.log([`${name}: ${diagnostics}`, ...warnings.slice(-20)].join('\n'));
    }
    throw error;
  } finally {
    await soak.leave();
  }
});
