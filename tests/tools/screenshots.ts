// The pictures of the README (`npm run screenshots`): the real page, two real people, a real conversation.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, type Page } from '@playwright/test';
import startSite from '../e2e/start-site.ts';
import { findChromium, launchArguments } from './chromium.ts';

const folder = fileURLToPath(new URL('../../.github/screenshots/', import.meta.url));
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const lines: readonly (readonly ['Ana' | 'Ben', string])[] = [
  ['Ben', 'Got home? The last ferry was packed.'],
  ['Ana', 'Just now. My shoes are full of sand.'],
  ['Ben', 'Worth it for that sunset 🌅'],
  ['Ana', 'I took one decent picture, wait'],
  ['Ben', 'That is going on my wall.'],
  ['Ana', 'Next time we take the early boat. Timetable: https://example.org/ferries'],
];

const groupLines: readonly (readonly ['Ana' | 'Ben' | 'Cleo', string])[] = [
  ['Ana', 'Saturday, who is in? The early boat leaves at seven.'],
  ['Cleo', 'In! I bring the thermos.'],
  ['Ben', 'Seven is cruel, but yes.'],
  ['Cleo', 'There is a second path down to the beach, past the chapel. I will find the map.'],
  ['Ana', '@Ben you owe us the sandwiches'],
];

