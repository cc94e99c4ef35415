// Whether a file of one's own has reached anybody (core/group/FILES.md, not-delivered-before), with members in memory.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { decodeNote, encodeNote } from '../../src/core/node/groups/files/file-notes.ts';
import type { BroughtFile } from '../../src/core/node/groups/files/known-file.ts';
import { MAX_FILES_ASKED } from '../../src/core/wire/group-files.ts';
import { patterned } from '../contract/blob-store.ts';
import { type Member, Swarming } from '../fixtures/group-swarm.ts';

let swarming: Swarming;
let ana: Member;
let ben: Member;

beforeEach(() => {
  swarming = new Swarming(new MemoryClock());
  ana = swarming.person('ana');
  ben = swarming.person('ben');
});

/** Ana's page dies, and opens again on what its disk has. */
async function reload(...files: BroughtFile[]): Promise<void> {
  ana.reopen();
  for (const file of files) await ana.files.brought(file, ana.notes.get(file.name));
}

describe('a file of mine', () => {
  it('is only here until another member has it, and after a reload it is as it was', async () => {
    const file = await ana.seals(patterned(100_000));
    expect(ana.notes.get(file.name)).toEqual({ state: 'complete', elsewhere: false });
    await reload(file);
    expect([ana.files.reach(file.name), ana.files.onlyHere()]).toEqual(['only-here', [file.name]]);
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => ana.files.reach(file.name) === 'elsewhere');
    expect(ana.notes.get(file.name)).toEqual({ state: 'complete', elsewhere: true });
    await reload(file);
    expect([ana.files.reach(file.name), ana.files.onlyHere()]).toEqual(['elsewhere', []]);
  });

  it('of which an earlier version noted nothing but its end counts as told', async () => {
    const file = await ana.seals(patterned(1_000));
    ana.notes.set(file.name, { state: 'complete' });
    await reload(file);
    expect([ana.files.reach(file.name), ana.files.onlyHere()]).toEqual(['elsewhere', []]);
  });

  it('that others have is noted by and by, however many nobody will ever have', async () => {
    const files: BroughtFile[] = [];
    for (let count = 0; count < 2 * MAX_FILES_ASKED; count += 1) files.push(await ana.seals(patterned(20 + count)));
    // In the middle of many, and Ana did not hear that Ben got it.
    const theirs = files[100] as BroughtFile;
    await ben.learns(theirs);
    swarming.link(ana, ben);
    await swarming.until(() => ben.has(theirs));
    swarming.leaves(ana);
    ana.notes.set(theirs.name, { state: 'complete', elsewhere: false });
    await reload(...files);
    swarming.link(ana, ben);
    // Asked of some at each link and every 30 s, in turn.
    await swarming.pass(61_000);
    await swarming.until(() => ana.files.reach(theirs.name) === 'elsewhere');
    expect(ana.files.onlyHere()).toEqual(files.filter((file) => file !== theirs).map(({ name }) => name));
  });

  it('stays told when the disk could not take the note, and is noted at the next chance', async () => {
    const file = await ana.seals(patterned(1_000));
    await ben.learns(file);
    ana.notesFail = true;
    swarming.link(ana, ben);
    await swarming.until(() => ana.files.reach(file.name) === 'elsewhere');
    expect(ana.notes.get(file.name)).toEqual({ state: 'complete', elsewhere: false });
    ana.notesFail = false;
    swarming.leaves(ana);
    await reload(file);
    swarming.link(ana, ben);
    await swarming.until(() => ana.notes.get(file.name)?.state === 'complete' && ana.files.onlyHere().length === 0);
    expect(ana.notes.get(file.name)).toEqual({ state: 'complete', elsewhere: true });
  });

  it('that somebody signed once more under an earlier time is mine all the same', async () => {
    const file = await ana.seals(patterned(1_000));
    await reload();
    await ana.files.brought({ ...file, isMine: false }, { state: 'complete', elsewhere: false });
    expect(ana.files.onlyHere()).toEqual([]);
    await ana.files.brought(file, ana.notes.get(file.name));
    expect(ana.files.onlyHere()).toEqual([file.name]);
  });

  it('that is not whole here, or failed here, is not said to be only here', async () => {
    const file = await ana.seals(patterned(100_000));
    await ana.files.discard(file.name);
    expect([ana.files.reach(file.name), ana.files.onlyHere()]).toEqual(['unknown', []]);
    ana.notes.clear();
    await reload({ ...file, blobId: 'elsewhere' });
    expect([ana.files.state(file.name)?.state, ana.files.reach(file.name)]).toEqual(['waiting', 'unknown']);
  });
});

it.each([
  { state: 'complete' },
  { state: 'complete', elsewhere: true },
  { state: 'complete', elsewhere: false },
] as const)('a note %j is read as it was written', (note) => {
  expect(decodeNote(encodeNote(note))).toEqual(note);
});
