// The browser has lost its database and kept the rest: whole nodes say so, and never pass it off as a first start.
import { expect, it } from 'vitest';
import { RememberedVault } from '../fixtures/remembered-vault.ts';
import { backupOf, bringIn, freshDevice } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';

/** The page is closed; a browser that finds its database damaged deletes it, and opens an empty one in its place. */
async function loseDatabase(person: Villager): Promise<void> {
  await person.close();
  person.files.crash();
  person.disk.written = new Map();
  person.disk.durable = new Map();
  await person.start();
}

async function withFile() {
  const village = new Village();
  const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  const file = new File([new Uint8Array(5000)], 'a.bin');
  await ben.node.sendFiles(await ben.idOf(ana), [{ file, thumbnail: null }]);
  await village.until(
    async () => (await ana.messages(ben)).some(({ attachment }) => attachment?.state === 'complete'),
    'the file has arrived',
  );
  return { village, ana, ben };
}

const whoIs = async (person: Villager) => {
  const { identity, unfinished } = await person.snapshot();
  return { name: identity?.name ?? null, unfinished };
};

it('a database that is gone is told of until somebody has chosen what to do; a backup brings everything', async () => {
  const { village, ana } = await withFile();
  const backup = await backupOf(village, ana);
  await loseDatabase(ana);
  expect(await whoIs(ana)).toEqual({ name: null, unfinished: 'data-gone' });
  // A reload does not make it forget.
  await ana.close();
  ana.files.crash();
  await ana.start();
  expect(await whoIs(ana)).toEqual({ name: null, unfinished: 'data-gone' });
  await bringIn(village, ana, backup);
  expect(await whoIs(ana)).toEqual({ name: 'Ana', unfinished: undefined });
  expect(ana.files.files.size).toBe(1);
});

it('whoever starts anew is told no more', async () => {
  const { ana } = await withFile();
  await loseDatabase(ana);
  expect((await ana.node.createIdentity('Ana')).ok).toBe(true);
  expect(await whoIs(ana)).toEqual({ name: 'Ana', unfinished: undefined });
});

it('behind a passphrase as well, even where nothing else remembers', async () => {
  const { ana } = await withFile();
  ana.vault = { isProtected: true, open: async () => new RememberedVault() };
  ana.lived = false;
  await loseDatabase(ana);
  expect(await whoIs(ana)).toEqual({ name: null, unfinished: 'data-gone' });
});

it('a first start is one, also the second time, and an import that did not end is told of as that', async () => {
  const { village, ana } = await withFile();
  const backup = await backupOf(village, ana);
  const phone = await freshDevice(village, 'Ana', 700);
  expect(await whoIs(phone)).toEqual({ name: null, unfinished: undefined });
  await phone.close();
  await phone.start();
  expect(await whoIs(phone)).toEqual({ name: null, unfinished: undefined });
  await phone.node.createIdentity('Cleo');
  phone.files.room = 100;
  expect(await village.outcome(phone.node.importBackup(backup, 'seven geese walk home'))).toMatchObject({ ok: false });
  phone.files.crash();
  await phone.start();
  expect(await whoIs(phone)).toEqual({ name: null, unfinished: 'disk-full' });
});
