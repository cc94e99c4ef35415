// axe (WCAG 2.2 A and AA, and its best practices) on the page as it stands.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** @param screen What is looked at, for whoever reads the failure. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // "Legacy" runs all of axe in the page itself. The other way opens a second page each time, to put frames' results together,
  // and ours has no frames.
  expect(page.frames()).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`),
  );
  expect(found, screen).toEqual([]);
  // Parts of the page scroll, the page itself never does: something absolute has escaped from its part else.
  const beyond = await page.evaluate(() => {
    const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement;
    return [scrollWidth - clientWidth, scrollHeight - clientHeight];
  });
  expect(beyond, `${screen}: the page itself scrolls`).toEqual([0, 0]);
}
