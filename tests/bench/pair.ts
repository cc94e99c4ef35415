// Ana and Ben at a browser of their own each (two browser processes, two profiles), who have met once in the app and once on
// the bench's page. At any time each browser shows one page: what is not measured does not run.
import type { Page } from '@playwright/test';
import { expect, meet, Person } from '../e2e/people.ts';
import type { Sites } from './site.ts';

export interface Pages {
  readonly ana: Page;
  readonly ben: Page;
}

export class Pair {
  #metInLab = false;

  private constructor(
    private readonly sites: Sites,
    readonly ana: Person,
    readonly ben: Person,
    private readonly numbers: { readonly ana: string; readonly ben: string },
  ) {}

  static async arrive(sites: Sites): Promise<Pair> {
    const [ana, ben] = await Promise.all(['Ana', 'Ben'].map((name) => Person.arrive(name, sites.app)));
    if (!ana || !ben) throw new Error('nobody came');
    await Promise.all([ana.join(), ben.join()]);
    return new Pair(sites, ana, ben, await meet(ana, ben));
  }

  async leave(): Promise<void> {
    await Promise.all([this.ana.leave(), this.ben.leave()]);
  }

  /** The app, loaded afresh, both online in their conversation: a fresh connection. */
  async openApp(): Promise<void> {
    await this.#open('about:blank');
    await Promise.all([this.ana.open(), this.ben.open()]);
    const both = [
      [this.ana, this.numbers.ben],
      [this.ben, this.numbers.ana],
    ] as const;
    for (const [person, other] of both) {
      await expect(person.conversation(other)).toHaveAttribute('data-presence', 'online');
      await person.openConversation(other);
    }
  }

  /** The bench's page, loaded afresh. */
  async openLab(): Promise<Pages> {
    await this.#open('about:blank');
    await this.#open(this.sites.lab);
    const { ana, ben } = this;
    for (const { page } of [ana, ben]) await page.waitForFunction(() => window.lab !== undefined);
    return { ana: ana.page, ben: ben.page };
  }

  /** The same, each with a whole Kith that is connected to the other's. */
  async openLabPeople(): Promise<Pages> {
    const { ana, ben } = await this.openLab();
    const start = (page: Page, called: string) =>
      page.evaluate((name) => {
        window.people = new window.lab.People();
        return window.people.start(name);
      }, called);
    await Promise.all([start(ana, 'Ana'), start(ben, 'Ben')]);
    await this.#meetInLab(ana, ben);
    await Promise.all([ana, ben].map((page) => page.evaluate(() => window.people.online())));
    return { ana, ben };
  }

  async #meetInLab(ana: Page, ben: Page): Promise<void> {
    if (this.#metInLab) return;
    const card = await ana.evaluate(() => window.people.card());
    await ben.evaluate((text) => window.people.takeCard(text), card);
    await ana.evaluate(() => window.people.accept());
    this.#metInLab = true;
  }

  async #open(url: string): Promise<void> {
    await Promise.all([this.ana.page.goto(url), this.ben.page.goto(url)]);
  }
}
