// Files between two people: whole at every size, refused in time, side by side with text, and harmless whatever they hold.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { png } from '../fixtures/png.ts';
import { friends, type Pair } from './friends.ts';
import { held, holdAfter, jammable, release } from './jam.ts';
import { expect, noise, type Person, sha256, test } from './people.ts';

const LIMIT = 26_214_400;
const UNIT = 65_536;
const octets = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

let pair: Pair;
let ana: Person;
let ben: Person;
let folder: string;

test.beforeAll(async ({ browser, baseURL }) => {
  pair = await friends(baseURL ?? '', jammable, browser);
  ({ ana, ben } = pair);
  folder = await mkdtemp(join(tmpdir(), 'kith-files-'));
});
test.afterAll(async () => {
  await pair?.leave();
  await rm(folder, { recursive: true, force: true });
});
test.afterEach(() => {
  expect([...ana.complaints.splice(0), ...ben.complaints.splice(0)]).toEqual([]);
});

/** Path of a file with this content: large ones would take longer to reach the browser in any other way. */
async function onDisk(name: string, content: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

for (const size of [0, 1, UNIT, 1_000_003, LIMIT]) {
  test(`a file of ${size.toLocaleString('en')} bytes arrives with the same SHA-256, and is saved as it was`, async () => {
    const content = noise(size);
    const name = `${size}.bin`;
    await ana.id('attach-input').setInputFiles(await onDisk(name, content));
    await ana.id('message-send').click();
    for (const person of [ana, ben]) {
      await expect(person.attachment(name)).toHaveAttribute('data-state', 'complete', { timeout: 60_000 });
      await expect(person.attachment(name)).toHaveAttribute('data-sha256', sha256(content));
      await expect(person.attachment(name)).toHaveAttribute('data-size', String(size));
    }
    await expect(ana.fileMessage(name)).toHaveAttribute('data-state', /delivered|read/);
    const saved = await ben.save(name);
    expect(saved.name).toBe(name);
    expect(sha256(saved.bytes)).toBe(sha256(content));
  });
}

test('one byte over the limit is refused before anything is sent, names the limit, and does not stay', async () => {
  await ana.id('attach-input').setInputFiles(await onDisk('too-large.bin', Buffer.alloc(LIMIT + 1)));
  await expect(ana.id('compose-error')).toHaveAttribute('data-code', 'file-too-large');
  await expect(ana.id('compose-error')).toContainText('26,214,400');
  await expect(ana.id('waiting-file')).toHaveCount(0);
  await expect(ana.id('message-send')).toBeDisabled();
  const before = await ben.id('message').count();
  // What comes after it arrives, so what would have come before it has had its chance.
  await ana.attach(octets('small-enough.bin', noise(1)));
  await expect(ana.id('compose-error')).toHaveCount(0);
  await expect(ben.attachment('small-enough.bin')).toHaveAttribute('data-state', 'complete');
  await expect(ben.id('message')).toHaveCount(before + 1);
});

test('several files go one after the other, and text overtakes them', async () => {
  const files = ['first', 'second', 'third'].map((name) => octets(`${name}.bin`, noise(10 * UNIT)));
  await holdAfter(ana.page, 4);
  await ana.attach(...files);
  const progress = String((await held(ana.page)) / 10);
  await expect(ben.attachment('first.bin')).toHaveAttribute('data-progress', progress);
  await ana.write('meanwhile');
  await ben.write('I see it coming');
  await expect(ben.message('meanwhile')).toBeVisible();
  await expect(ana.message('meanwhile')).toHaveAttribute('data-state', /delivered|read/);
  await expect(ana.message('I see it coming')).toBeVisible();
  await expect(ben.attachment('first.bin')).toHaveAttribute('data-state', 'transferring');
  await expect(ana.attachment('first.bin')).toHaveAttribute('data-progress', progress);
  await expect(ben.attachment('third.bin')).toHaveAttribute('data-state', 'waiting');
  await release(ana.page);
  for (const { name, buffer } of files) {
    await expect(ben.attachment(name)).toHaveAttribute('data-sha256', sha256(buffer));
    await expect(ana.attachment(name)).toHaveAttribute('data-state', 'complete');
  }
});

test('the sender cancels a file that moves: it stops on both sides, the next one goes, and Retry sends it after all', async () => {
  const content = noise(20 * UNIT);
  await holdAfter(ana.page, 5);
  await ana.attach(octets('rather-not.bin', content));
  const progress = String((await held(ana.page)) / 20);
  await expect(ben.attachment('rather-not.bin')).toHaveAttribute('data-progress', progress);
  await ana.attachment('rather-not.bin').getByTestId('attachment-cancel').click();
  for (const person of [ana, ben])
    await expect(person.attachment('rather-not.bin')).toHaveAttribute('data-state', 'failed');
  await expect(ana.fileMessage('rather-not.bin')).toHaveAttribute('data-state', 'dropped');
  await expect(ana.fileMessage('rather-not.bin').locator('[data-reason]')).toHaveAttribute('data-reason', 'cancelled');
  await release(ana.page);
  await ana.attach(octets('instead.bin', noise(UNIT)));
  await expect(ben.attachment('instead.bin')).toHaveAttribute('data-state', 'complete');

  await ana.fileMessage('rather-not.bin').getByTestId('message-retry').click();
  await expect(ben.attachment('rather-not.bin')).toHaveAttribute('data-sha256', sha256(content));
  await expect(ana.fileMessage('rather-not.bin')).toHaveAttribute('data-state', /delivered|read/);
});

test('the receiver cancels a file that moves: the sender is told that it was declined', async () => {
  await holdAfter(ana.page, 5);
  await ana.attach(octets('unwanted.bin', noise(20 * UNIT)));
  const progress = String((await held(ana.page)) / 20);
  await expect(ben.attachment('unwanted.bin')).toHaveAttribute('data-progress', progress);
  await ben.attachment('unwanted.bin').getByTestId('attachment-cancel').click();
  for (const person of [ana, ben])
    await expect(person.attachment('unwanted.bin')).toHaveAttribute('data-state', 'failed');
  await expect(ana.fileMessage('unwanted.bin')).toHaveAttribute('data-state', 'dropped');
  await expect(ana.fileMessage('unwanted.bin').locator('[data-reason]')).toHaveAttribute('data-reason', 'declined');
  await release(ana.page);
  await ana.attach(octets('wanted.bin', noise(UNIT)));
  await expect(ben.attachment('wanted.bin')).toHaveAttribute('data-state', 'complete');
});

test('a name with a path and bidirectional characters arrives as a plain name', async () => {
  await ana.attach(octets('../../etc/in\u202Evoice\u200B\u2066fdp.exe', noise(10)));
  await expect(ben.attachment('invoicefdp.exe')).toHaveAttribute('data-state', 'complete');
  expect((await ben.save('invoicefdp.exe')).name).toBe('invoicefdp.exe');
});

test('a file that changed on the disk before it was sealed is refused with the reason, first where it waits', async () => {
  const path = await onDisk('report.png', Buffer.from('first words'));
  const chip = ana.id('waiting-file');
  await ana.id('attach-input').setInputFiles(path);
  await expect(chip).toHaveAttribute('data-state', 'prepared');
  await writeFile(path, 'quite other words');
  // It is sealed once more, exactly as it is.
  await ana.id('send-as-file').check();
  await expect(chip).toHaveAttribute('data-code', 'file-changed');
  await expect(chip.getByRole('alert')).toBeVisible();
  await ana.id('message-send').click();
  await expect(ana.id('compose-error')).toHaveAttribute('data-code', 'file-changed');
  await expect(chip).toHaveCount(0);
  await expect(ana.attachment('report.png')).toHaveCount(0);
  await ana.id('attach-input').setInputFiles(path);
  await ana.id('message-send').click();
  await expect(ana.id('compose-error')).toHaveCount(0);
  await expect(ben.attachment('report.png')).toHaveAttribute('data-sha256', sha256(Buffer.from('quite other words')));
});

test('a file that changes on the disk while it waits arrives as it was when it was sealed', async () => {
  const path = await onDisk('waiting.bin', Buffer.from('as chosen'));
  await ana.id('attach-input').setInputFiles(path);
  await expect(ana.id('waiting-file')).toHaveAttribute('data-state', 'prepared');
  await writeFile(path, 'changed since');
  await ana.id('message-send').click();
  await expect(ben.attachment('waiting.bin')).toHaveAttribute('data-sha256', sha256(Buffer.from('as chosen')));
});

test('a file that changes on the disk while it moves arrives as it was when it was sent', async () => {
  const content = noise(10 * UNIT);
  const path = await onDisk('moving.bin', content);
  await holdAfter(ana.page, 5);
  await ana.id('attach-input').setInputFiles(path);
  await ana.id('message-send').click();
  const progress = String((await held(ana.page)) / 10);
  await expect(ben.attachment('moving.bin')).toHaveAttribute('data-progress', progress);
  await writeFile(path, noise(10 * UNIT));
  await release(ana.page);
  await expect(ben.attachment('moving.bin')).toHaveAttribute('data-sha256', sha256(content));
});

test('a picture is shown, in its own proportions, and opens large', async () => {
  await ana.attach({ name: 'dunes.png', mimeType: 'image/png', buffer: png(64, 48) });
  await expect(ben.attachment('dunes.png')).toHaveAttribute('data-state', 'complete');
  for (const person of [ana, ben]) {
    const picture = person.attachment('dunes.png').getByTestId('attachment-preview');
    await expect(picture).toBeVisible();
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(64);
  }
  await ben.attachment('dunes.png').getByTestId('attachment-preview').click();
  await expect(ben.page.getByRole('dialog').getByRole('img')).toBeVisible();
  await ben.page.keyboard.press('Escape');
  await expect(ben.page.getByRole('dialog')).toHaveCount(0);
});

test('a page, a drawing with a script, and a page that calls itself a picture are never shown or opened', async () => {
  const attack = '<script>document.title = "taken over"; top.location = "about:blank"</script>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${attack}</svg>`;
  const hostile = [
    { name: 'letter.html', mimeType: 'text/html', buffer: Buffer.from(`<!doctype html>${attack}`) },
    { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
    { name: 'holiday.png', mimeType: 'image/png', buffer: Buffer.from(`<!doctype html>${attack}`) },
  ];
  const address = ben.page.url();
  await ana.attach(...hostile);
  for (const { name, buffer } of hostile) {
    await expect(ben.attachment(name)).toHaveAttribute('data-state', 'complete');
    await ben.attachment(name).scrollIntoViewIfNeeded();
    await expect(ben.attachment(name).getByTestId('attachment-preview')).toHaveCount(0);
    const saved = await ben.save(name);
    expect(saved.bytes.equals(buffer)).toBe(true);
  }
  expect(ben.page.url()).toBe(address);
  expect(ben.context.pages()).toHaveLength(1);
  await expect(ben.page).not.toHaveTitle(/taken over/);
});
