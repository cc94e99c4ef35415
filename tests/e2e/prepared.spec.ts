// A file is sealed while it waits in the composer: Send only offers it, and one that is not sent leaves nothing on the disk.
import type { Page } from '@playwright/test';
import { friends, type Pair } from './friends.ts';
import { expect, noise, type Person, sha256, test } from './people.ts';

declare global {
  /** Files that this page has given to its worker to be sealed. */
  var kithSeals: number;
}

/** An init script. */
function countSeals(): void {
  globalThis.kithSeals = 0;
  const { prototype } = Worker;
  const post = prototype.postMessage as (this: Worker, ...rest: unknown[]) => void;
  prototype.postMessage = function (this: Worker, ...rest: unknown[]) {
    if ((rest[0] as { call?: string }).call === 'seal') globalThis.kithSeals += 1;
    post.apply(this, rest);
  } as Worker['postMessage'];
}

const seals = (page: Page) => page.evaluate(() => globalThis.kithSeals);

/** Sealed files in the origin private file system. */
const storedFiles = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const files = await (await root.getDirectoryHandle('kith')).getDirectoryHandle('files');
    let count = 0;
    for await (const _ of (files as unknown as { keys(): AsyncIterable<string> }).keys()) count += 1;
    return count;
  });

const octets = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

let pair: Pair;
let ana: Person;
let ben: Person;

test.beforeAll(async ({ browser, baseURL }) => {
  pair = await friends(baseURL ?? '', countSeals, browser);
  ({ ana, ben } = pair);
});
test.afterAll(() => pair?.leave());
test.afterEach(() => {
  expect([...ana.complaints.splice(0), ...ben.complaints.splice(0)]).toEqual([]);
});

test('what waits is sealed before Send, and not again', async () => {
  const files = ['first.bin', 'second.bin'].map((name) => octets(name, noise(2_000_000)));
  await ana.id('attach-input').setInputFiles(files);
  await expect(ana.page.locator('[data-testid=waiting-file][data-state=prepared]')).toHaveCount(2);
  expect(await seals(ana.page)).toBe(2);
  await ana.id('message-send').click();
  for (const { name, buffer } of files)
    await expect(ben.attachment(name)).toHaveAttribute('data-sha256', sha256(buffer));
  expect(await seals(ana.page)).toBe(2);
});

test('what is taken back, and what waited when the page died, is neither sent nor kept', async () => {
  const before = await storedFiles(ana.page);
  const messages = await ben.id('message').count();
  const chip = ana.id('waiting-file');
  await ana.id('attach-input').setInputFiles(octets('rather-not.bin', noise(1_000_000)));
  await expect(chip).toHaveAttribute('data-state', 'prepared');
  expect(await storedFiles(ana.page)).toBe(before + 1);
  await chip.getByRole('button').click();
  await expect.poll(() => storedFiles(ana.page)).toBe(before);

  await ana.id('attach-input').setInputFiles(octets('not-yet.bin', noise(1_000_000)));
  await expect(chip).toHaveAttribute('data-state', 'prepared');
  await ana.reload();
  await expect(ana.conversation(pair.numbers.ben)).toHaveAttribute('data-presence', 'online');
  expect(await storedFiles(ana.page)).toBe(before);
  await ana.openConversation(pair.numbers.ben);
  await ana.write('nothing but this');
  await expect(ben.message('nothing but this')).toBeVisible();
  await expect(ben.id('message')).toHaveCount(messages + 1);
});

test('a second tab seals nothing itself, and what it leaves waiting is removed', async () => {
  const before = await storedFiles(ana.page);
  const second = await ana.context.newPage();
  await second.goto(ana.page.url());
  await ana.ready(second);
  await second.locator(`[data-testid=conversation][data-number="${pair.numbers.ben}"]`).click();
  const leads = await seals(ana.page);
  const attach = (name: string) => second.getByTestId('attach-input').setInputFiles(octets(name, noise(100_000)));
  await attach('from-the-second.bin');
  await expect(second.getByTestId('waiting-file')).toHaveAttribute('data-state', 'prepared');
  expect([(await seals(ana.page)) - leads, await seals(second)]).toEqual([1, 0]);
  await second.getByTestId('message-send').click();
  await expect(ben.attachment('from-the-second.bin')).toHaveAttribute('data-state', 'complete');
  expect((await seals(ana.page)) - leads).toBe(1);

  await attach('left-behind.bin');
  await expect(second.getByTestId('waiting-file')).toHaveAttribute('data-state', 'prepared');
  await second.close({ runBeforeUnload: true });
  await expect.poll(() => storedFiles(ana.page)).toBe(before + 1);
});
