// Rendezvous, tracker adapter, WebRTC and host as users have them: real pages under the real policy, the real tracker, and
// candidates that hide their address behind mDNS names. Two pages of one browser, and two browser processes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Host, startHost } from '../../src/host/host.ts';
import { aliases } from '../../vite.config.ts';
import type { MeetingPage, Met } from '../fixtures/meeting-page/main.ts';
import { findChromium, launchArguments } from '../tools/chromium.ts';

declare global {
  interface Window {
    page: MeetingPage;
  }
}

// Two browsers start here; on a busy machine that alone may take a while.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const root = fileURLToPath(new URL('../fixtures/meeting-page/', import.meta.url));
let folder: string;
let host: Host;
/** Where most pages are; closed with everything in it. */
let browser: Browser;
const pages: Page[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kith-meeting-'));
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    resolve: { alias: aliases },
    build: { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  host = await startHost({ folder, port: 0, network: false });
  browser = await launch();
});

afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
  expect(complaints.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const launch = () => chromium.launch({ executablePath: findChromium(), args: launchArguments() });

async function openPage(at = browser): Promise<Page> {
  const page = await (await at.newContext()).newPage();
  pages.push(page);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(host.urls[0] ?? '');
  await page.waitForFunction(() => window.page?.counts.doors[0] === 'open');
  return page;
}

const meet = (page: Page, key: number, word: string): Promise<Met> =>
  page.evaluate(([k, w]) => window.page.meet(k as number, w as string), [key, word]);

async function expectMeeting(ana: Page, ben: Page): Promise<void> {
  const [a, b] = await Promise.all([meet(ana, 1, 'I am Ana'), meet(ben, 1, 'I am Ben')]);
  expect([a.heard, b.heard]).toEqual(['I am Ben', 'I am Ana']);
  expect([a.local, a.remote]).toEqual([b.remote, b.local]);
  console.log(`link after ${Math.round(a.took)} and ${Math.round(b.took)} ms`);
}

describe('two people at the tracker of npm start', () => {
  it('meet in two pages of one browser, without a complaint of the policy', async () => {
    await expectMeeting(await openPage(), await openPage());
  });

  it('meet from two browser processes, and again after one has reloaded', async () => {
    const another = await launch();
    const [ana, ben] = [await openPage(), await openPage(another)];
    await expectMeeting(ana, ben);
    const again = ana.evaluate(() => window.page.lose(1, 'I am Ana still'));
    await ben.reload();
    await ben.waitForFunction(() => window.page?.counts.doors[0] === 'open');
    expect((await meet(ben, 1, 'I am Ben again')).heard).toBe('I am Ana still');
    expect((await again).heard).toBe('I am Ben again');
    await another.close();
  });

  it('cost nothing while 200 others are not there', async () => {
    const page = await openPage();
    await page.evaluate(() => {
      for (let key = 2; key < 202; key++) void window.page.meet(key, 'nobody hears this');
    });
    const visitor = await openPage();
    // The tracker knows about the last of the 200 when somebody who comes for that one is met.
    expect((await meet(visitor, 201, 'hello')).heard).toBe('nobody hears this');
    expect(await page.evaluate(() => window.page.counts.opened)).toBe(1);
  });
});

describe('a connection whose candidates trickle', () => {
  it('opens between two pages by signals of less than 80 bytes', async () => {
    const [ana, ben] = [await openPage(), await openPage()];
    const offer = await ana.evaluate(() => window.page.dial.offer());
    const answer = await ben.evaluate((signal) => window.page.dial.answer(signal), offer);
    expect(Math.max(offer.length, answer.length)).toBeLessThan(80);
    await ana.evaluate((signal) => window.page.dial.accept(signal), answer);
    const carry = async (from: Page, to: Page) => {
      const candidate = await from.evaluate(() => window.page.dial.nextCandidate());
      expect(candidate.length).toBeLessThan(40);
      await to.evaluate((bytes) => window.page.dial.addCandidate(bytes), candidate);
    };
    await Promise.all([carry(ana, ben), carry(ben, ana)]);
    const heard = [ana, ben].map((page, index) =>
      page.evaluate((word) => window.page.dial.talk(word), `word ${index}`),
    );
    expect(await Promise.all(heard)).toEqual(['word 1', 'word 0']);
  });
});
