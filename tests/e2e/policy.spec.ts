// A whole session under the eyes of the browser's own judges: not one violation of the policy or of Trusted Types, not one
// complaint on the console, not one request to anybody but the page's own host and its tracker.
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { png } from '../fixtures/png.ts';
import { serveStatic } from '../tools/static-site.ts';
import { friends } from './friends.ts';
import { expect, type Person } from './people.ts';

declare global {
  var kithViolations: string[];
}

function watchViolations(): void {
  globalThis.kithViolations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
    globalThis.kithViolations.push(`${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`),
  );
}

const violations = ({ page }: Person) => page.evaluate(() => globalThis.kithViolations);

/** Hosts spoken to by any page or worker of the browser, sockets included, and warnings on the console. */
function watch({ context }: Person): { hosts: Set<string>; warnings: string[] } {
  const seen = { hosts: new Set<string>(), warnings: [] as string[] };
  const note = (url: string) => {
    const { protocol, host } = new URL(url);
    if (/^(https?|wss?):$/.test(protocol)) seen.hosts.add(host);
  };
  context.on('request', (request) => note(request.url()));
  for (const page of context.pages()) page.on('websocket', (socket) => note(socket.url()));
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.warnings.push(message.text());
  });
  return seen;
}

test('a whole session breaks no rule and speaks to nobody else', async ({ browser, baseURL }) => {
  const pair = await friends(baseURL ?? '', watchViolations, browser);
  const { ana, ben, numbers } = pair;
  const seen = [watch(ana), watch(ben)];
  for (const person of [ana, ben]) await person.reload();
  await ana.openConversation(numbers.ben);
  await ben.openConversation(numbers.ana);
  await ana.write(
    '<img src=x onerror="document.title = 1"> https://example.org/?a=1&b=2 javascript:alert(1) 👋🏽 עברית',
  );
  await ana.attach(
    { name: 'dunes.png', mimeType: 'image/png', buffer: png(64, 48) },
    {
      name: 'letter.html',
      mimeType: 'text/html',
      buffer: Buffer.from('<script src=https://example.org/x.js></script>'),
    },
  );
  await expect(ben.message(/^<img/)).toHaveCount(1);
  await expect(ben.message(/^<img/).getByRole('link')).toHaveCount(1);
  await expect(ben.message(/^<img/).getByRole('link')).toHaveAttribute('href', 'https://example.org/?a=1&b=2');
  await expect(ben.attachment('dunes.png').getByTestId('attachment-preview')).toBeVisible();
  await ben.attachment('dunes.png').getByTestId('attachment-preview').click();
  await expect(ben.page.getByRole('dialog')).toBeVisible();
  await ben.page.keyboard.press('Escape');
  await expect(ben.attachment('letter.html')).toHaveAttribute('data-state', 'complete');
  await ben.save('letter.html');

  await ana.diagnostics();
  await ana.id('trackers').fill('/announce');
  await ana.id('trackers-save').click();
  await ana.id('read-receipts').click();
  await ana.id('my-name').fill('Ana B');
  await ana.id('my-name-save').click();
  await expect(ben.conversation(numbers.ana)).toContainText('Ana B');
  await ana.card();
  await ana.id('my-card-new').click();
  await ana.openConversation(numbers.ben);
  await ana.id('contact-page').click();
  await ana.id('conversation-clear').click();
  await ana.id('confirm-yes').click();
  await ana.openConversation(numbers.ben);
  await expect(ana.id('message')).toHaveCount(0);
  for (const { page } of [ana, ben]) {
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  }

  const { host } = new URL(baseURL ?? '');
  for (const [index, person] of [ana, ben].entries()) {
    expect(await violations(person)).toEqual([]);
    expect(seen[index]?.warnings).toEqual([]);
    expect([...(seen[index]?.hosts ?? [])]).toEqual([host]);
    expect(person.complaints).toEqual([]);
  }

  // The judges are awake: the same page is told off at once for what it must not do.
  await ben.page.evaluate(() => {
    try {
      document.body.insertAdjacentHTML('beforeend', '<p>as markup</p>');
    } catch {
      // Trusted Types throw; the report is what counts here.
    }
    fetch('https://example.org/').catch(() => {});
  });
  // Twice each: the policy stands in the page and in a header.
  await expect
    .poll(async () => [...new Set((await violations(ben)).map((text) => text.split(' ')[0]))].sort())
    .toEqual(['connect-src', 'require-trusted-types-for']);
  await pair.leave();
});

test('inside of another page it starts nothing and offers to open alone, whatever headers its host sends', async ({
  page,
}) => {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
  const [site, around] = [await serveStatic(dist), await serveStatic(dist)];
  around.replaced.set('index.html', `<!doctype html><iframe src="${site.url}" width="600" height="600"></iframe>`);
  await page.goto(around.url);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByTestId('framed')).toContainText('does not open inside of another page');
  await expect(frame.getByTestId('app')).toHaveCount(0);
  await expect(frame.getByRole('button')).toHaveCount(0);
  expect(site.requests).not.toContain('kith.config.json');
  expect(site.requests).not.toContain('sw.js');
  const [alone] = await Promise.all([page.waitForEvent('popup'), frame.getByRole('link').click()]);
  await expect(alone.getByTestId('app')).toHaveAttribute('data-ready', 'true');
  await Promise.all([site.stop(), around.stop()]);
});
