// Two pages that lose their link and find each other again over the tracker.
import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import type { Pair } from './pair.ts';

/** Reconnections in one run; the first after loading a page is not counted. */
const RECONNECTIONS = 5;

/** Milliseconds from losing the link to an open channel on both sides. */
export async function rawConnect(pair: Pair): Promise<number[]> {
  const { ana, ben } = await pair.openLab();
  const topic = randomBytes(20).toString('hex');
  for (const [page, calls] of [
    [ben, false],
    [ana, true],
  ] as const) {
    await page.evaluate(
      ([where, first]) => {
        const reunion = new window.lab.RawReunion();
        window.reunion = reunion;
        return reunion.watch(where, first);
      },
      [topic, calls] as const,
    );
  }
  return reconnections(ana, ben);
}

/** Milliseconds from losing the link to an authenticated session on both sides. */
export async function kithConnect(pair: Pair): Promise<number[]> {
  const { ana, ben } = await pair.openLab();
  const secret = randomBytes(32).toString('hex');
  const [anas, bens] = await Promise.all(
    [ana, ben].map((page) =>
      page.evaluate(() => {
        const reunion = new window.lab.KithReunion();
        window.reunion = reunion;
        return reunion.bundle();
      }),
    ),
  );
  const watch = (page: Page, bundle = '') =>
    page.evaluate(([peer, key]) => (window.reunion as InstanceType<typeof window.lab.KithReunion>).watch(peer, key), [
      bundle,
      secret,
    ] as const);
  await Promise.all([watch(ana, bens), watch(ben, anas)]);
  return reconnections(ana, ben);
}

async function reconnections(ana: Page, ben: Page): Promise<number[]> {
  const arrivals = () => Promise.all([ana, ben].map((page) => page.evaluate(() => window.reunion.live())));
  await arrivals();
  const times: number[] = [];
  while (times.length < RECONNECTIONS) {
    await Promise.all([ana, ben].map((page) => page.evaluate(() => window.reunion.expect())));
    const began = await ben.evaluate(() => window.reunion.loseLink());
    times.push(Math.max(...(await arrivals())) - began);
  }
  return times;
}
