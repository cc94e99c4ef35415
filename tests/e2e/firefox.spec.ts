// The main path between two engines: one person at Chromium, the other at Firefox. Skipped, loudly, where no Firefox is installed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@playwright/test';
import type { Browser, Page } from 'puppeteer-core';
import { findFirefox, launchFirefox } from '../tools/firefox.ts';
import { expect, noise, Person, sha256 } from './people.ts';

const FILE_BYTES = 2 * 2 ** 20;
const PATIENCE_MS = 60_000;
/** Firefox notes every connection whose other end has gone, as it does when the page there is reloaded: in the console, or as an error of the page. */
const OF_THE_BROWSER = /WebRTC: ICE failed/;
const firefox = findFirefox();

/** Somebody at Firefox, who uses the page through its hooks as `Person` does. */
class FirefoxPerson {
  private constructor(
    readonly name: string,
    readonly browser: Browser,
    readonly page: Page,
  ) {}

  /** What the page said that it should not. */
  readonly complaints: string[] = [];

  static async arrive(name: string, site: string): Promise<FirefoxPerson> {
    const browser = await launchFirefox(firefox ?? '');
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport({ width: 1280, height: 720 });
    const person = new FirefoxPerson(name, browser, page);
    const complain = (text: string) => {
      if (!OF_THE_BROWSER.test(text)) person.complaints.push(text);
    };
    page.on('pageerror', (error) => complain(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complain(message.text());
    });
    await page.goto(site);
    await person.see('[data-testid=app][data-ready=true]');
    return person;
  }

  /** Waits until there is one. */
  async see(selector: string): Promise<void> {
    await this.page.waitForSelector(selector);
  }

  async click(selector: string): Promise<void> {
    await this.page.locator(selector).click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).fill(text);
  }

  attribute(selector: string, name: string): Promise<string> {
    return this.page.$eval(selector, (element, wanted) => element.getAttribute(wanted) ?? '', name);
  }

  async join(): Promise<string> {
    await this.fill('[data-testid=onboarding-name]', this.name);
    await this.click('[data-testid=onboarding-create]');
    await this.see('[data-testid=my-number][data-number]:not([data-number=""])');
    return this.attribute('[data-testid=my-number]', 'data-number');
  }

  async write(text: string): Promise<void> {
    await this.fill('[data-testid=message-input]', text);
    await this.click('[data-testid=message-send]');
  }

  texts(direction: 'in' | 'out'): Promise<string[]> {
    return this.page.$$eval(`[data-testid=message][data-direction=${direction}] [data-testid=message-text]`, (found) =>
      found.map((element) => element.textContent ?? ''),
    );
  }

  async attach(path: string): Promise<void> {
    const input = await this.page.waitForSelector('[data-testid=attach-input]');
    await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(path);
    await this.click('[data-testid=message-send]:not([disabled])');
  }
}

test('Chromium and Firefox: onboarding, a card, text both ways, and files of 2 MiB with the same SHA-256', async ({
  baseURL,
}) => {
  if (firefox === undefined)
    console.warn('\n*** SKIPPED: no Firefox is installed (FIREFOX_PATH, or apt-get install firefox-esr) ***\n');
  test.skip(firefox === undefined, 'no Firefox is installed');
  test.setTimeout(240_000);
  const ana = await Person.arrive('Ana', baseURL ?? '');
  const ben = await FirefoxPerson.arrive('Ben', baseURL ?? '');
  const folder = await mkdtemp(join(tmpdir(), 'kith-firefox-'));
  try {
    await ana.join();
    const [anasNumber, bensNumber] = [await ana.number(), await ben.join()];
    expect(bensNumber).toMatch(/^\d{15}$/);
    expect(await ben.attribute('[data-testid=app]', 'data-network')).toMatch(/joining|online/);

    // Ben takes Ana's card.
    const card = await ana.card();
    await ben.click('[data-testid=add-contact]');
    await ben.fill('[data-testid=their-card]', card);
    await ben.click('[data-testid=pair-submit]');
    const request = ana.id('pair-request');
    await expect(request).toHaveAttribute('data-number', bensNumber, { timeout: PATIENCE_MS });
    await request.getByTestId('pair-accept').click();
    const bensAna = `[data-testid=conversation][data-number="${anasNumber}"]`;
    await ben.see(`${bensAna}[data-presence=online][data-route=direct][data-trust=verified]`);
    await expect(ana.conversation(bensNumber)).toHaveAttribute('data-presence', 'online');
    await ana.openConversation(bensNumber);
    await ben.click(bensAna);
    await ben.see('[data-testid=message-input]');

    // Text both ways.
    for (let count = 1; count <= 5; count += 1) {
      await ana.write(`Ana ${count} 🌊`);
      await ben.write(`Ben ${count} ä`);
    }
    const numbered = (name: string, sign: string) => [1, 2, 3, 4, 5].map((count) => `${name} ${count} ${sign}`);
    await expect.poll(() => ben.texts('in')).toEqual(numbered('Ana', '🌊'));
    await expect.poll(() => ana.texts('in')).toEqual(numbered('Ben', 'ä'));
    await expect(ana.message('Ana 5 🌊')).toHaveAttribute('data-state', /delivered|read/);
    await ben.see('[data-testid=message][data-direction=out]:is([data-state=delivered],[data-state=read])');

    // A file each way.
    const [hers, his] = [noise(FILE_BYTES), noise(FILE_BYTES)];
    await ana.attach({ name: 'hers.bin', mimeType: 'application/octet-stream', buffer: hers });
    await ben.see(`[data-testid=attachment][data-name="hers.bin"][data-state=complete][data-sha256="${sha256(hers)}"]`);
    const path = join(folder, 'his.bin');
    await writeFile(path, his);
    await ben.attach(path);
    await expect(ana.attachment('his.bin')).toHaveAttribute('data-state', 'complete', { timeout: PATIENCE_MS });
    await expect(ana.attachment('his.bin')).toHaveAttribute('data-sha256', sha256(his));
    expect(sha256((await ana.save('his.bin')).bytes)).toBe(sha256(his));

    // Firefox's page reloads: everything is still there, and goes on.
    await ben.page.reload();
    await ben.see('[data-testid=app][data-ready=true]');
    await ben.click(bensAna);
    await expect.poll(() => ben.texts('in'), { timeout: PATIENCE_MS }).toEqual(numbered('Ana', '🌊'));
    await ben.write('back');
    await expect(ana.message('back')).toBeVisible({ timeout: PATIENCE_MS });
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  } finally {
    await Promise.all([ana.leave(), ben.browser.close()]);
    await rm(folder, { recursive: true, force: true });
  }
});
