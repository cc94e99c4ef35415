// What a page may find broken when it opens: the deployer's configuration, or what the disk has kept. It says so in words, harms
// nothing, and goes on wherever it can.
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { type StaticSite, serveStatic } from '../tools/static-site.ts';
import { friends } from './friends.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const nobody = JSON.stringify({ trackers: [], iceServers: [] });

let site: StaticSite;
test.beforeEach(async () => {
  site = await serveStatic(dist);
  site.replaced.set('kith.config.json', nobody);
});
test.afterEach(() => site.stop());

const ready = (page: Page) => expect(page.getByTestId('app')).toHaveAttribute('data-ready', 'true');

async function join(page: Page, name: string): Promise<string> {
  await page.getByTestId('onboarding-name').fill(name);
  await page.getByTestId('onboarding-create').click();
  await expect(page.getByTestId('my-number')).toHaveAttribute('data-number', /^\d{15}$/);
  return (await page.getByTestId('my-number').getAttribute('data-number')) ?? '';
}

for (const [what, config, words] of [
  ['missing', null, /kith\.config\.json is missing/],
  ['not JSON', '{ "trackers": [', /kith\.config\.json is not valid JSON/],
  ['of wrong types', '{ "trackers": [], "iceServers": [], "maxFileBytes": "many" }', /maxFileBytes/],
] as const) {
  test(`a configuration that is ${what} is named, and the page works without it`, async ({ page }) => {
    site.replaced.set('kith.config.json', config);
    await page.goto(site.url);
    await ready(page);
    await expect(page.locator('[data-notice=config]')).toHaveText(words);
    await page.locator('[data-notice=config]').getByRole('button').last().click();
    await expect(page.locator('[data-notice=config]')).toHaveCount(0);
    await expect(page.getByTestId('onboarding-name')).toBeVisible();
  });
}

test('a clock that is days off is named while the host is asked, and not by a kept copy', async ({ page }) => {
  const setAhead = (days: number) =>
    page.addInitScript((ms) => {
      const now = Date.now;
      Date.now = () => now() + ms;
    }, days * 86_400_000);
  const notice = page.locator('[data-notice=config]');
  await page.goto(site.url);
  await ready(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await expect(notice).toHaveCount(0);
  await setAhead(3);
  await page.reload();
  await ready(page);
  await expect(notice).toHaveText(/clock seems to be 3 days ahead/);
  await site.stop();
  await page.reload();
  await ready(page);
  await expect(page.getByTestId('onboarding-name')).toBeVisible();
  await expect(notice).toHaveCount(0);
});

test('a database of a newer version is left alone, and the page says what to do', async ({ page }) => {
  await page.goto(new URL('manifest.webmanifest', site.url).href);
  const version = () =>
    page.evaluate(async () => (await indexedDB.databases()).find(({ name }) => name === 'kith')?.version);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('kith', 999);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      }),
  );
  await page.goto(site.url);
  await expect(page.getByRole('alert')).toContainText(/newer Kith/);
  expect(await version()).toBe(999);
});

test('records whose key is gone are not deleted, and the page says that they cannot be read', async ({ page }) => {
  await page.goto(site.url);
  await ready(page);
  const number = await join(page, 'Ana');
  await page.goto(new URL('manifest.webmanifest', site.url).href);
  const key = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('kith');
    const file = await (await folder.getFileHandle('data-key')).getFile();
    const bytes = [...new Uint8Array(await file.arrayBuffer())];
    await folder.removeEntry('data-key');
    return bytes;
  });
  await page.goto(site.url);
  await expect(page.getByRole('alert')).toContainText(/key to your data is not on this device/);

  // Nothing was harmed: with the key everything is back.
  await page.goto(new URL('manifest.webmanifest', site.url).href);
  await page.evaluate(async (bytes) => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('kith');
    const file = await (await folder.getFileHandle('data-key', { create: true })).createWritable();
    await file.write(Uint8Array.from(bytes));
    await file.close();
  }, key);
  await page.goto(site.url);
  await expect(page.getByTestId('my-number')).toHaveAttribute('data-number', number);
});

test('a database that the browser has lost is said to be gone, until somebody begins anew', async ({ page }) => {
  await page.goto(site.url);
  await ready(page);
  await join(page, 'Ana');
  await page.goto(new URL('manifest.webmanifest', site.url).href);
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('kith');
        deleting.onsuccess = () => resolve();
        deleting.onerror = () => reject(new Error('not deleted'));
      }),
  );
  const gone = page.getByTestId('import-unfinished');
  for (let start = 0; start < 2; start++) {
    await page.goto(site.url);
    await expect(gone).toHaveAttribute('data-code', 'data-gone');
    await expect(gone).toContainText('not here any more');
    await expect(gone).toBeInViewport({ ratio: 1 });
  }
  await join(page, 'Ana');
  await page.goto(site.url);
  await ready(page);
  await expect(page.getByTestId('my-number')).toBeVisible();
  await expect(gone).toHaveCount(0);
});

test('a record that no longer opens is left out and counted, and everything else is there', async ({
  browser,
  baseURL,
}) => {
  const { ana, ben, numbers, leave } = await friends(baseURL ?? '', undefined, browser);
  for (const text of ['one', 'two', 'three']) await ben.write(text);
  await expect(ana.messages('in')).toHaveCount(3);
  await ana.page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('kith');
        opening.onsuccess = () => {
          const writing = opening.result.transaction('messages', 'readwrite');
          const store = writing.objectStore('messages');
          const keys = store.getAllKeys();
          keys.onsuccess = () => {
            const second = keys.result[1] as IDBValidKey;
            const reading = store.get(second);
            reading.onsuccess = () => {
              const sealed = reading.result as Uint8Array;
              sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
              store.put(sealed, second);
            };
          };
          writing.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
  );
  await ana.reload();
  await ana.openConversation(numbers.ben);
  await expect(ana.messages('in')).toHaveCount(2);
  expect(await ana.texts('in')).toEqual(['one', 'three']);
  await expect(ana.page.locator('[data-notice=damaged]')).toBeVisible();
  await ben.write('four');
  await expect(ana.message('four')).toBeVisible();
  await leave();
});
