// Strangers who knock all day: junk connections, and junk handshakes over them, against a page on which somebody types. `npm run soak`
// does it with 200 and 10,000.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { build } from 'vite';
import { aliases } from '../../vite.config.ts';
import type { Damage, JunkPage } from '../fixtures/junk-page/main.ts';
import { serveStatic } from '../tools/static-site.ts';
import { friends } from './friends.ts';
import { expect, type Person } from './people.ts';
import { median } from './soak.ts';

const long = process.env.KITH_SOAK === 'long';
const CONNECTIONS = long ? 200 : 20;
const HANDSHAKES = long ? 10_000 : 1_000;
/** Mebibytes of the page's heap that may be left of it. */
const KEPT_MIB = 16;
/** RTCPeerConnections that the page may have at a time: a browser has 500, and closed ones count until they are collected. */
const MOST_ALIVE = 60;
const FEWEST_KEYS = 20;

declare global {
  var kithConnectionsAlive: number;
  var kithConnectionsPeak: number;
  /** Addresses of the workers that were made. */
  var kithWorkers: string[];
}

/** Runs in every page before its own scripts. */
function count(): void {
  globalThis.kithConnectionsAlive = 0;
  globalThis.kithConnectionsPeak = 0;
  globalThis.kithWorkers = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    #closed = false;
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      globalThis.kithConnectionsAlive += 1;
      globalThis.kithConnectionsPeak = Math.max(globalThis.kithConnectionsPeak, globalThis.kithConnectionsAlive);
    }
    override close(): void {
      super.close();
      if (!this.#closed) globalThis.kithConnectionsAlive -= 1;
      this.#closed = true;
    }
  };
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      globalThis.kithWorkers.push(String(url));
    }
  };
}

/** Milliseconds from a key to the frame after it. */
async function keyLatency(person: Person): Promise<number> {
  const input = person.id('message-input');
  const shown = await input.evaluateHandle((element) => ({
    // In an object, or the handle would wait for it: it is there before the key is.
    latency: new Promise<number>((resolve) => {
      const seen = ({ timeStamp }: Event) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - timeStamp)));
      element.addEventListener('keydown', seen, { once: true });
    }),
  }));
  await input.press('k');
  return shown.evaluate(({ latency }) => latency);
}

/** Mebibytes on the page's heap after a collection. */
async function heapOf(person: Person): Promise<number> {
  const session = await person.context.newCDPSession(person.page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}

const argon2Runs = (person: Person): Promise<number> =>
  person.page.evaluate(() => globalThis.kithWorkers.filter((url) => url.includes('number')).length);

const scale = long
  ? `${CONNECTIONS} junk connections and more are offered, until ${HANDSHAKES} junk handshakes have gone over those that open`
  : `${CONNECTIONS} junk connections are offered, with up to ${HANDSHAKES} junk handshakes over those that open`;

test(`${scale}: the person types on, nothing piles up, no stranger makes the page run Argon2id`, async ({
  baseURL,
  browser,
}) => {
  const address = baseURL ?? '';
  test.setTimeout(long ? 1_800_000 : 180_000);
  const folder = await mkdtemp(join(tmpdir(), 'kith-junk-'));
  const pair = await friends(address, count);
  const { ana, ben, numbers } = pair;
  const root = fileURLToPath(new URL('../fixtures/junk-page/', import.meta.url));
  const output = { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false } } as const;
  await build({ configFile: false, root, base: './', logLevel: 'error', resolve: { alias: aliases }, build: output });
  const site = await serveStatic(folder);
  try {
    // Ben, whose page is the idle one, knows Ana already: without trackers strangers do not find him, and the session stays.
    await ben.id('settings').click();
    await ben.id('trackers').fill('');
    await ben.id('trackers-save').click();
    await ben.openConversation(numbers.ana);
    const card = await ana.card();
    await ana.openConversation(numbers.ben);
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(site.url);
    await stranger.waitForFunction(() => 'junk' in window);
    const [before, runsBefore] = [await heapOf(ana), await argon2Runs(ana)];

    const given = {
      tracker: new URL('/announce', address.replace(/^http/, 'ws')).href,
      card,
      connections: CONNECTIONS,
      handshakes: HANDSHAKES,
      untilSent: long,
    };
    let over = false;
    const attack: Promise<Damage> = stranger
      .evaluate((attackOf) => (window as unknown as { junk: JunkPage }).junk.attack(attackOf), given)
      .finally(() => {
        over = true;
      });
    attack.catch(() => undefined); // is awaited below
    const [typing, idle]: [number[], number[]] = [[], []];
    while (!over || typing.length < FEWEST_KEYS) {
      typing.push(await keyLatency(ana));
      idle.push(await keyLatency(ben));
    }
    const damage = await attack;
    const [after, runs] = [await heapOf(ana), (await argon2Runs(ana)) - runsBefore];
    const peak = await ana.page.evaluate(() => globalThis.kithConnectionsPeak);
    const milliseconds = (values: number[]) => `${median(values).toFixed(1)} ms`;
    console.log(
      `junk: ${damage.offered} connections offered, ${damage.opened} opened, ${damage.handshakes} handshakes; a key is shown in ${milliseconds(typing)}, on the idle page in ${milliseconds(idle)} (${typing.length} keys); heap ${before.toFixed(1)} to ${after.toFixed(1)} MiB; at most ${peak} connections at a time; Argon2id ${runs}`,
    );
    expect(damage.offered).toBeGreaterThanOrEqual(CONNECTIONS);
    expect(damage.opened).toBeGreaterThan(0);
    expect(damage.handshakes).toBeGreaterThanOrEqual(long ? HANDSHAKES : 1);
    expect(median(typing)).toBeLessThanOrEqual(2 * median(idle));
    expect(after - before).toBeLessThan(KEPT_MIB);
    expect(peak).toBeLessThanOrEqual(MOST_ALIVE);
    expect(runs).toBe(0);

    // The two talk as if nothing had been.
    await ana.write('still here');
    await expect(ben.message(/still here$/)).toBeVisible();
    await expect(ana.id('pair-request')).toHaveCount(0);
    await stranger.context().close();
  } finally {
    await Promise.all([pair.leave(), site.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
});
