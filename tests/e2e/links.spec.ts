// Invitation links: sent by one, opened by another in a browser that has never been there, and what of them can be found afterwards.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { parseCard } from '../../src/core/identity/card.ts';
import { serveStatic } from '../tools/static-site.ts';
import { seen } from './canary.ts';
import { expect, Person, test } from './people.ts';
import { recordSent, sentBytes, storedBytes } from './recorder.ts';
import { tapWire } from './wire.ts';

/** What a browser opens with which page is kept in its profile. */
const apart = test.extend({ ownBrowsers: true });

/** The part of a link that is its one-time secret, in the letters of a card. */
const secretOf = (link: string) => link.slice(-36, -6);

/** Where the secret of this link can be seen: in its letters in any disguise, or as bytes. */
function sightings(link: string, places: Record<string, Buffer>): string[] {
  const bytes = Buffer.from(parseCard(link.slice(link.indexOf('#') + 1)).secret);
  return Object.entries(places).flatMap(([place, searched]) => [
    ...seen(searched, secretOf(link)).map((form) => `${place}: ${form}`),
    ...(searched.includes(bytes) ? [`${place}: bytes`] : []),
  ]);
}

/** Everything that the page can still be asked about addresses, and everything it keeps beside its database. */
const traces = async (page: Page): Promise<Record<string, Buffer>> => {
  const texts = await page.evaluate(async () => {
    const kept: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys())
        kept.push(request.url, (await (await cache.match(request))?.text()) ?? '');
    }
    const { navigation } = window as unknown as { navigation: { entries(): { url: string; getState(): unknown }[] } };
    return {
      address: `${location.href} ${document.referrer} ${document.title}`,
      history: JSON.stringify([history.state, navigation.entries().map((entry) => [entry.url, entry.getState()])]),
      caches: kept.join('\n'),
      flags: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    };
  });
  return Object.fromEntries(Object.entries(texts).map(([place, text]) => [place, Buffer.from(text)]));
};

const withoutHash = (page: Page) => expect.poll(() => page.evaluate(() => location.href)).not.toContain('#');

test('a link opened at a first visit leads to its maker after a name and one yes; both stay unverified until they compare, and its secret is nowhere', async ({
  baseURL,
}) => {
  const wire = await tapWire(baseURL ?? '');
  const ana = await Person.arrive('Ana', wire.url);
  await ana.join();
  const link = await ana.link();
  expect(link.startsWith(`${wire.url}#kith1`)).toBe(true);
  const ben = await Person.arrive('Ben', link, recordSent);
  try {
    await withoutHash(ben.page);
    await expect(ben.id('onboarding-invited')).toBeVisible();
    await ben.join();
    await expect(ben.id('link-accept')).toBeVisible();
    expect((await new AxeBuilder({ page: ben.page }).analyze()).violations).toEqual([]);
    // Nothing has gone to Ana before the yes.
    await expect(ana.id('pair-request')).toHaveCount(0);
    await ben.id('link-accept').click();
    const request = ana.id('pair-request');
    await expect(request).toHaveAttribute('data-number', await ben.number());
    await expect(request).toContainText('opened your link');
    await expect(request.getByTestId('pair-accept-verified')).toHaveCount(0);
    await request.getByTestId('pair-accept').click();
    const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
    for (const [person, other] of [
      [ana, bensNumber],
      [ben, anasNumber],
    ] as const) {
      await expect(person.conversation(other)).toHaveAttribute('data-presence', 'online');
      await expect(person.conversation(other)).toHaveAttribute('data-trust', 'unverified');
      // Where they waited, the conversation is next.
      await expect(person.id('message-input')).toBeVisible();
    }
    await ben.write('found you');
    await expect(ana.message('found you')).toBeVisible();
    await expect(ben.message('found you')).toHaveAttribute('data-state', /delivered|read/);

    const places: Record<string, Buffer> = {
      wire: wire.sent(),
      ...(await sentBytes(ben.page)),
      ...(await storedBytes(ben.page)),
    };
    for (const place of ['wire', 'RTCDataChannel', 'WebSocket', 'IndexedDB'] as const)
      expect(places[place]?.length, place).toBeGreaterThan(1_000);
    const found = await traces(ben.page);
    expect(found.history?.toString()).toContain(wire.url);
    expect(found.caches?.length).toBeGreaterThan(10_000);
    expect(sightings(link, { ...places, ...found })).toEqual([]);
    for (const place of ['address', 'history'] as const) expect(found[place]?.toString()).not.toContain('#');

    // Comparing is what verifies them.
    for (const person of [ana, ben]) {
      await person.id('contact-page').click();
      await expect(person.page.getByText('They came by an invitation link')).toBeVisible();
      await person.id('mark-verified').click();
      await person.id('confirm-yes').click();
      await expect(person.id('conversation')).toHaveAttribute('data-trust', 'verified');
    }
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);

    // The same search sees what is really there.
    await ben.page.evaluate(async (text) => {
      await fetch(`./?${text}`).catch(() => undefined);
      history.replaceState({ text }, '');
    }, secretOf(link));
    expect(sightings(link, { wire: wire.sent(), ...(await traces(ben.page)) })).toEqual([
      'wire: UTF-8',
      'history: UTF-8',
    ]);
  } finally {
    await Promise.all([ana.leave(), ben.leave()]);
    await wire.stop();
  }
});