/** A picture that belongs to nobody: sky, sun, hills. */
async function sunset(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const [width, height] = [1200, 800];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    const sky = context.createLinearGradient(0, 0, 0, height);
    for (const [at, colour] of [
      [0, '#27486b'],
      [0.55, '#e79a6a'],
      [1, '#f6d9a8'],
    ] as const)
      sky.addColorStop(at, colour);
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff2d0';
    context.beginPath();
    context.arc(width * 0.68, height * 0.5, height * 0.09, 0, 7);
    context.fill();
    for (const [base, colour] of [
      [0.62, '#5a4a5e'],
      [0.74, '#3c3549'],
      [0.86, '#241f30'],
    ] as const) {
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(0, height);
      for (let x = 0; x <= width; x += 4)
        context.lineTo(x, height * base + Math.sin(x / (width / (9 * base))) * height * 0.05);
      context.lineTo(width, height);
      context.fill();
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

async function join(context: BrowserContext, site: string, name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site);
  await page.getByTestId('onboarding-name').fill(name);
  await page.getByTestId('onboarding-create').click();
  await expect(page.getByTestId('my-number')).toHaveAttribute('data-number', /^\d{15}$/, { timeout: 30_000 });
  return page;
}

async function meet(ana: Page, ben: Page): Promise<void> {
  const met = await ana.getByTestId('conversation').count();
  await ana.getByTestId('add-contact').click();
  const card = (await ana.getByTestId('my-card').getAttribute('data-card')) ?? '';
  await ben.getByTestId('add-contact').click();
  await ben.getByTestId('their-card').fill(card);
  await ben.getByTestId('pair-submit').click();
  await ana.getByTestId('pair-accept-verified').click({ timeout: 30_000 });
  await expect(ana.getByTestId('conversation')).toHaveCount(met + 1, { timeout: 30_000 });
  for (const page of [ana, ben]) {
    const conversation = page.locator('[data-testid=conversation][data-presence=online]').first();
    await conversation.click({ timeout: 30_000 });
    await expect(page.getByTestId('message-input')).toBeVisible();
  }
}

async function talk(ana: Page, ben: Page): Promise<void> {
  const pages = { Ana: ana, Ben: ben };
  for (const [index, [who, text]] of lines.entries()) {
    await pages[who].getByTestId('message-input').fill(text);
    await pages[who].getByTestId('message-send').click();
    await expect(ben.getByTestId('message')).toHaveCount(index + 1 + (index > 3 ? 1 : 0));
    await expect(ana.getByTestId('message')).toHaveCount(index + 1 + (index > 3 ? 1 : 0));
    if (index !== 3) continue;
    const picture = { name: 'sunset.jpg', mimeType: 'image/jpeg', buffer: await sunset(ana) };
    await ana.getByTestId('attach-input').setInputFiles([picture]);
    await ana.getByTestId('message-send').click();
    await expect(ben.locator('[data-testid=attachment][data-state=complete]')).toHaveCount(1, { timeout: 30_000 });
  }
  // Both look, so that the ticks say what they should.
  await ben.bringToFront();
  await ana.bringToFront();
  await expect(ana.locator('[data-testid=message][data-direction=out][data-state=read]').first()).toBeVisible();
}

/** Ana makes a group with two who have never met each other. */
async function talkInGroup(ana: Page, ben: Page, cleo: Page): Promise<void> {
  const pages = { Ana: ana, Ben: ben, Cleo: cleo };
  await ana.getByTestId('new-group').click();
  await ana.getByTestId('group-name').fill('Island hikers');
  for (const pick of await ana.getByTestId('group-pick').all()) await pick.click();
  await ana.getByTestId('group-create').click();
  for (const page of [ben, cleo]) {
    await page.locator('[data-testid=conversation][data-kind=group]').click({ timeout: 30_000 });
    await page.getByTestId('group-accept').click();
    await expect(page.getByTestId('message-input')).toBeVisible();
  }
  // Everybody has joined before anybody writes, so that the lines stand together.
  for (const page of Object.values(pages))
    await expect(page.locator('[data-testid=system-line][data-what=joined]')).toHaveCount(2, { timeout: 30_000 });
  for (const [index, [who, text]] of groupLines.entries()) {
    await pages[who].getByTestId('message-input').fill(text);
    await pages[who].getByTestId('message-send').click();
    for (const page of Object.values(pages))
      await expect(page.getByTestId('message')).toHaveCount(index + 1, { timeout: 30_000 });
  }
  for (const page of [ben, cleo, ana]) await page.bringToFront();
  await expect(ana.locator('[data-testid=receipts][data-read="2"]').first()).toBeVisible({ timeout: 30_000 });
}

async function shoot(page: Page, name: string, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    // Passing words must not stand in the picture.
    await expect(page.getByText('is now in your list')).toBeHidden({ timeout: 30_000 });
    await page.screenshot({ path: `${folder}${name}-${scheme}.png` });
  }
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const stop = await startSite();
  const site = process.env.KITH_SITE ?? '';
  const browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
  try {
    const [ana, ben, cleo] = [
      await join(await browser.newContext({ viewport: desktop }), site, 'Ana'),
      await join(await browser.newContext({ viewport: desktop }), site, 'Ben'),
      await join(await browser.newContext({ viewport: desktop }), site, 'Cleo'),
    ];
    await meet(ana, ben);
    await talk(ana, ben);
    // A browser that keeps nothing for sure says so; the picture is about something else.
    for (const page of [ana, ben]) await page.getByRole('button', { name: /close|dismiss/i }).click();
    await shoot(ana, 'conversation-desktop', desktop);
    await shoot(ana, 'conversation-phone', phone);
    await ana.setViewportSize(desktop);
    await meet(ana, cleo);
    await talkInGroup(ana, ben, cleo);
    await shoot(ana, 'group-phone', phone);
    await shoot(ana, 'group-desktop', desktop);
    await ana.getByTestId('group-info').click();
    await expect(ana.getByTestId('group-member')).toHaveCount(3);
    await shoot(ana, 'group-page-phone', phone);
    await ana.goBack();
    await ana.keyboard.press('Escape');
    await expect(ana.getByTestId('add-contact')).toBeVisible();
    await shoot(ana, 'list-phone', phone);
    await ana.getByTestId('add-contact').click();
    await expect(ana.getByTestId('my-card')).toHaveAttribute('data-card', /^kith1/);
    await shoot(ana, 'card-phone', phone);
  } finally {
    await browser.close();
    await stop();
  }
}

await main();
