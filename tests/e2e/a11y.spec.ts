// axe on every screen; on each of them light and dark, wide and on a phone, by turning the page into the next look where it stands.
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { MailboxSlots } from '../../src/core/pairing/mailbox/slots.ts';
import { answerChooser, EmulatedMailbox } from '../fixtures/emulated-mailbox.ts';
import { findChromium, launchArguments } from '../tools/chromium.ts';
import { expectAccessible } from './axe.ts';

const looks = [
  { title: 'wide and light', viewport: { width: 1280, height: 720 }, colorScheme: 'light' },
  { title: 'wide and dark', viewport: { width: 1280, height: 720 }, colorScheme: 'dark' },
  { title: 'on a phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { title: 'on a phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

/** A page of a person of its own, with motion off so that nothing is judged halfway through a transition. */
async function person(browser: Browser, baseURL: string): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(baseURL);
  await expect(page.getByTestId('app')).toHaveAttribute('data-ready', 'true');
  return page;
}

/** In every look; the page is wide and light again afterwards. */
async function expectNothing(page: Page, screen: string): Promise<void> {
  for (const look of looks) {
    await wear(page, look);
    await expectAccessible(page, `${screen}, ${look.title}`);
  }
  await wear(page, looks[0]);
}

/** Resolves when the page has been painted so. */
async function wear(page: Page, { viewport, colorScheme }: (typeof looks)[number]): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await page.evaluate(() => [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches])).toEqual([
    viewport.width,
    colorScheme === 'dark',
  ]);
}

async function createIdentity(page: Page, name: string): Promise<void> {
  await page.getByTestId('onboarding-name').fill(name);
  await page.getByTestId('onboarding-create').click();
  await expect(page.getByTestId('my-number')).toHaveAttribute('data-number', /^\d{15}$/);
}

async function back(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('add-contact')).toBeVisible();
}

// Every screen four times over.
test.setTimeout(600_000);

