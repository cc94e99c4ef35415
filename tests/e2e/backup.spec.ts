// Taking everything along and coming back: on a new device, over an old one, and with words alone.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { encode } from '../../src/core/wire/cbor.ts';
import { png } from '../fixtures/png.ts';
import { expect, meet, noise, Person, sha256, test } from './people.ts';

const PASSPHRASE = 'seven geese walk home at dusk';

/** Saves a backup as a person does. Path of the file. */
async function saveBackup(person: Person, folder: string, passphrase = PASSPHRASE): Promise<string> {
  await person.id('settings').click();
  await person.id('backup-passphrase').fill(passphrase);
  const [download] = await Promise.all([person.page.waitForEvent('download'), person.id('backup-export').click()]);
  expect(download.suggestedFilename()).toMatch(/^kith-\d{4}-\d\d-\d\d\.kithbackup$/);
  const path = join(folder, `${person.name}.kithbackup`);
  await download.saveAs(path);
  return path;
}

/** On the first screen: the file, then its passphrase. */
async function openBackup(person: Person, path: string, passphrase = PASSPHRASE): Promise<void> {
  await person.id('backup-import').setInputFiles(path);
  await person.id('backup-passphrase').fill(passphrase);
  await person.id('backup-passphrase').press('Enter');
}

const refusedWith = (person: Person, code: string) =>
  expect(person.id('backup-error')).toHaveAttribute('data-code', code);

/** Somebody where nobody has ever opened the page. */
const newDevice = (name: string, site: string | undefined, browser: Browser) => Person.visit(browser, name, site ?? '');

test('a backup brings the same person back on a new device, and the talk goes on', async ({
  ana,
  ben,
  browser,
  baseURL,
}, info) => {
  const numbers = await meet(ana, ben);
  const [picture, plan] = [png(64, 48), noise(1_000_003)];
  await ana.write('before');
  await ana.attach({ name: 'photo.png', mimeType: 'image/png', buffer: picture });
  await ben.attach({ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: plan });
  await expect(ana.attachment('plan.bin')).toHaveAttribute('data-state', 'complete');
  await expect(ben.attachment('photo.png')).toHaveAttribute('data-state', 'complete');
  const path = await saveBackup(ana, info.outputDir);
  await ana.openConversation(numbers.ben);
  // What Ben writes after the backup was made is not in it.
  await ben.write('since then');
  await expect(ana.message('since then')).toBeVisible();
  await ana.quit();
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline', { timeout: 30_000 });

  // The file itself tells nothing.
  const file = await readFile(path);
  for (const secret of ['before', 'plan.bin', numbers.ana, numbers.ben, PASSPHRASE])
    expect(file.includes(secret)).toBe(false);
  // As a record has them, with their length in front: three letters alone turn up in megabytes by chance.
  for (const name of ['Ana', 'Ben']) expect(file.includes(Buffer.from(encode(name)))).toBe(false);

  const phone = await newDevice('Ana', baseURL, browser);
  await openBackup(phone, path, 'seven geese walk home at dawn');
  await refusedWith(phone, 'backup-passphrase');
  const cut = info.outputPath('cut.kithbackup');
  await writeFile(cut, file.subarray(0, file.length - 1000));
  await openBackup(phone, cut);
  await refusedWith(phone, 'backup-truncated');
  const letter = info.outputPath('letter.kithbackup');
  await writeFile(letter, 'Dear Ana');
  await openBackup(phone, letter);
  await refusedWith(phone, 'backup-foreign');
  await expect(phone.id('my-number')).toHaveCount(0);

  await openBackup(phone, path);
  await expect(phone.id('my-number')).toHaveAttribute('data-number', numbers.ana, { timeout: 30_000 });
  await phone.openConversation(numbers.ben);
  await expect(phone.message('before')).toBeVisible();
  await expect(phone.attachment('photo.png')).toHaveAttribute('data-state', 'complete');
  const saved = await phone.save('plan.bin');
  expect(sha256(saved.bytes)).toBe(sha256(plan));
  await expect(phone.conversation(numbers.ben)).toHaveAttribute('data-presence', 'online');
  await expect(phone.message('since then')).toBeVisible();
  await phone.write('here I am again');
  await expect(ben.message('here I am again')).toBeVisible();
  await ben.write('welcome back');
  await expect(phone.message('welcome back')).toBeVisible();
  await expect(phone.message('here I am again')).toHaveAttribute('data-state', /delivered|read/);
  // Everything is there once.
  for (const person of [phone, ben])
    for (const text of ['before', 'since then', 'here I am again', 'welcome back'])
      await expect(person.message(text)).toHaveCount(1);
  for (const person of [phone, ben]) expect(person.complaints).toEqual([]);
  await phone.leave();
});

