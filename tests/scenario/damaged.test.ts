// Records that cannot be read any more, and pages that died between two of them: everything else goes on, and what is damaged
// stays on the disk as it is.
import { beforeEach, expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;
beforeEach(async () => {
  village = new Village(77);
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  cleo = await village.person('Cleo');
  await village.introduce(ana, ben);
  await village.introduce(ana, cleo);
  await ana.write(ben, 'to Ben');
  await ana.write(cleo, 'to Cleo');
  await village.until(async () => (await ana.states(ben)).join() === 'delivered');
  await village.until(async () => (await ana.states(cleo)).join() === 'delivered');
});

async function restart(person: Villager, meanwhile: () => Promise<void> | void = () => {}): Promise<void> {
  await person.close();
  person.disk.crash();
  await meanwhile();
  await person.start();
}

const file = (size = 150_000) => ({ file: new File([new Uint8Array(size).fill(7)], 'a.bin'), thumbnail: null });

it.each(['contacts', 'conversations'] as const)(
  'a damaged record in %s: the others talk on, and it stays as it is',
  async (table) => {
    const id = await ana.idOf(ben);
    const before = ana.disk.written.get(table)?.get(id);
    await restart(ana, () => ana.disk.damage(table, id));
    await village.together(ana, cleo);
    await ana.write(cleo, 'still here');
    await village.until(async () => (await ana.states(cleo)).join() === 'delivered,delivered');
    await village.pass(60_000);
    expect(await ana.with(ben)).toBeUndefined();
    expect((await ana.snapshot()).storage.damagedRecords).toBe(1);
    expect(ana.disk.damaged.size).toBe(1);
    expect(ana.disk.written.get(table)?.get(id)).toEqual(before);
    // Nobody is met only to be sent away.
    expect((await ben.with(ana))?.presence).toBe('offline');
  },
);

it('a damaged message: its conversation opens without it and goes on both ways', async () => {
  const id = await ana.idOf(ben);
  await restart(ana, () => ana.disk.damage('messages', `${id}/000000000001`));
  await village.together(ana, ben);
  expect(await ana.texts(ben, 'out')).toEqual([]);
  await ben.write(ana, 'and back');
  await ana.write(ben, 'again');
  await village.until(async () => (await ana.states(ben)).join() === 'delivered');
  await village.until(async () => (await ben.states(ana)).join() === 'delivered');
  expect(ana.disk.damaged.size).toBe(1);
});

it('a damaged record of a file that waits: its message is dropped as damaged, and a retry says that it cannot be read', async () => {
  await ben.close();
  await ana.node.sendFiles(await ana.idOf(ben), [file()]);
  const [fileId = ''] = ana.disk.written.get('files')?.keys() ?? [];
  await restart(ana, () => ana.disk.damage('files', fileId));
  await ben.start();
  await village.until(async () => (await ana.states(ben)).join() === 'delivered,dropped: damaged');
  expect(await ana.node.retryMessage(await ana.idOf(ben), fileId)).toMatchObject({
    ok: false,
    kind: 'file-unreadable',
  });
  expect(ana.disk.damaged.size).toBe(1);
});

it('a file that was sealed before the page died, and never written as a message, is forgotten at the next start', async () => {
  // The record of the file is one commit, its message the next.
  ana.disk.commitsUntilCrash = 1;
  void ana.node.sendFiles(await ana.idOf(ben), [file()]);
  await village.until(() => ana.disk.crashes > 0);
  expect(ana.disk.written.get('files')?.size).toBe(1);
  await restart(ana);
  expect(ana.disk.written.get('files')?.size).toBe(0);
  expect(ana.files.files.size).toBe(0);
});

it('a file whose message is there, readable or not, is kept', async () => {
  const id = await ana.idOf(ben);
  await ben.close();
  await ana.node.sendFiles(id, [file()]);
  await restart(ana, () => ana.disk.damage('messages', `${id}/000000000002`));
  expect(ana.disk.written.get('files')?.size).toBe(1);
});

it('a conversation that is cleared takes its files with it in one commit', async () => {
  await ana.node.sendFiles(await ana.idOf(ben), [file()]);
  await village.until(async () => (await ana.states(ben)).join() === 'delivered,delivered');
  ana.disk.commitsUntilCrash = 1;
  void ana.node.clearConversation(await ana.idOf(ben));
  await village.until(() => ana.disk.crashes > 0);
  await restart(ana);
  expect(await ana.messages(ben)).toEqual([]);
  expect(ana.disk.written.get('files')?.size).toBe(0);
  expect(ana.files.files.size).toBe(0);
});

it('a message handed over under an id of another length is refused, and the conversation stays whole', async () => {
  const id = await ana.idOf(ben);
  expect(await ana.node.sendText(id, 'odd', 'abcd')).toMatchObject({ ok: false });
  expect(await ana.texts(ben, 'out')).toEqual(['to Ben']);
});

it('a draft that is put down after its contact was removed is not kept', async () => {
  const id = await ana.idOf(ben);
  await ana.node.removeContact(id);
  await ana.node.setDraft(id, 'late');
  expect(ana.disk.written.get('drafts')?.size ?? 0).toBe(0);
});
