// Erase everything: nothing is left in the browser's stores, the page begins anew in every tab, and the others go on without.
import { expect, meet, noise, test } from './people.ts';

test.use({ ownBrowsers: true });

/** What the browser still holds of the site, beside its code. */
const stored = async () => {
  const names: string[] = [];
  const root = await navigator.storage.getDirectory();
  for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  return { files: names, databases, flags: Object.keys(localStorage) };
};

test('everything goes after a question, in all tabs, also after the browser was closed', async ({ ana, ben }) => {
  const numbers = await meet(ana, ben);
  await ana.write('never to be read again');
  await ana.attach({ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: noise(100_000) });
  await expect(ben.attachment('plan.bin')).toHaveAttribute('data-state', 'complete');
  const second = await ana.context.newPage();
  await second.goto(new URL('.', ana.page.url()).href);
  await ana.ready(second);
  const before = await ana.page.evaluate(stored);
  expect(before.files).toEqual(['kith']);
  expect(before.databases).toHaveLength(1);

  await ana.id('settings').click();
  await ana.id('erase-everything').click();
  await ana.id('confirm-no').click();
  await expect(ana.id('my-number')).toHaveAttribute('data-number', numbers.ana);
  await ana.id('erase-everything').click();
  await ana.id('confirm-yes').click();
  await expect(ana.id('onboarding-name')).toBeVisible();
  await expect(second.getByTestId('onboarding-name')).toBeVisible();
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline');
  expect((await ana.page.evaluate(stored)).flags).toEqual([]);
  await second.close();

  // It is a first visit in every respect: another name, another number.
  await ana.quit();
  await ana.launch();
  await ana.join();
  expect(await ana.number()).not.toBe(numbers.ana);
  await expect(ana.id('conversation')).toHaveCount(0);
  for (const person of [ana, ben]) expect(person.complaints).toEqual([]);
});
