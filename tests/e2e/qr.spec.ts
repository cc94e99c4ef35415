// Meeting by QR code and comparing afterwards: real decoders before a camera that shows a film, and before pictures of the screen.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { type Shot, shoot, withFilm } from './film.ts';
import { expect, Person, test } from './people.ts';

let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kith-film-'));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

/** Somebody whose device has a camera, and what makes it see a code. */
async function withCamera(name: string, site: string) {
  const film = join(folder, `${name}.y4m`);
  // Without a film there is no camera either.
  await shoot(film, 'NOTHING');
  const person = await Person.arrive(name, site, undefined, withFilm(film));
  await person.join();
  return { person, see: (text: string, shot?: Shot) => shoot(film, text, shot) };
}

/** Counts what is pressed from now on. */
const countClicks = ({ page }: Person) =>
  page.evaluate(() => {
    Object.assign(window, { clicks: 0 });
    addEventListener('click', () => Object.assign(window, { clicks: Reflect.get(window, 'clicks') + 1 }), true);
  });
const clicks = async (...people: Person[]) => {
  const counts = await Promise.all(
    people.map(({ page }) => page.evaluate(() => Reflect.get(window, 'clicks') as number)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};

/** A picture of this part of the screen, given to whoever reads pictures. */
async function readPicture(reader: Person, shown: Locator): Promise<void> {
  const buffer = await shown.screenshot();
  await reader.id('scan-picture').setInputFiles({ name: 'screen.png', mimeType: 'image/png', buffer });
}

async function openContact(person: Person, number: string): Promise<string> {
  await person.openConversation(number);
  await person.id('contact-page').click();
  await expect(person.id('safety-number')).toHaveAttribute('data-digits', /^\d{60}$/);
  return (await person.id('safety-number').getAttribute('data-digits')) ?? '';
}

test('one scan and two clicks make contact; a scan of the other screen makes the other side sure as well', async ({
  ana,
  baseURL,
}) => {
  const { person: ben, see } = await withCamera('Ben', baseURL ?? '');
  try {
    const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
    const card = await ana.card();
    await expect(ana.id('my-card-qr')).toBeVisible();
    await ben.id('add-contact').click();
    await expect(ben.id('pair-tab-qr')).toHaveAttribute('aria-selected', 'true');

    // Something else before the camera: it goes on looking, and Escape ends that and nothing more.
    await see('HTTPS://EXAMPLE.ORG/MENU');
    await ben.id('scan-start').click();
    await expect(ben.id('pair-error')).toHaveAttribute('data-code', 'code-foreign');
    await expect(ben.id('scan-state')).toHaveAttribute('data-state', 'looking');
    await expectAccessible(ben.page, 'looking for a code');
    await ben.page.keyboard.press('Escape');
    await expect(ben.id('scan-view')).toHaveCount(0);
    await expect(ben.id('scan-start')).toBeFocused();

    await see(card, { turn: 24, blur: 2 });
    await Promise.all([countClicks(ana), countClicks(ben)]);
    await ben.id('scan-start').click();
    await ana.id('pair-accept').click();
    await expect(ben.conversation(anasNumber)).toHaveAttribute('data-presence', 'online');
    await expect(ana.conversation(bensNumber)).toHaveAttribute('data-presence', 'online');
    expect(await clicks(ana, ben)).toBe(2);
    await expect(ben.conversation(anasNumber)).toHaveAttribute('data-trust', 'verified');
    await expect(ana.conversation(bensNumber)).toHaveAttribute('data-trust', 'unverified');

    expect(await openContact(ana, bensNumber)).toBe(await openContact(ben, anasNumber));
    await readPicture(ana, ana.id('safety-qr'));
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'safety-own');
    await readPicture(ana, ben.id('safety-qr'));
    await expect(ana.conversation(bensNumber)).toHaveAttribute('data-trust', 'verified');
    await expect(ana.id('pair-error')).toHaveCount(0);
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  } finally {
    await ben.leave();
  }
});

test('two scans, one by each, make both sides verified and ask nobody', async ({ baseURL }) => {
  const [ana, ben] = await Promise.all([withCamera('Ana', baseURL ?? ''), withCamera('Ben', baseURL ?? '')]);
  try {
    const [anasNumber, bensNumber] = [await ana.person.number(), await ben.person.number()];
    await ana.see(await ben.person.card(), { inverted: true });
    await ben.see(await ana.person.card(), { scale: 3, turn: -8 });
    await Promise.all([ana, ben].map(({ person }) => countClicks(person)));
    await Promise.all([ana, ben].map(({ person }) => person.id('scan-start').click()));
    for (const [person, other] of [
      [ana.person, bensNumber],
      [ben.person, anasNumber],
    ] as const) {
      await expect(person.conversation(other)).toHaveAttribute('data-presence', 'online');
      await expect(person.conversation(other)).toHaveAttribute('data-trust', 'verified');
      await expect(person.id('conversation')).toHaveCount(1);
      await expect(person.id('pair-request')).toHaveCount(0);
    }
    expect(await clicks(ana.person, ben.person)).toBe(2);
    await ana.person.write('hello');
    await expect(ben.person.message('hello')).toBeVisible();
  } finally {
    await Promise.all([ana.person.leave(), ben.person.leave()]);
  }
});

test('one paste and two clicks make contact; a picture of a card is read; comparing by eye verifies on one side only', async ({
  ana,
  ben,
}) => {
  const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
  const card = await ana.card();
  await ben.id('add-contact').click();
  // Without a camera the text comes first, and the code's own tab says so.
  await expect(ben.id('pair-tab-text')).toHaveAttribute('aria-selected', 'true');
  await ben.id('pair-tab-qr').click();
  await expect(ben.id('scan-start')).toHaveCount(0);
  await readPicture(ben, ben.id('my-card-qr'));
  await expect(ben.id('pair-error')).toHaveAttribute('data-code', 'card-own');
  await readPicture(ben, ben.id('pair-tab-qr'));
  await expect(ben.id('pair-error')).toHaveAttribute('data-code', 'picture-no-code');

  await ben.id('pair-tab-text').click();
  await Promise.all([countClicks(ana), countClicks(ben)]);
  await ben.page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, card);
  await ben.id('pair-submit').click();
  await ana.id('pair-accept').click();
  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-presence', 'online');
  expect(await clicks(ana, ben)).toBe(2);

  // Ana was shown nothing yet: she compares.
  await openContact(ana, bensNumber);
  await ana.id('mark-verified').click();
  await ana.id('confirm-no').click();
  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-trust', 'unverified');
  await ana.id('mark-verified').click();
  await ana.id('confirm-yes').click();
  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-trust', 'verified');
  await expect(ana.id('mark-verified')).toHaveCount(0);
  await ana.reload();
  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-trust', 'verified');
  await expect(ben.conversation(anasNumber)).toHaveAttribute('data-trust', 'verified');
});
