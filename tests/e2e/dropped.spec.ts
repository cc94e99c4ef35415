// Every reason for which a message is dropped, as its writer sees it, and the way back. None is dropped without a reason.
// (tests/unit/chat has each of them with crashes and lost acknowledgements between.)
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { serveStatic } from '../tools/static-site.ts';
import { friends, type Pair } from './friends.ts';
import { expect, meet, noise, Person } from './people.ts';

const DAY = 86_400_000;

let pair: Pair;

test.beforeAll(async ({ baseURL }) => {
  pair = await friends(baseURL ?? '');
});
test.afterAll(() => pair?.leave());
/** Each begins with both online, looking at each other's conversation. */
test.beforeEach(async () => {
  const { ana, ben, numbers } = pair;
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'online');
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  await ana.openConversation(numbers.ben);
  await ben.openConversation(numbers.ana);
});

/** The message is dropped, and says why in words of its own. */
async function dropped(writer: Person, text: string, reason: string): Promise<void> {
  await expect(writer.message(text)).toHaveAttribute('data-state', 'dropped');
  const why = writer.message(text).locator('[data-reason]');
  await expect(why).toHaveAttribute('data-reason', reason);
  await expect(why).toContainText(/: \S+/);
}

const retry = (writer: Person, text: string) => writer.message(text).getByTestId('message-retry').click();

async function giveUpAfter(person: Person, milliseconds: number): Promise<void> {
  await person.id('contact-page').click();
  await person.id('give-up').selectOption(String(milliseconds));
  await expect(person.id('give-up')).toHaveValue(String(milliseconds));
}

async function onContactPage(person: Person, button: string): Promise<void> {
  await person.id('contact-page').click();
  await person.id(button).click();
}

test('blocked: the writer is told, and after unblocking a retry arrives', async () => {
  const { ana, ben, numbers } = pair;
  await onContactPage(ana, 'contact-block');
  await ana.id('confirm-yes').click();
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline');
  await ben.write('can you hear me?');
  await dropped(ben, 'can you hear me?', 'blocked');

  await ana.id('contact-unblock').click();
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'online');
  await retry(ben, 'can you hear me?');
  await expect(ben.message('can you hear me?')).toHaveAttribute('data-state', /delivered|read/);
  await ana.openConversation(numbers.ben);
  await expect(ana.message('can you hear me?')).toHaveCount(1);
});

test('cancelled before it left, and expired when the chosen time is over; each arrives after a retry', async () => {
  const { ana, ben, numbers } = pair;
  await ben.quit();
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'offline');
  await ana.write('rather not');
  await ana.message('rather not').getByTestId('message-cancel').click();
  await dropped(ana, 'rather not', 'cancelled');

  await ana.write('only today');
  await expect(ana.message('only today')).toHaveAttribute('data-state', 'queued');
  await giveUpAfter(ana, 7 * DAY);
  await ana.page.evaluate((ahead) => {
    const { now } = Date;
    Date.now = () => now() + ahead;
  }, DAY);
  await ana.openConversation(numbers.ben);
  await expect(ana.message('only today')).toHaveAttribute('data-state', 'queued');
  await giveUpAfter(ana, DAY);
  await ana.openConversation(numbers.ben);
  await dropped(ana, 'only today', 'expired');
  // Back in our own time.
  await ana.reload();
  await ana.openConversation(numbers.ben);

  for (const text of ['rather not', 'only today']) await retry(ana, text);
  for (const text of ['rather not', 'only today'])
    await expect(ana.message(text)).toHaveAttribute('data-state', 'queued');
  await ben.launch();
  await ben.openConversation(numbers.ana);
  for (const text of ['rather not', 'only today']) {
    await expect(ana.message(text)).toHaveAttribute('data-state', /delivered|read/);
    await expect(ben.message(text)).toHaveCount(1);
  }
});

test('disk full at the receiver: the writer is told, and a retry arrives when there is room', async ({ baseURL }) => {
  const { ana, ben } = pair;
  const session = await ben.context.newCDPSession(ben.page);
  const { origin } = new URL(baseURL ?? '');
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 0 });
  const name = 'large.bin';
  await ana.attach({ name, mimeType: 'application/octet-stream', buffer: noise(3_000_000) });
  const why = ana.fileMessage(name).locator('[data-reason]');
  await expect(why).toHaveAttribute('data-reason', 'disk-full');
  await expect(ana.fileMessage(name)).toHaveAttribute('data-state', 'dropped');
  // Texts still find room.
  const notice = ben.page.locator('[data-notice=file-room]');
  await expect(notice).toBeVisible();
  await expect(ben.page.locator('[data-notice=disk-full]')).toHaveCount(0);

  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await ana.fileMessage(name).getByTestId('message-retry').click();
  await expect(ben.attachment(name)).toHaveAttribute('data-state', 'complete');
  await expect(notice).toHaveCount(0);
  await expect(ana.fileMessage(name)).toHaveAttribute('data-state', /delivered|read/);
});

test('too large for a receiver whose host allows less: the writer is told before a byte of it moves', async ({
  browser,
  baseURL,
}) => {
  const { ana } = pair;
  const tracker = new URL('/announce', baseURL);
  tracker.protocol = 'ws:';
  const site = await serveStatic(fileURLToPath(new URL('../../dist/', import.meta.url)));
  site.replaced.set(
    'kith.config.json',
    JSON.stringify({ trackers: [tracker.href], iceServers: [], maxFileBytes: 1000 }),
  );
  const cleo = await Person.visit(browser, 'Cleo', site.url);
  try {
    await cleo.join();
    const number = await cleo.number();
    await meet(ana, cleo);
    const before = await ana.unitsSent();
    await ana.openConversation(number);
    await ana.attach({ name: 'long.txt', mimeType: 'text/plain', buffer: noise(1001) });
    await expect(ana.fileMessage('long.txt').locator('[data-reason]')).toHaveAttribute('data-reason', 'too-large');
    await ana.attach({ name: 'short.txt', mimeType: 'text/plain', buffer: noise(1000) });
    await expect(cleo.attachment('short.txt')).toHaveAttribute('data-state', 'complete');
    await expect(cleo.attachment('long.txt')).toHaveCount(0);
    await expect.poll(() => ana.unitsSent()).toBe(before + 1);
    await cleo.id('attach-input').setInputFiles({ name: 'own.txt', mimeType: 'text/plain', buffer: noise(1001) });
    await expect(cleo.id('compose-error')).toHaveAttribute('data-code', 'file-too-large');
    await expect(cleo.id('compose-error')).toContainText('1,000 bytes');
  } finally {
    await cleo.leave();
    await site.stop();
  }
});

test('removed: the writer is told, also by a retry, and a new card leads back', async () => {
  const { ana, ben, numbers } = pair;
  await ben.write('before');
  await expect(ana.message('before')).toBeVisible();
  await onContactPage(ana, 'contact-remove');
  await ana.id('confirm-yes').click();
  await expect(ana.conversation(numbers.ben)).toHaveCount(0);
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline');
  await ben.write('after');
  await dropped(ben, 'after', 'not-a-contact');
  await retry(ben, 'after');
  await dropped(ben, 'after', 'not-a-contact');

  await ben.take(await ana.card());
  await ana.id('pair-request').getByTestId('pair-accept').click();
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  await ben.openConversation(numbers.ana);
  await retry(ben, 'after');
  await expect(ben.message('after')).toHaveAttribute('data-state', /delivered|read/);
  await ana.openConversation(numbers.ben);
  expect(await ana.texts('in')).toEqual(['after']);
});
