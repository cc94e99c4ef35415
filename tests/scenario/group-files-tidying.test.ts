// What a page that opens removes of sealed units, and what it leaves alone (core/group/FILES.md).
import { beforeEach, describe, expect, it } from 'vitest';
import type { AttachmentView } from '../../src/core/node-api.ts';
import type { Table } from '../../src/core/ports/store.ts';
import { patterned } from '../contract/blob-store.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

let village: Village;
let ana: Villager;
let ben: Villager;

async function fileOf(person: Villager): Promise<AttachmentView | undefined> {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.flatMap(({ attachment }) => (attachment ? [attachment] : []))[0];
}

const has = async (person: Villager) => (await fileOf(person))?.state === 'complete';

/** Ana and Ben have a group, in which she has sent him a file. */
beforeEach(async () => {
  village = new Village();
  [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  await village.outcome(ana.node.createGroup('Hikers', [await ana.idOf(ben)]));
  await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'Ben is invited');
  await village.outcome(ben.node.answerGroup(await idOf(ben), 'accept'));
  await village.until(async () => (await groupOf(ana))?.joined === 2, 'Ana sees two');
  const file = { file: new File([patterned(100_000)], 'plan.pdf'), thumbnail: null };
  expect(await village.outcome(ana.node.sendFiles(await idOf(ana), [file]))).toMatchObject({ ok: true });
  for (const person of [ana, ben]) await village.until(() => has(person), `${person.name} has it`);
});

/** The last of Ben’s records whose key is one of these. */
async function damage(table: Table, isIt: (key: string) => boolean): Promise<void> {
  const key = (await ben.disk.reopen().list(table))
    .map((record) => record.key)
    .filter(isIt)
    .at(-1);
  if (key === undefined) throw new Error('no such record');
  ben.disk.damage(table, key);
}

describe('a page that opens', () => {
  it('removes what no message names, and nothing else', async () => {
    const before = await ben.files.list();
    await ben.node.prepareFile(await idOf(ben), 'cd'.repeat(16), new File([patterned(50_000)], 'never.bin'), true);
    expect(await ben.files.list()).toHaveLength(before.length + 1);
    await ben.close();
    await ben.start();
    await village.until(async () => (await ben.files.list()).length === before.length, 'it is gone');
    expect(await ben.files.list()).toEqual(before);
    expect(await has(ben)).toBe(true);
  });

  it.each<[string, Table, (key: string) => boolean]>([
    ['a message', 'group-messages', () => true],
    ['an operation', 'group-operations', () => true],
    ['the group itself', 'groups', (key) => !key.startsWith('join/')],
    ['how a file ended', 'group-state', (key) => key.includes('/file/')],
  ])('removes nothing while %s does not decrypt: it may name any file', async (_, table, isIt) => {
    await ben.close();
    const before = await ben.files.list();
    await damage(table, isIt);
    await ben.start();
    await village.pass(5_000);
    expect(await ben.files.list()).toEqual(expect.arrayContaining(before));
  });

  it('finds its files again although the end of one of them makes no sense', async () => {
    await ben.close();
    const store = ben.disk.reopen();
    const note = (await store.list('group-state')).find(({ key }) => key.includes('/file/'));
    await store.commit([{ put: 'group-state', key: note?.key ?? '', value: Uint8Array.of(0xff) }], 'strict');
    await ben.start();
    // The page before lets go of the file a while later.
    await village.until(() => has(ben), 'Ben still has it');
  });
});
