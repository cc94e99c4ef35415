import { beforeEach, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { type Note, Notes, TRY_AGAIN_MS } from '../../../src/core/chat/notes.ts';
import { type ErrorKind, KithError } from '../../../src/core/errors.ts';
import { turn } from '../../fixtures/until.ts';

let clock: MemoryClock;
let notes: Notes;
/** What was tried, and how many more find room. */
let tried: string[];
let room: number;
let fault: ErrorKind;
beforeEach(() => {
  clock = new MemoryClock();
  notes = new Notes(clock);
  tried = [];
  room = 0;
  fault = 'disk-full';
});

const note = (about: string, name = about, isWanted = () => true): Note => ({
  about,
  isWanted,
  work: async () => {
    tried.push(name);
    if (room-- <= 0) throw new KithError(fault);
  },
});
const later = async () => {
  tried = [];
  await clock.advance(TRY_AGAIN_MS, turn);
  return tried;
};

it('what finds no room is tried again in the order in which it came, up to the first that finds none', async () => {
  for (const name of ['one', 'two', 'three']) await notes.note(note(name));
  expect(clock.pending).toBe(1);
  room = 1;
  expect(await later()).toEqual(['one', 'two']);
  expect(await later()).toEqual(['two']);
  room = 2;
  expect(await later()).toEqual(['two', 'three']);
  expect(clock.pending).toBe(0);
});

it('what speaks of all before it waits for what waits, and for what is being tried', async () => {
  await notes.note(note('first'));
  room = 9;
  await notes.noteBehind(note('mark', 'older mark'));
  await notes.note(note('second'));
  await notes.noteBehind(note('mark', 'newer mark'));
  expect(tried).toEqual(['first', 'second']);
  expect(await later()).toEqual(['first', 'newer mark']);

  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const trying = notes.note({ about: 'slow', isWanted: () => true, work: () => slow });
  const mark = notes.noteBehind(note('mark'));
  await turn();
  expect(tried).not.toContain('mark');
  release();
  await Promise.all([trying, mark]);
  expect(tried).toContain('mark');
});

it('of what waits about the same only the newest is left, in its place, and is not tried before its time', async () => {
  for (const name of ['one', 'two']) await notes.note(note(name));
  for (let n = 1; n <= 50; n += 1) await notes.note(note('one', `one ${n}`));
  expect(tried).toEqual(['one', 'two']);
  expect(clock.pending).toBe(1);
  room = 9;
  expect(await later()).toEqual(['one 50', 'two']);
});

it('what is new where the old is no longer so is tried at once', async () => {
  let wanted = true;
  await notes.note(note('file', 'failed', () => wanted));
  wanted = false;
  room = 9;
  await notes.note(note('file', 'complete'));
  expect(tried).toEqual(['failed', 'complete']);
  wanted = true;
  expect(await later()).toEqual([]);
});

it('no more than 4096 wait', async () => {
  for (let n = 0; n < 4100; n += 1) await notes.note(note(`${n}`));
  expect([notes.waits('4095'), notes.waits('4096')]).toEqual([true, false]);
  await notes.note(note('0', 'newer'));
  room = 9_999;
  expect((await later()).slice(0, 2)).toEqual(['newer', '1']);
  await notes.note(note('4096'));
  expect(clock.pending).toBe(0);
});

it('what nobody wants any more is not tried, and forgotten with its session', async () => {
  let wanted = true;
  await notes.note(note('a', 'a', () => wanted));
  await notes.note(note('b'));
  wanted = false;
  expect(await later()).toEqual(['b']);
  await notes.note(note('a', 'a', () => wanted));
  expect(tried).toEqual(['b']);
  wanted = true;
  await notes.note(note('a', 'a', () => wanted));
  wanted = false;
  notes.forgetUnwanted();
  expect([notes.waits('a'), notes.waits('b')]).toEqual([false, true]);
});

it('what found no room after its session had ended takes no place from what is said in the next one', async () => {
  let session = 1;
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const work = async () => {
    await slow;
    throw new KithError('disk-full');
  };
  const trying = notes.note({ about: 'end', says: 'stored', isWanted: () => session === 1, work });
  session = 2;
  notes.forgetUnwanted();
  release();
  await trying;
  expect(notes.waits('end')).toBe(false);
  room = 1;
  await notes.note({ ...note('end', 'said again', () => session === 2), says: 'stored' });
  expect(tried).toEqual(['said again']);
});

it('of those that say the same the oldest is left, of others the newest', async () => {
  await notes.note({ ...note('end', 'refused'), says: 'refused' });
  await notes.note(note('mark'));
  await notes.note({ ...note('end', 'stored'), says: 'stored' });
  await notes.note({ ...note('end', 'stored again'), says: 'stored' });
  room = 9;
  expect(await later()).toEqual(['stored', 'mark']);
});

it('what more waits for is tried until it is done, however it fails, also where 4096 wait', async () => {
  for (let n = 0; n < 4096; n += 1) await notes.note(note(`${n}`));
  await notes.note({ ...note('resync'), insists: true });
  expect(notes.waits('resync')).toBe(true);
  room = 4096;
  fault = 'storage-unavailable';
  expect((await later()).at(-1)).toBe('resync');
  expect(notes.waits('resync')).toBe(true);
  room = 1;
  expect(await later()).toEqual(['resync']);
  expect([notes.waits('resync'), clock.pending]).toEqual([false, 0]);
});

it('what fails in another way is told at first, and later let go', async () => {
  fault = 'record-damaged';
  await expect(notes.note(note('one'))).rejects.toMatchObject({ kind: 'record-damaged' });
  fault = 'disk-full';
  await notes.note(note('two'));
  await notes.note(note('three'));
  fault = 'record-damaged';
  expect(await later()).toEqual(['two', 'three']);
  expect(clock.pending).toBe(0);
});
