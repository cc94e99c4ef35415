// Two people, and what they do with the page, through its hooks only. Each has a profile of their own, at a browser of their own or in
// a window that shares nothing with the others.
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  expect as impatient,
  type Locator,
  type Page,
} from '@playwright/test';
import type { DiagnosticsView } from '../../src/core/node-api.ts';
import { findChromium, launchArguments } from '../tools/chromium.ts';

/** As patient outside the test runner (tests/bench) as inside it. */
export const expect = impatient.configure({ timeout: 20_000 });

const isSet = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined;

/** What every page looks like. */
const look = { viewport: { width: 1280, height: 720 }, acceptDownloads: true } as const;

/** A browser process with this profile. */
function launch(
  profile: string,
  args = launchArguments(),
  environment: Readonly<Record<string, string>> = {},
): Promise<BrowserContext> {
  const env = Object.fromEntries(Object.entries({ ...process.env, ...environment }).filter(isSet));
  const browser = { executablePath: findChromium(), args, headless: true, env };
  return chromium.launchPersistentContext(profile, { ...browser, ...look });
}

/** A person at a browser of their own. The profile outlives the browser, as a disk does. */
export class Person {
  context!: BrowserContext;
  page!: Page;
  /** What no page of ours may ever say: errors, warnings, requests to strangers. */
  readonly complaints: string[] = [];
  /** Warnings of its pages, which are no mistakes of theirs. */
  readonly warnings: string[] = [];
  private constructor(
    readonly name: string,
    private readonly site: string,
    /** Folder of the browser's profile; '' for a visitor. */
    readonly profile: string,
    private readonly start: () => Promise<BrowserContext>,
  ) {}

  /**
   * @param before Runs in every page before its own scripts.
   * @param args What the browser is started with.
   * @param environment Variables of its process, beside ours.
   * @param prepare Before the page is opened.
   */
  static async arrive(
    name: string,
    site: string,
    before?: () => void,
    args = launchArguments(),
    environment: Readonly<Record<string, string>> = {},
    prepare: (context: BrowserContext) => Promise<unknown> = async () => {},
  ): Promise<Person> {
    const profile = await mkdtemp(join(tmpdir(), 'kith-profile-'));
    const start = async () => {
      const context = await launch(profile, args, environment);
      if (before) await context.addInitScript(before);
      await prepare(context);
      return context;
    };
    const person = new Person(name, site, profile, start);
    await person.launch();
    return person;
  }

  /** Somebody like this one, at a browser of their own that has a copy of the profile. This one's must have been closed. */
  async double(): Promise<Person> {
    const profile = await mkdtemp(join(tmpdir(), 'kith-profile-'));
    await cp(this.profile, profile, { recursive: true });
    const double = new Person(this.name, this.site, profile, () => launch(profile));
    await double.launch();
    return double;
  }

  /**
   * At somebody else's browser, in a window that shares nothing with the others: for whoever does not come back after its end.
   * @param prepare Before the page is opened.
   */
  static async visit(
    browser: Browser,
    name: string,
    site: string,
    prepare: (context: BrowserContext) => Promise<unknown> = async () => {},
  ): Promise<Person> {
    const start = async () => {
      const context = await browser.newContext(look);
      await prepare(context);
      return context;
    };
    const person = new Person(name, site, '', start);
    await person.launch();
    return person;
  }

  /** Starts the browser and opens the page. */
  async launch(): Promise<void> {
    this.context = await this.start();
    this.context.on('weberror', (error) => this.complaints.push(String(error.error())));
    this.context.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
      if (message.type() === 'warning') this.warnings.push(message.text());
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

  /** Ends every process of the browser at once, without a word to anybody. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.context.once('close', resolve));
    const session = await this.context.newCDPSession(this.page);
    session.send('Browser.crash').catch(() => {});
    await gone;
  }

  async leave(): Promise<void> {
    await this.context.close().catch(() => {});
    if (this.profile !== '') await rm(this.profile, { recursive: true, force: true });
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

  /** An invitation link that nobody has used. */
  async link(): Promise<string> {
    await this.id('add-contact').click();
    await this.id('pair-tab-text').click();
    await this.id('my-link-make').click();
    await expect(this.id('my-link')).toHaveAttribute('data-link', /#kith1[02-9ac-hj-np-z]{85}$/);
    return (await this.id('my-link').getAttribute('data-link')) ?? '';
  }

  /** The card is taken: its call is listed until the other page has answered, which may be at once, and then they are. */
  hasCalled(number: string): Promise<void> {
    return expect(this.id('pair-attempt').or(this.conversation(number)).first()).toBeVisible();
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

  /** The message with this text, whole. */
  message(text: string | RegExp): Locator {
    const words = this.page.getByTestId('message-text').getByText(text, { exact: true });
    return this.id('message').filter({ has: words });
  }

  /** The message that carries this file. */
  fileMessage(name: string): Locator {
    return this.id('message').filter({ has: this.page.locator(`[data-testid=attachment][data-name="${name}"]`) });
  }

  /** Saves an attachment as a person does, and gives back its bytes and the name it is saved under. */
  async save(name: string): Promise<{ name: string; bytes: Buffer }> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.attachment(name).getByTestId('attachment-save').click(),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  async diagnostics(): Promise<DiagnosticsView> {
    await this.id('settings').click();
    await expect(this.id('diagnostics')).toHaveAttribute('data-json', /\{/);
    return JSON.parse((await this.id('diagnostics').getAttribute('data-json')) ?? '{}');
  }

  /** Units of files handed to links since load. */
  async unitsSent(): Promise<number> {
    return (await this.diagnostics()).unitsSent;
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
  /** Whether each has a browser of their own: where it ends and begins again, or where two processes are the subject. */
  ownBrowsers: boolean;
  ana: Person;
  ben: Person;
}

/** Ana and Ben have each opened the page for the first time and chosen a name. */
export const test = base.extend<Fixtures>({
  ownBrowsers: [false, { option: true }],
  ana: ({ baseURL, browser, ownBrowsers }, use) => joined('Ana', baseURL ?? '', ownBrowsers ? undefined : browser, use),
  ben: ({ baseURL, browser, ownBrowsers }, use) => joined('Ben', baseURL ?? '', ownBrowsers ? undefined : browser, use),
});

async function joined(name: string, site: string, at: Browser | undefined, use: (person: Person) => Promise<void>) {
  const person = await (at ? Person.visit(at, name, site) : Person.arrive(name, site));
  await person.join();
  await use(person);
  await person.leave();
}