test('a link opened beside what is open already: in the same tab, in a second one, twice, one’s own, a broken and a used one', async ({
  ana,
  ben,
  browser,
  baseURL,
}) => {
  const first = await ana.link();
  await ana.id('my-link-make').click();
  await expect(ana.id('my-link')).not.toHaveAttribute('data-link', first);
  const own = (await ana.id('my-link').getAttribute('data-link')) ?? '';

  // Typed into the address of a page that is open: nothing is loaded anew.
  await ben.id('settings').click();
  await ben.page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await ben.page.goto(`${baseURL}#kith1broken`);
  await expect(ben.id('pair-error')).toHaveAttribute('data-code', 'link-broken');
  await withoutHash(ben.page);
  await ben.page.goto(first);
  await expect(ben.id('link-accept')).toBeVisible();
  expect(await ben.page.evaluate(() => Reflect.get(window, 'sameDocument'))).toBe(true);
  await withoutHash(ben.page);
  // No leads back to where he was, and one can change one's mind.
  await ben.id('link-refuse').click();
  await expect(ben.id('trackers')).toBeVisible();

  // A second tab of the same person takes it, and the first shows it too.
  const second = await ben.context.newPage();
  await second.goto(first);
  await ben.ready(second);
  await second.getByTestId('link-accept').click();
  await ana.id('pair-request').getByTestId('pair-accept').click();
  for (const page of [ben.page, second])
    await expect(page.getByTestId('conversation')).toHaveAttribute('data-presence', 'online');
  await expect(ben.id('conversation')).toHaveAttribute('data-trust', 'unverified');
  // Again: he has used it himself.
  await second.goto(`${first}.`);
  await expect(second.getByTestId('pair-error')).toHaveAttribute('data-code', 'link-used');
  await second.getByTestId('link-mine').click();
  await expect(second.getByTestId('my-link-make')).toBeVisible();
  await second.close();

  await ana.page.goto(own);
  await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'link-own');
  await ana.page.keyboard.press('Escape');
  await expect(ana.id('pair-error')).toHaveCount(0);

  // Known already: who it is stands there. A third person, who comes too late, is told when Ana has answered.
  await ben.page.goto(own);
  await expect(ben.page.getByText('This link leads to Ana')).toBeVisible();
  await ben.id('link-refuse').click();
  const cleo = await Person.visit(browser, 'Cleo', first);
  try {
    await cleo.join();
    await cleo.id('link-accept').click();
    await expect(cleo.id('pair-error')).toHaveAttribute('data-code', 'link-used');
    await expect(cleo.id('my-link-make')).toBeVisible();
    expect([...ana.complaints, ...ben.complaints, ...cleo.complaints]).toEqual([]);
  } finally {
    await cleo.leave();
  }
});

test('a pasted link is taken where a card goes, and counts as a link', async ({ ana, ben }) => {
  const link = await ana.link();
  await ben.id('add-contact').click();
  await ben.id('their-card').fill(`Talk to me: ${link}`);
  await expect(ben.page.locator('#their-card-hint')).toHaveAttribute('data-hint', 'link');
  await ben.id('pair-submit').click();
  await ana.id('pair-request').getByTestId('pair-accept').click();
  for (const person of [ana, ben]) await expect(person.id('conversation')).toHaveAttribute('data-trust', 'unverified');
});

test('what the browser does not copy is selected', async ({ ana }) => {
  const link = await ana.link();
  await ana.page.evaluate(() =>
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('no')) } }),
  );
  await ana.id('my-link-copy').click();
  const selected = () => ana.page.evaluate(() => String(getSelection()).replace(/\s/g, ''));
  await expect.poll(selected).toBe(link);
  const card = (await ana.id('my-card').getAttribute('data-card')) ?? '';
  await ana.page.getByRole('button', { name: 'Copy card' }).click();
  await expect.poll(selected).toBe(card);
});

apart(
  'web+kith: links open here once the person has asked for it, and the manifest offers the same',
  async ({ ana, ben }) => {
    const link = await ana.link();
    const handler = (await ana.id('my-link-handler').getAttribute('data-link')) ?? '';
    expect(handler).toBe(`web+kith:${link.slice(link.indexOf('#') + 1)}`);
    const session = await ben.context.newCDPSession(ben.page);
    const { errors, manifest } = (await session.send('Page.getAppManifest')) as unknown as {
      errors: unknown[];
      manifest: { protocolHandlers?: { protocol: string; url: string }[] };
    };
    expect(errors).toEqual([]);
    expect(manifest.protocolHandlers).toEqual([{ protocol: 'web+kith', url: `${ben.page.url()}#%s` }]);

    await session.send('Page.setRPHRegistrationMode' as never, { mode: 'autoAccept' } as never);
    await ben.id('settings').click();
    await ben.id('links-here').click();
    await ben.page.evaluate((address) => {
      location.href = address;
    }, handler);
    await expect(ben.id('link-accept')).toBeVisible();
    await withoutHash(ben.page);
    await ben.id('link-accept').click();
    await ana.id('pair-request').getByTestId('pair-accept').click();
    await expect(ben.id('conversation')).toHaveAttribute('data-presence', 'online');
  },
);

test('inside of another page a link asks nothing, and is not lost', async ({ page, ana }) => {
  const link = await ana.link();
  const site = await serveStatic('dist/');
  const around = await serveStatic('dist/');
  const framed = `${site.url}#${link.slice(link.indexOf('#') + 1)}`;
  around.replaced.set('index.html', `<!doctype html><iframe src="${framed}" width="600" height="600"></iframe>`);
  try {
    await page.goto(around.url);
    const frame = page.frameLocator('iframe');
    await expect(frame.getByTestId('framed')).toBeVisible();
    await expect(frame.getByTestId('link-accept')).toHaveCount(0);
    await expect(frame.getByRole('link')).toHaveAttribute('href', framed);
    expect(page.frames()[1]?.url()).not.toContain('#');
  } finally {
    await Promise.all([site.stop(), around.stop()]);
  }
});
