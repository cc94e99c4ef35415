import { beforeEach, expect, test } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MovingFiles, PROGRESS_EVERY_MS } from '../../../src/core/node/moving-files.ts';

let clock: MemoryClock;
let shown: string[];
let files: MovingFiles;

beforeEach(() => {
  clock = new MemoryClock();
  shown = [];
  files = new MovingFiles(clock, (contactId, fileId) => {
    shown.push(`${contactId} ${fileId} ${files.get(fileId)?.state} ${files.get(fileId)?.progress}`);
  });
});

test('a file that begins to move is shown at once', () => {
  files.moved('ben', 'a', { state: 'waiting', progress: 0 });
  files.moved('ben', 'a', { state: 'transferring', progress: 0.01 });
  expect(shown).toEqual(['ben a waiting 0', 'ben a transferring 0.01']);
});

test('a hundred steps within a quarter of a second are shown once, with the last of them', async () => {
  files.moved('ben', 'a', { state: 'transferring', progress: 0 });
  for (let step = 1; step <= 99; step += 1) files.moved('ben', 'a', { state: 'transferring', progress: step / 100 });
  expect(shown).toEqual(['ben a transferring 0']);
  await clock.advance(PROGRESS_EVERY_MS);
  expect(shown).toEqual(['ben a transferring 0', 'ben a transferring 0.99']);
  await clock.advance(10 * PROGRESS_EVERY_MS);
  expect(shown).toHaveLength(2);
});

test('several files are each shown', async () => {
  for (const [contact, file] of [
    ['ben', 'a'],
    ['cleo', 'b'],
  ] as const) {
    files.moved(contact, file, { state: 'transferring', progress: 0 });
    files.moved(contact, file, { state: 'transferring', progress: 0.5 });
  }
  await clock.advance(PROGRESS_EVERY_MS);
  expect(shown.slice(2)).toEqual(['ben a transferring 0.5', 'cleo b transferring 0.5']);
});

test('a file that has ended is not shown as moving any more', async () => {
  files.moved('ben', 'a', { state: 'transferring', progress: 0 });
  files.moved('ben', 'a', { state: 'transferring', progress: 0.5 });
  files.ended('a');
  await clock.advance(PROGRESS_EVERY_MS);
  expect(shown).toEqual(['ben a transferring 0']);
  expect(files.get('a')).toBeUndefined();
});
