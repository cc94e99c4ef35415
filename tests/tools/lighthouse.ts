// Lighthouse over a Chromium of ours: scores of one page, 0 … 100, and the names of the audits that cost points.
import { createServer } from 'node:net';
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import { findChromium, launchArguments } from './chromium.ts';

export type Category = 'accessibility' | 'best-practices' | 'performance';

export interface Score {
  /** 0 … 100 */
  readonly score: number;
  /** "audit-id: title" of everything below its best. */
  readonly findings: readonly string[];
}

/**
 * Runs Lighthouse once, in a browser of its own, as on a phone (its default) with an empty profile.
 * @throws Error when Lighthouse cannot load the page
 */
export async function lighthouseScores<C extends Category>(
  url: string,
  categories: readonly C[],
): Promise<Readonly<Record<C, Score>>> {
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...launchArguments(), `--remote-debugging-port=${port}`],
  });
  try {
    const result = await lighthouse(url, { port, onlyCategories: [...categories], output: 'json', logLevel: 'error' });
    if (!result || result.lhr.runtimeError)
      throw new Error(`Lighthouse: ${result?.lhr.runtimeError?.message ?? 'no result'}`);
    const { lhr } = result;
    const scores = categories.map((name) => {
      const category = lhr.categories[name];
      const findings = (category?.auditRefs ?? [])
        .filter(({ weight, id }) => weight > 0 && (lhr.audits[id]?.score ?? 1) < 1)
        .map(({ id }) => `${id}: ${lhr.audits[id]?.title ?? ''}`);
      return [name, { score: Math.round((category?.score ?? 0) * 100), findings }];
    });
    return Object.fromEntries(scores) as Record<C, Score>;
  } finally {
    await browser.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
