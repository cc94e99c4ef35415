// Pages that are reloaded, closed or killed at any moment: everything arrives once, in order, and nothing claims to be delivered
// that is not on the other side.

import { test } from '@playwright/test';
import { doubles, friends, type Pair } from './friends.ts';
import { expect, type Person, test as withPeople } from './people.ts';

const count = (from: number, to: number, words: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${words} ${from + index}`);

/** Everything Ana wrote is on Ben's side once, in order, and Ana says so. */
async function arrived(writer: Person, reader: Person, texts: readonly string[]): Promise<void> {
  await expect(reader.messages('in')).toHaveCount(texts.length);
  expect(await reader.texts('in')).toEqual(texts);
  await expect(writer.page.locator('[data-direction=out]:is([data-state=delivered], [data-state=read])')).toHaveCount(
    texts.length,
  );
  expect(await writer.texts('out')).toEqual(texts);
}

withPeople('either page reloads at every step of first contact, and they still meet', async ({ ana, ben }) => {
  const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
  const card = await ana.card();
  await ana.reload();
  expect(await ana.number()).toBe(anasNumber);
  await ben.take(card);
  await ben.hasCalled(anasNumber);
  await ben.reload();

  await expect(ana.id('pair-request')).toHaveAttribute('data-number', bensNumber);
  await ana.reload();
  await expect(ana.id('pair-request')).toHaveAttribute('data-number', bensNumber);
  await ben.reload();
  await ana.id('pair-request').getByTestId('pair-accept').click();
  // Gone means that the answer is on the disk; a reload before that would ask again, as it should.
  await expect(ana.id('pair-request')).toHaveCount(0);
  await Promise.all([ana.reload(), ben.reload()]);

  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-presence', 'online');
  await expect(ben.conversation(anasNumber)).toHaveAttribute('data-presence', 'online');
  await expect(ana.id('conversation')).toHaveCount(1);
  await expect(ben.id('conversation')).toHaveCount(1);
  await expect(ben.conversation(anasNumber)).toHaveAttribute('data-trust', 'verified');
  await expect(ana.id('pair-request')).toHaveCount(0);
  await ana.openConversation(bensNumber);
  await ben.openConversation(anasNumber);
  await ben.write('at last');
  await arrived(ben, ana, ['at last']);
});

test.describe('between friends', () => {
  /** They have met and closed their browsers; each test begins there. */
  let met: Pair;
  let pair: Pair;
  test.beforeAll(async ({ baseURL }) => {
    met = await friends(baseURL ?? '');
    await Promise.all([met.ana.quit(), met.ben.quit()]);
  });
  test.beforeEach(async () => {
    pair = await doubles(met);
  });
  test.afterEach(() => pair?.leave());
  test.afterAll(() => met?.leave());

  test('a reload comes back to the open conversation, Back then leads to the list, and the address tells nothing', async () => {
    const { ana, numbers } = pair;
    await ana.page.setViewportSize({ width: 390, height: 844 });
    const address = ana.page.url();
    await ana.reload();
    await expect(ana.id('message-input')).toBeVisible();
    await expect(ana.conversation(numbers.ben)).toBeHidden();
    expect(ana.page.url()).toBe(address);
    await ana.page.goBack();
    await expect(ana.conversation(numbers.ben)).toBeVisible();
    await ana.page.setViewportSize({ width: 1280, height: 720 });
    await ana.openConversation(numbers.ben);
  });

  test('reloads of either page or both right after writing lose nothing, double nothing and keep the order', async () => {
    const { ana, ben, numbers } = pair;
    for (let round = 1; round <= 3; round += 1) {
      await ana.write(`Ana ${2 * round - 1}`);
      await ben.write(`Ben ${2 * round - 1}`);
      // What stands in the conversation is on the disk; before that it stands in the draft.
      await expect(ana.message(`Ana ${2 * round - 1}`)).toBeVisible();
      await expect(ben.message(`Ben ${2 * round - 1}`)).toBeVisible();
      const reloads = [ana, ben].filter((_, index) => (round & (index + 1)) !== 0);
      await Promise.all(reloads.map((person) => person.reload()));
      await ana.openConversation(numbers.ben);
      await ben.openConversation(numbers.ana);
      await ana.write(`Ana ${2 * round}`);
      await ben.write(`Ben ${2 * round}`);
    }
    await arrived(ana, ben, count(1, 6, 'Ana'));
    await arrived(ben, ana, count(1, 6, 'Ben'));
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  });

  test('what is written while the other is closed waits, says so, and arrives when they come back', async () => {
    const { ana, ben, numbers } = pair;
    await ana.write('Ana 1');
    await arrived(ana, ben, ['Ana 1']);
    await ben.quit();
    await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'offline');
    for (const text of count(2, 4, 'Ana')) await ana.write(text);
    await ana.attach({ name: 'meanwhile.txt', mimeType: 'text/plain', buffer: Buffer.from('meanwhile') });
    await expect(ana.attachment('meanwhile.txt')).toHaveAttribute('data-state', 'waiting');
    for (const text of count(2, 4, 'Ana')) await expect(ana.message(text)).toHaveAttribute('data-state', 'queued');
    await expect(ana.fileMessage('meanwhile.txt')).toHaveAttribute('data-state', 'queued');
    await ana.reload();
    await ana.openConversation(numbers.ben);
    await ana.write('Ana 5');
    await expect(ana.message('Ana 5')).toHaveAttribute('data-state', 'queued');

    await ben.launch();
    await ben.openConversation(numbers.ana);
    await expect(ben.attachment('meanwhile.txt')).toHaveAttribute('data-state', 'complete');
    await expect(ben.messages('in')).toHaveCount(6);
    expect(await ben.texts('in')).toEqual(count(1, 5, 'Ana'));
    await expect(ben.messages('in').nth(4).getByTestId('attachment')).toHaveAttribute('data-name', 'meanwhile.txt');
    await expect(ana.fileMessage('meanwhile.txt')).toHaveAttribute('data-state', /delivered|read/);
    for (const text of count(1, 5, 'Ana'))
      await expect(ana.message(text)).toHaveAttribute('data-state', /delivered|read/);
  });

  test('a browser that is killed has on its disk whatever the other was told is delivered', async () => {
    const { ana, ben, numbers } = pair;
    for (const text of count(1, 5, 'Ana')) await ana.write(text);
    await expect(ana.message('Ana 5')).toHaveAttribute('data-state', /delivered|read/);
    await ben.kill();
    await ana.write('Ana 6');
    await expect(ana.message('Ana 6')).toHaveAttribute('data-state', /queued|sent/);
    // Two are gone together: what Ana wrote lies on her own disk as well.
    await ana.kill();
    await ben.launch();
    await ben.openConversation(numbers.ana);
    await expect(ben.messages('in')).toHaveCount(5);
    expect(await ben.texts('in')).toEqual(count(1, 5, 'Ana'));
    await ana.launch();
    await ana.openConversation(numbers.ben);
    await arrived(ana, ben, count(1, 6, 'Ana'));
  });
});
