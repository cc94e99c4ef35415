// The first screen waits for nothing that only talking to others needs: the overlay's code is asked for when it is usable.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { expect, Person } from './people.ts';

declare global {
  /** When the page accepted input, milliseconds since its navigation. */
  var kithReadyAt: number;
}

function timeReady(): void {
  const observer = new MutationObserver(() => {
    if (document.querySelector('[data-testid=app][data-ready=true]') === null) return;
    globalThis.kithReadyAt = performance.now();
    observer.disconnect();
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true });
}

/** Files of the page as built, by the module that each begins with. */
function builtFile(module: string): string {
  const manifest = fileURLToPath(new URL('../../node_modules/.cache/kith/manifest.json', import.meta.url));
  return JSON.parse(readFileSync(manifest, 'utf8'))[module].file;
}

/** When the page asked for this file, milliseconds since its navigation; undefined: not yet. */
const askedFor = ({ page }: Person, file: string): Promise<number | undefined> =>
  page.evaluate(
    (name) => performance.getEntriesByType('resource').find((entry) => entry.name.endsWith(name))?.startTime,
    file,
  );

test('the overlay is loaded when the first screen can be used, not before', async ({ browser, baseURL }) => {
  const chunks = ['src/open-overlay.ts', 'src/core/node/overlay-house.ts'].map(builtFile);
  const ana = await Person.visit(browser, 'Ana', baseURL ?? '', (context) => context.addInitScript(timeReady));
  const loadedLater = async () => {
    for (const chunk of chunks) {
      await expect.poll(() => askedFor(ana, chunk)).toBeDefined();
      const readyAt = await ana.page.evaluate(() => globalThis.kithReadyAt);
      expect(await askedFor(ana, chunk)).toBeGreaterThan(readyAt);
    }
  };
  // Nobody there yet who could be connected.
  for (const chunk of chunks) expect(await askedFor(ana, chunk)).toBeUndefined();
  await ana.join();
  await loadedLater();
  await ana.reload();
  await loadedLater();
  await ana.leave();
});
