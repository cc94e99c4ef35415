// The site goes down while people talk: they need it no more, and the page opens from what the browser keeps.
import { test } from '@playwright/test';
import { friends } from './friends.ts';
import { expect, type Person } from './people.ts';
import { startSite } from './start-site.ts';

const controlled = ({ page }: Person) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

test('the server stops: they go on talking, a reload opens the app, and all arrives when it is back', async ({
  browser,
}) => {
  const site = await startSite();
  const { port } = new URL(site.url);
  const pair = await friends(site.url, undefined, browser);
  const { ana, ben, numbers } = pair;
  await Promise.all([controlled(ana), controlled(ben)]);
  await site.stop();

  await ana.write('is the server gone?');
  await ben.write('who needs it');
  await expect(ben.message('is the server gone?')).toBeVisible();
  await expect(ana.message('who needs it')).toBeVisible();
  await ana.attach({ name: 'proof.txt', mimeType: 'text/plain', buffer: Buffer.from('still here') });
  await expect(ben.attachment('proof.txt')).toHaveAttribute('data-state', 'complete');

  await ana.reload();
  expect(await ana.number()).toBe(numbers.ana);
  await ana.openConversation(numbers.ben);
  await expect(ana.id('message')).toHaveCount(3);
  await ana.write('written without any server');
  await expect(ana.message('written without any server')).toHaveAttribute('data-state', 'queued');

  const again = await startSite(port);
  // Both try again by themselves after a while; so that the test need not wait for that, their browsers say that the network is back.
  for (const person of [ana, ben]) await person.page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(ana.message('written without any server')).toHaveAttribute('data-state', /delivered|read/);
  await expect(ben.message('written without any server')).toBeVisible();
  await pair.leave();
  await again.stop();
});
