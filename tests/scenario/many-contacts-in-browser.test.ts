// Somebody with 200 contacts of whom none is there, with the real tracker and real WebRTC in a real browser. To make it hard the
// tracker says of every one of them that somebody is there: 200 who listen and never answer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../src/adapters/memory/store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { trackerEntryPoint } from '../../src/adapters/tracker/entry-point.ts';
import type { WebSocketLike } from '../../src/adapters/tracker/socket.ts';
import type { EntryPoint } from '../../src/core/ports/entry-point.ts';
import { type Host, startHost } from '../../src/host/host.ts';
import { aliases } from '../../vite.config.ts';
import { befriendCrowd } from '../fixtures/crowd.ts';
import type { CrowdPage } from '../fixtures/crowd-page/main.ts';
import { placeAt } from '../fixtures/places.ts';
import { findChromium, launchArguments } from '../tools/chromium.ts';

// A browser starts here and 200 people announce themselves at 50 a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const CONTACTS = 200;
const MOST_ALIVE = 40;
const SEED = 11;

const root = fileURLToPath(new URL('../fixtures/crowd-page/', import.meta.url));
let folder: string;
let host: Host;
let browser: Browser;
let ghosts: EntryPoint;
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kith-crowd-'));
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    resolve: { alias: aliases },
    build: { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  host = await startHost({ folder, port: 0, network: false });
  browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
  ghosts = trackerEntryPoint({
    url: `ws://localhost:${host.port}/announce`,
    clock: systemClock,
    random: systemRandom,
    connect: (url) => new WebSocket(url) as unknown as WebSocketLike,
  });
});

afterAll(async () => {
  ghosts.close();
  await browser.close();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(host.urls[0] ?? '');
  await page.waitForFunction(() => 'page' in window);
  return page;
}

/** The page's own object; `window` has several by now. */
const crowd = (page: Page) => page.evaluateHandle(() => (window as unknown as { page: CrowdPage }).page);

it('200 contacts are said to be there and never answer: at most 40 connections, no error, and the one who comes is reached', async () => {
  // Who is said to be there was there first.
  const topics = await befriendCrowd(CONTACTS, {
    store: new MemoryDisk().reopen(),
    clock: systemClock,
    random: seededRandom(SEED),
  });
  const counted = new Map<Uint8Array, number>();
  const offered = new Set<Uint8Array>();
  const memberships = topics.map((topic) =>
    ghosts.join(placeAt(topic), {
      others: (count = 0) => counted.set(topic, count),
      offer: () => offered.add(topic),
    }),
  );
  await vi.waitUntil(() => counted.size === CONTACTS, { timeout: 60_000 });
  const ana = await crowd(await open());
  await ana.evaluate((page, [seed, count]) => page.beAna(seed as number, count as number), [SEED, CONTACTS]);
  // She has asked about everybody, and has as many calls out as she ever has at once.
  const asked = () => {
    memberships.at(-1)?.refresh();
    return (counted.get(topics.at(-1) ?? new Uint8Array()) ?? 0) > 0;
  };
  await vi.waitUntil(() => asked() && offered.size >= 16, { timeout: 60_000, interval: 250 });

  const ben = await crowd(await open());
  await ben.evaluate((page, [seed, place]) => page.beContact(seed as number, place as number), [SEED, CONTACTS]);
  const online = (handle: typeof ana, name: string) =>
    handle.evaluate(
      async (page, wanted) =>
        (await page.snapshot()).conversations.some((view) => view.name === wanted && view.presence === 'online'),
      name,
    );
  await vi.waitUntil(async () => (await online(ana, `Friend ${CONTACTS}`)) && (await online(ben, 'Ana')), {
    timeout: 60_000,
  });

  const { made, peak } = await ana.evaluate((page) => ({ ...page.connections }));
  expect(peak).toBeLessThanOrEqual(MOST_ALIVE);
  expect(made).toBeGreaterThanOrEqual(16);
  expect(complaints).toEqual([]);
});
