// Two people: two browser processes with a profile of their own each, and what they do with the page, through its hooks only.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, chromium, expect, type Locator, type Page } from '@playwright/test';
import { findChromium, launchArguments } from '../tools/chromium.ts';

/** A person at a browser of their own. The profile outlives the browser, as a disk does. */
export class Person {
  context!: BrowserContext;
  page!: Page;
  /** What no page of ours may ever say: errors, warnings, requests to strangers. */
  readonly complaints: string[] = [];
  private constructor(
    readonly name: string,
    private readonly site: string,
    private readonly profile: string,
    /** Runs in every page before its own scripts. */
    private readonly before: (() => void) | undefined,
  ) {}

  static async arrive(name: string, site: string, before?: () => void): Promise<Person> {
    const profile = await mkdtemp(join(tmpdir(), 'kith-profile-'));
    const person = new Person(name, site, profile, before);
    await person.launch();
    return person;
  }

  /** Starts the browser and opens the page. */
  async launch(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: findChromium(),
      args: launchArguments(),
      headless: true,
      viewport: { width: 1280, height: 720 },
      acceptDownloads: true,
    });
    if (this.before) await this.context.addInitScript(this.before);
    this.context.on('weberror', (error) => this.complaints.push(String(error.error())));
    this.context.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    this.context.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^(https?|wss?):$/.test(protocol) && host !== new URL(this.site).host)
        this.complaints.push(`request to ${host}`);
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    await this.open();
  }

  async open(): Promise<void> {
    await this.page.goto(this.site);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  ready(page: Page = this.page): Promise<void> {
    return expect(page.getByTestId('app')).toHaveAttribute('data-ready', 'true');
  }

  /** Ends the browser, as closing its last window does. */
  async quit(): Promise<void> {
    await this.context.close();
  }

  async leave(): Promise<void> {
    await this.context.close().catch(() => {});
    await rm(this.profile, { recursive: true, force: true });
  }

  id(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async join(): Promise<void> {
    await this.id('onboarding-name').fill(this.name);
    await this.id('onboarding-create').click();
    await expect(this.id('my-number')).toHaveAttribute('data-number', /^\d{15}$/);
  }

  async number(): Promise<string> {
    return (await this.id('my-number').getAttribute('data-number')) ?? '';
  }

  /** The text of a card that is valid now. */
  async card(): Promise<string> {
    await this.id('add-contact').click();
    await expect(this.id('my-card')).toHaveAttribute('data-card', /^kith1[02-9ac-hj-np-z]{85}$/);
    return (await this.id('my-card').getAttribute('data-card')) ?? '';
  }

  async take(card: string): Promise<void> {
    await this.id('add-contact').click();
    await this.id('their-card').fill(card);
    await this.id('pair-submit').click();
  }

  conversation(number: string): Locator {
    return this.page.locator(`[data-testid=conversation][data-number="${number}"]`);
  }

  async openConversation(number: string): Promise<void> {
    await this.conversation(number).click();
    await expect(this.id('message-input')).toBeVisible();
  }

  async write(text: string): Promise<void> {
    await this.id('message-input').fill(text);
    await this.id('message-send').click();
    await expect(this.id('message-input')).toHaveValue('');
  }

  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.id('attach-input').setInputFiles(files);
    await this.id('message-send').click();
  }

  messages(direction: 'in' | 'out'): Locator {
    return this.page.locator(`[data-testid=message][data-direction=${direction}]`);
  }

  texts(direction: 'in' | 'out'): Promise<string[]> {
    return this.messages(direction).getByTestId('message-text').allTextContents();
  }

  attachment(name: string): Locator {
    return this.page.locator(`[data-testid=attachment][data-name="${name}"]`);
  }

  async diagnostics(): Promise<{ unitsSent: number; peerConnectionsAlive: number; session: { protocol: string } }> {
    await this.id('settings').click();
    await expect(this.id('diagnostics')).toHaveAttribute('data-json', /\{/);
    return JSON.parse((await this.id('diagnostics').getAttribute('data-json')) ?? '{}');
  }
}

/** Ana shows a card, Ben takes it, Ana accepts: both see each other online, with the conversation open. */
export async function meet(ana: Person, ben: Person): Promise<{ ana: string; ben: string }> {
  const [anasNumber, bensNumber] = [await ana.number(), await ben.number()];
  await ben.take(await ana.card());
  const request = ana.id('pair-request');
  await expect(request).toHaveAttribute('data-number', bensNumber);
  await request.getByTestId('pair-accept').click();
  await expect(ana.conversation(bensNumber)).toHaveAttribute('data-presence', 'online');
  await expect(ben.conversation(anasNumber)).toHaveAttribute('data-presence', 'online');
  await ana.openConversation(bensNumber);
  await ben.openConversation(anasNumber);
  return { ana: anasNumber, ben: bensNumber };
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Bytes nobody can compress, for files. */
export const noise = (size: number) => randomBytes(size);

interface Fixtures {
  ana: Person;
  ben: Person;
}

/** Ana and Ben have each opened the page for the first time and chosen a name. */
export const test = base.extend<Fixtures>({
  ana: async ({ baseURL }, use) => {
    const ana = await Person.arrive('Ana', baseURL ?? '');
    await ana.join();
    await use(ana);
    await ana.leave();
  },
  ben: async ({ baseURL }, use) => {
    const ben = await Person.arrive('Ben', baseURL ?? '');
    await ben.join();
    await use(ben);
    await ben.leave();
  },
});

export { expect };
