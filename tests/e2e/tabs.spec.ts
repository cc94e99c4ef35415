// Several tabs of one profile are one person: one runs the network, the others show the same and can write, and when the first
// is closed another goes on.
import type { Page } from '@playwright/test';
import { expect, meet, Person, test } from './people.ts';

const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('taken between two tabs') };

const texts = (page: Page, direction: 'in' | 'out') =>
  page.locator(`[data-testid=message][data-direction=${direction}]`).getByTestId('message-text').allTextContents();

async function write(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text);
  await page.getByTestId('message-send').click();
}

test('a second tab shows the same, can write, and goes on when the first is closed', async ({ ana, ben }) => {
  const numbers = await meet(ana, ben);
  const second = await ana.context.newPage();
  await second.goto(ana.page.url());
  await ana.ready(second);
  await expect(second.getByTestId('my-number')).toHaveAttribute('data-number', numbers.ana);
  await second.locator(`[data-testid=conversation][data-number="${numbers.ben}"]`).click();

  await ben.write('for both tabs');
  for (const page of [ana.page, second]) await expect.poll(() => texts(page, 'in')).toEqual(['for both tabs']);
  await write(second, 'from the second');
  await expect.poll(() => texts(ana.page, 'out')).toEqual(['from the second']);
  await expect.poll(() => ben.texts('in')).toEqual(['from the second']);

  // A draft is of all tabs: what one has sent the other does not send again.
  await second.getByTestId('message-input').fill('once only');
  await expect(ana.page.getByTestId('message-input')).toHaveValue('once only');
  await second.getByTestId('message-send').click();
  await expect(ana.page.getByTestId('message-input')).toHaveValue('');
  await expect.poll(() => ben.texts('in')).toEqual(['from the second', 'once only']);

  await ana.page.close();
  await write(second, 'after the first was closed');
  await expect.poll(() => ben.texts('in')).toEqual(['from the second', 'once only', 'after the first was closed']);
  await expect(second.getByTestId('message').last()).toHaveAttribute('data-state', /delivered|read/);
  await ben.write('still there?');
  await expect.poll(() => texts(second, 'in')).toEqual(['for both tabs', 'still there?']);
  expect(ana.complaints).toEqual([]);
  expect(ben.complaints).toEqual([]);
});

test('one identity for all tabs, also when two were open before there was one', async ({ browser, baseURL }) => {
  const ana = await Person.visit(browser, 'Ana', baseURL ?? '');
  try {
    const second = await ana.context.newPage();
    await second.goto(ana.page.url());
    await expect(second.getByTestId('onboarding-name')).toBeVisible();
    await ana.join();
    const number = await ana.number();
    await expect(second.getByTestId('my-number')).toHaveAttribute('data-number', number);
    await second.reload();
    await expect(second.getByTestId('my-number')).toHaveAttribute('data-number', number);
    expect(ana.complaints).toEqual([]);
  } finally {
    await ana.leave();
  }
});

test('nothing is lost or doubled while the tab that runs the network is closed', async ({ ana, ben }) => {
  const numbers = await meet(ana, ben);
  const second = await ana.context.newPage();
  await second.goto(ana.page.url());
  await second.locator(`[data-testid=conversation][data-number="${numbers.ben}"]`).click();
  await expect(second.getByTestId('message-input')).toBeVisible();

  const written = Array.from({ length: 12 }, (_, index) => `note ${index + 1}`);
  let closing: Promise<void> | undefined;
  for (const text of written) {
    if (text === 'note 5') closing = ana.page.close();
    if (text === 'note 7') await second.getByTestId('attach-input').setInputFiles(notes);
    await write(second, text);
  }
  await closing;
  await expect.poll(() => texts(second, 'out')).toEqual(written);
  await expect.poll(() => ben.texts('in')).toEqual(written);
  await expect(ben.attachment(notes.name)).toHaveAttribute('data-state', 'complete');
  await expect(ben.messages('in')).toHaveCount(written.length + 1);
  await expect(second.locator('[data-direction=out]:is([data-state=delivered], [data-state=read])')).toHaveCount(
    written.length + 1,
  );
});
