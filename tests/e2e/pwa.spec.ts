// The page as a static copy on any host: under any path, installed, without a network, and when a new release appears.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { type StaticSite, serveStatic } from '../tools/static-site.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Nobody to talk to and nothing to ask: what is left is the page itself. */
const quiet = JSON.stringify({ trackers: [], iceServers: [] });

let site: StaticSite;
test.beforeEach(async () => {
  site = await serveStatic(dist, '/any/path/');
  site.replaced.set('kith.config.json', quiet);
});
test.afterEach(() => site.stop());

const ready = (page: Page) => expect(page.getByTestId('app')).toHaveAttribute('data-ready', 'true');

async function open(page: Page): Promise<void> {
  await page.goto(site.url);
  await ready(page);
}

/** The worker has everything and serves this page. */
async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}

/** Collects what must not happen on any page of the context. */
function complaints(context: BrowserContext): string[] {
  const found: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') found.push(message.text());
  });
  context.on('weberror', (error) => found.push(String(error.error())));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && origin !== new URL(site.url).origin) found.push(`request to ${origin}`);
  });
  return found;
}

/** A new release of the same page: another index.html, and a worker that says so. */
function publishRelease(release: string): void {
  const html = readFileSync(`${dist}index.html`, 'utf8');
  site.replaced.set('index.html', html.replace(/(name="kith-release" content=")\w+/, `$1${release}`));
  const worker = readFileSync(`${dist}sw.js`, 'utf8');
  const listed = /(["']?revision["']?:\s*["'`])\w+(["'`],\s*["']?url["']?:\s*["'`]index\.html)/;
  expect(worker).toMatch(listed);
  site.replaced.set('sw.js', worker.replace(listed, `$1${release}$2`));
}

const releaseOf = (page: Page) => page.locator('meta[name="kith-release"]').getAttribute('content');

test('works under any path of a plain host, without one complaint or request elsewhere', async ({ context, page }) => {
  const found = complaints(context);
  await open(page);
  await controlled(page);
  expect(found).toEqual([]);
  expect(site.requests.filter((path) => path.startsWith('/'))).toEqual([]);
});

test('the policy stands in the page and covers what follows it', async ({ page }) => {
  await open(page);
  const first = await page.evaluate(() => document.head.firstElementChild?.getAttribute('http-equiv'));
  expect(first).toBe('Content-Security-Policy');
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<img src=x onerror=alert(1)>';
      return 'accepted';
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(refused).toBe('TypeError');
});

test('can be installed, and two copies on one host are two apps', async ({ page, context }) => {
  await open(page);
  await controlled(page);
  const devtools = await context.newCDPSession(page);
  const { errors } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  // A fresh test profile is an incognito window, where nothing can be installed: that alone may be said.
  expect(installabilityErrors.map((error) => error.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  const { appId } = await devtools.send('Page.getAppId');
  expect(appId).toBe(site.url);
});

test('opens without a network after the first visit, in a reload and in a new tab', async ({ page, context }) => {
  await open(page);
  await controlled(page);
  await site.stop();
  await page.reload();
  await ready(page);
  const other = await context.newPage();
  await other.goto(`${site.url}index.html?and=query`);
  await ready(other);
  await site.start();
});

test('the configuration is fresh while there is a network and kept for when there is none', async ({ page }) => {
  await open(page);
  await controlled(page);
  const read = () => page.evaluate(async () => (await fetch('kith.config.json')).text());
  site.replaced.set('kith.config.json', '{"trackers":[],"maxFileBytes":1000}');
  expect(await read()).toContain('1000');
  await site.stop();
  expect(await read()).toContain('1000');
  await site.start();
  site.replaced.set('kith.config.json', quiet);
  expect(await read()).toBe(quiet);
});

test('a new release waits until the person agrees, then every tab has it', async ({ page, context }) => {
  await open(page);
  await controlled(page);
  const other = await context.newPage();
  await open(other);
  const old = await releaseOf(page);
  publishRelease('ffffffffffff');
  await page.reload();
  await ready(page);
  const accept = page.getByRole('button', { name: 'Reload to update' });
  await expect(accept).toBeVisible();
  expect([await releaseOf(page), await releaseOf(other)]).toEqual([old, old]);
  await page.reload();
  await ready(page);
  expect(await releaseOf(page)).toBe(old);
  await accept.click();
  for (const tab of [page, other]) {
    await expect(tab.locator('meta[name="kith-release"]')).toHaveAttribute('content', 'ffffffffffff');
    await ready(tab);
  }
  await expect(accept).toBeHidden();
});