test('axe finds nothing on any screen, light or dark, wide or on a phone', async ({ browser, baseURL }) => {
  const ana = await person(browser, baseURL ?? '');
  await expectNothing(ana, 'first screen');
  await createIdentity(ana, 'Ana');
  await expectNothing(ana, 'empty list');

  await ana.getByTestId('settings').click();
  await expect(ana.getByTestId('trackers')).toBeVisible();
  await expectNothing(ana, 'settings');
  await ana.getByTestId('door-submit').click();
  await expect(ana.getByTestId('door-error')).toBeVisible();
  await expectNothing(ana, 'meeting without a tracker, with an error');
  await back(ana);

  await ana.getByTestId('add-contact').click();
  await ana.getByTestId('their-card').fill('not a card');
  await ana.getByTestId('pair-submit').click();
  await expect(ana.getByTestId('pair-error')).toBeVisible();
  await expectNothing(ana, 'add a contact, with an error');
  const card = await ana.getByTestId('my-card').getAttribute('data-card');
  await ana.getByTestId('pair-tab-number').click();
  await ana.getByTestId('their-number').fill('123 456');
  await ana.getByTestId('number-submit').click();
  await expect(ana.getByTestId('pair-error')).toBeVisible();
  await expectNothing(ana, 'add a contact by number, with an error');
  await ana.getByTestId('pair-tab-qr').click();
  await expect(ana.getByTestId('my-card-qr')).toBeVisible();
  const picture = { name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
  await ana.getByTestId('scan-picture').setInputFiles(picture);
  await expect(ana.getByTestId('pair-error')).toHaveAttribute('data-code', 'picture-unreadable');
  await expectNothing(ana, 'add a contact by QR code, with an error');
  await ana.getByTestId('pair-tab-bluetooth').click();
  await expect(ana.getByTestId('bluetooth-missing')).toBeVisible();
  await expectNothing(ana, 'add a contact where there is no Bluetooth');
  await ana.getByTestId('pair-tab-text').click();
  await ana.getByTestId('my-link-make').click();
  await expect(ana.getByTestId('my-link')).toBeVisible();
  await ana.locator('.link-elsewhere summary').click();
  await expectNothing(ana, 'my link');
  const link = (await ana.getByTestId('my-link').getAttribute('data-link')) ?? '';
  await ana.goto(link);
  await expect(ana.getByTestId('pair-error')).toHaveAttribute('data-code', 'link-own');
  await expectNothing(ana, 'a link that cannot be used');
  await back(ana);

  const ben = await person(browser, baseURL ?? '');
  await ben.goto(link);
  await expectNothing(ben, 'first screen after a link was opened');
  await createIdentity(ben, 'Ben');
  await expect(ben.getByTestId('link-accept')).toBeVisible();
  await expectNothing(ben, 'what a link asks');
  await ben.getByTestId('link-refuse').click();
  await ben.getByTestId('add-contact').click();
  await ben.getByTestId('their-card').fill(card ?? '');
  await ben.getByTestId('pair-submit').click();
  await expect(ana.getByTestId('pair-request')).toBeVisible();
  await expectNothing(ana, 'a request above the screen');
  await expectNothing(ben, 'an attempt that waits');
  await ana.getByTestId('pair-accept').click();

  for (const page of [ana, ben]) {
    // What the card was for is open; closed, so that a phone shows the list.
    await expect(page.getByTestId('message-input')).toBeVisible();
    await back(page);
    await expect(page.getByTestId('message-input')).toHaveCount(0);
    await expect(page.getByTestId('conversation')).toHaveAttribute('data-presence', 'online');
  }
  await expectNothing(ana, 'list with a contact');
  await ana.getByTestId('conversation').click();
  await expectNothing(ana, 'empty conversation');
  await ana.getByTestId('message-input').fill('Hello https://example.org 👋');
  await ana.getByTestId('message-send').click();
  await ana
    .getByTestId('attach-input')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await expectNothing(ana, 'a file waiting in the composer');
  await ana.getByTestId('message-send').click();
  await ben.getByTestId('conversation').click();
  await expect(ben.getByTestId('message')).toHaveCount(2);
  await expect(ben.getByTestId('attachment')).toHaveAttribute('data-state', 'complete');
  await expectNothing(ben, 'conversation with text and a file, received');
  await expectNothing(ana, 'conversation with text and a file, sent');

  await ana.getByTestId('contact-page').click();
  await expect(ana.getByTestId('contact-remove')).toBeVisible();
  await expect(ana.getByTestId('safety-qr')).toBeVisible();
  await expectNothing(ana, 'page of a contact');
  await ana.getByTestId('mark-verified').click();
  await expect(ana.getByTestId('confirm-no')).toBeVisible();
  await expectNothing(ana, 'a question before somebody is marked as verified');
  await ana.getByTestId('confirm-no').click();
  await ana.getByTestId('contact-remove').click();
  await expect(ana.getByTestId('confirm-no')).toBeVisible();
  await expectNothing(ana, 'a question before something that cannot be undone');
  await ana.context().close();
  await ben.context().close();
});

test('axe finds nothing at any step of pairing at a Bluetooth mailbox, light and dark, and the code is read digit by digit', async ({
  baseURL,
}) => {
  const slots = new MailboxSlots(() => Date.now());
  const arrive = async (name: string) => {
    const args = [...launchArguments(), '--enable-features=WebBluetooth'];
    const browser = await chromium.launch({ executablePath: findChromium(), args });
    const page = await person(browser, baseURL ?? '');
    await createIdentity(page, name);
    await EmulatedMailbox.open(browser, slots, name);
    await answerChooser(page, 'mailbox');
    await page.getByTestId('add-contact').click();
    await page.getByTestId('pair-tab-bluetooth').click();
    await expect(page.getByTestId('bluetooth-start')).toBeVisible();
    return { browser, page };
  };
  const code = async (page: Page) => {
    await expect(page.getByTestId('sas-mine')).toHaveAttribute('data-code', /^\d{6}$/);
    return (await page.getByTestId('sas-mine').getAttribute('data-code')) ?? '';
  };
  const state = (page: Page, expected: string) =>
    expect(page.getByTestId('mailbox-state')).toHaveAttribute('data-state', expected);
  const [ana, ben] = await Promise.all([arrive('Ana'), arrive('Ben')]);
  try {
    await expectNothing(ana.page, 'before a mailbox is chosen');
    await ana.page.getByTestId('bluetooth-start').click();
    await state(ana.page, 'waiting');
    await expectNothing(ana.page, 'waiting for the other');
    await ben.page.getByTestId('bluetooth-start').click();
    const [anas, bens] = [await code(ana.page), await code(ben.page)];
    for (const { page } of [ana, ben]) await expectNothing(page, 'both codes');
    expect(await ana.page.getByTestId('sas-mine').ariaSnapshot()).toBe(
      `- status "The code on your screen": ${[...anas].join(' ')}`,
    );
    await ana.page.getByTestId('sas-theirs').fill(anas);
    await ana.page.getByTestId('sas-confirm').click();
    await expect(ana.page.getByTestId('pair-error')).toHaveAttribute('data-code', 'code-own');
    await expectNothing(ana.page, 'a code that is refused');
    await ana.page.getByTestId('sas-theirs').fill(bens);
    await ana.page.getByTestId('sas-confirm').click();
    await state(ana.page, 'typed');
    await expectNothing(ana.page, 'the right code, waiting for theirs');
    await ben.page.getByTestId('sas-theirs').fill(anas);
    await ben.page.getByTestId('sas-confirm').click();
    for (const { page } of [ana, ben])
      await expect(page.getByTestId('conversation')).toHaveAttribute('data-trust', 'verified');
  } finally {
    await Promise.all([ana.browser.close(), ben.browser.close()]);
  }
});

test('axe finds nothing where one locks, unlocks, saves everything and comes back', async ({ browser, baseURL }) => {
  const newcomer = await person(browser, baseURL ?? '');
  await newcomer.getByTestId('words-return').click();
  await newcomer.getByTestId('return-words').fill('zebra zebra');
  await newcomer.getByTestId('return-submit').click();
  await expect(newcomer.getByTestId('backup-error')).toBeVisible();
  await expectNothing(newcomer, 'coming back with words, with an error');
  await newcomer.context().close();

  const ana = await person(browser, baseURL ?? '');
  await createIdentity(ana, 'Ana');
  await ana.getByTestId('settings').click();
  await ana.getByTestId('words-show').click();
  await expect(ana.getByTestId('recovery-words')).toBeVisible();
  await ana.getByTestId('lock-set').click();
  await ana.getByTestId('lock-passphrase').fill('short');
  await ana.getByTestId('lock-passphrase').press('Enter');
  await expect(ana.getByTestId('lock-error')).toBeVisible();
  await ana.getByTestId('backup-passphrase').fill('short');
  await ana.getByTestId('backup-export').click();
  await expect(ana.getByTestId('backup-error')).toBeVisible();
  await expectNothing(ana, 'a passphrase and a backup, each with an error, and the words');
  await ana.getByTestId('lock-passphrase').fill('seven geese walk home');
  await ana.getByTestId('lock-passphrase').press('Enter');
  await expect(ana.getByTestId('lock-now')).toBeVisible();
  await expectNothing(ana, 'a device with a passphrase');
  await ana.getByTestId('lock-now').click();
  await ana.getByTestId('unlock-passphrase').fill('eight geese');
  await ana.getByTestId('unlock-passphrase').press('Enter');
  await expect(ana.getByTestId('unlock-error')).toBeVisible();
  await expectNothing(ana, 'locked, with an error');
  await ana.context().close();
});