test('over a device that has an identity it asks, and then replaces everything, in all tabs', async ({
  ana,
  ben,
}, info) => {
  const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
  const path = await saveBackup(ana, info.outputDir);
  await ana.quit();
  const second = await ben.context.newPage();
  await second.goto(new URL('.', ben.page.url()).href);
  await ben.ready(second);
  await ben.id('settings').click();
  await ben.id('backup-passphrase').fill(PASSPHRASE);
  await ben.id('backup-import').setInputFiles(path);
  await ben.id('confirm-no').click();
  await expect(ben.id('my-number')).toHaveAttribute('data-number', bensNumber);
  await ben.id('backup-open').click();
  await ben.id('confirm-yes').click();
  await expect(ben.id('my-number')).toHaveAttribute('data-number', anasNumber, { timeout: 30_000 });
  await expect(second.getByTestId('my-number')).toHaveAttribute('data-number', anasNumber, { timeout: 30_000 });
  expect(ben.complaints).toEqual([]);
});

test('24 words bring the same number back; what is wrong with them is said', async ({ ana, ben, browser, baseURL }) => {
  const numbers = await meet(ana, ben);
  await ana.write('long ago');
  await expect(ben.message('long ago')).toBeVisible();
  await ana.id('settings').click();
  await ana.id('words-show').click();
  const list = ana.id('recovery-words').getByRole('listitem');
  await expect(list).toHaveCount(24);
  const words = await list.allTextContents();
  expect(words).toHaveLength(24);
  await ana.id('words-show').click();
  await expect(ana.id('recovery-words')).toHaveCount(0);
  await ana.quit();

  const phone = await newDevice('Ana', baseURL, browser);
  await phone.id('words-return').click();
  await phone.id('return-name').fill('Ana');
  const come = async (typed: readonly string[]) => {
    await phone.id('return-words').fill(typed.join(' '));
    await phone.id('return-submit').click();
  };
  await come(words.slice(0, 23));
  await refusedWith(phone, 'words-count');
  await come(words.with(6, 'qwertz'));
  await refusedWith(phone, 'word-unknown');
  await expect(phone.id('backup-error')).toContainText('Word 7');
  await come(words.with(3, words[3] === 'zebra' ? 'zone' : 'zebra'));
  await refusedWith(phone, 'words-checksum');
  await come(words);
  await expect(phone.id('my-number')).toHaveAttribute('data-number', numbers.ana);
  await expect(phone.id('conversation')).toHaveCount(0);

  // A card is the way back to people: the same conversation for them.
  await ben.take(await phone.card());
  await phone.id('pair-accept').click();
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  await ben.openConversation(numbers.ana);
  await expect(ben.message('long ago')).toBeVisible();
  await phone.openConversation(numbers.ben);
  await phone.write('with words alone');
  await expect(ben.message('with words alone')).toBeVisible();
  await expect(phone.message('with words alone')).toHaveAttribute('data-state', /delivered|read/);
  for (const person of [phone, ben]) expect(person.complaints).toEqual([]);
  await phone.leave();
});

test('the same identity on two devices is noticed on both; the one that is chosen goes on, and nothing is lost', async ({
  ana,
  ben,
  browser,
  baseURL,
}, info) => {
  const numbers = await meet(ana, ben);
  const path = await saveBackup(ana, info.outputDir);
  const phone = await newDevice('Ana', baseURL, browser);
  await openBackup(phone, path);
  for (const device of [ana, phone]) {
    await expect(device.id('twin')).toHaveAttribute('data-state', 'held', { timeout: 60_000 });
    await expect(device.id('twin')).toContainText('Nothing is sent and nothing arrives');
  }
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline', { timeout: 30_000 });
  await ben.write('which of you?');
  await expect(ben.message('which of you?')).toHaveAttribute('data-state', 'queued');
  await phone.id('twin-go-on').click();
  await phone.id('confirm-yes').click();
  await expect(ana.id('twin')).toHaveAttribute('data-state', 'retired', { timeout: 60_000 });
  await expect(phone.id('twin')).toHaveCount(0);
  await phone.openConversation(numbers.ben);
  await expect(phone.message('which of you?')).toBeVisible({ timeout: 30_000 });
  await expect(ben.message('which of you?')).toHaveAttribute('data-state', /delivered|read/);
  await phone.write('this one');
  await expect(ben.message('this one')).toBeVisible();
  // The other one is erased, and the chosen one never hears of it.
  await ana.id('twin-erase').click();
  await ana.id('confirm-yes').click();
  await expect(ana.id('onboarding-name')).toBeVisible();
  await phone.write('still this one');
  await expect(ben.message('still this one')).toBeVisible();
  for (const person of [ana, phone, ben]) expect(person.complaints).toEqual([]);
  await phone.leave();
});
