// Ana makes Ben and Cleo known to each other: three browsers, from the buttons on the screen to the first delivered message.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, Person, test } from './people.ts';

/** They meet, and each sees the other's number on the other's screen. */
async function verifyEachOther(one: Person, other: Person): Promise<void> {
  await other.take(await one.card());
  const request = one.id('pair-request');
  await expect(request).toHaveAttribute('data-number', await other.number());
  await request.getByTestId('pair-accept-verified').click();
  for (const [person, number] of [
    [one, await other.number()],
    [other, await one.number()],
  ] as const) {
    await expect(person.conversation(number)).toHaveAttribute('data-presence', 'online');
    await expect(person.conversation(number)).toHaveAttribute('data-trust', 'verified');
  }
}

async function expectNothing(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join()}`),
    screen,
  ).toEqual([]);
}

/** The contact's page is open. */
async function openContact(person: Person, number: string): Promise<void> {
  await person.openConversation(number);
  await person.id('contact-page').click();
  await expect(person.id('safety-number')).toBeVisible();
}

async function introduce(ana: Person, one: Person, other: Person): Promise<void> {
  await openContact(ana, await one.number());
  await ana.id('introduce').click();
  await ana.page.locator(`[data-testid=introduce-pick][data-number="${await other.number()}"]`).click();
  await ana.id('confirm-yes').click();
}

// Three people on two cores.
test.describe.configure({ timeout: 300_000 });

let cleo: Person;
test.beforeEach(async ({ browser, baseURL }) => {
  cleo = await Person.visit(browser, 'Cleo', baseURL ?? '');
  await cleo.join();
});
test.afterEach(() => cleo.leave());

test('two people whom a third introduces become contacts on her word, and talk', async ({ ana, ben }) => {
  await verifyEachOther(ana, ben);
  await verifyEachOther(ana, cleo);
  await introduce(ana, ben, cleo);
  await expect(ana.id('introduction-given')).toHaveAttribute('data-delivered', '2');
  await ana.id('introduce').click();
  await expectNothing(ana.page, 'introducing');

  for (const [person, other] of [
    [ben, cleo],
    [cleo, ben],
  ] as const) {
    const request = person.id('introduction-request');
    await expect(request).toHaveAttribute('data-number', await other.number());
    await expect(request).toContainText(`Ana introduces you to ${other.name}`);
    // Nothing hides the question: Escape does not answer it.
    await person.page.keyboard.press('Escape');
    await expect(request.getByTestId('introduction-accept')).toBeVisible();
  }
  await expectNothing(ben.page, 'the question');
  await ben.id('introduction-accept').click();
  await expect(ben.id('introduction-request')).toHaveCount(0);
  await ben.id('add-contact').click();
  await expect(ben.id('introduction-waiting')).toHaveAttribute('data-number', await cleo.number());
  await expectNothing(ben.page, 'waiting');

  // Cleo answers in another tab than the one that runs her network.
  const second = await cleo.context.newPage();
  await second.goto(cleo.page.url());
  await second.getByTestId('introduction-accept').click();
  await expect(second.getByTestId('introduction-request')).toHaveCount(0);
  await expect(cleo.id('introduction-request')).toHaveCount(0);
  for (const [person, other] of [
    [ben, cleo],
    [cleo, ben],
  ] as const) {
    const conversation = person.conversation(await other.number());
    await expect(conversation).toHaveAttribute('data-trust', 'introduced');
    await expect(conversation).toHaveAttribute('data-presence', 'online');
    await expect(conversation).toContainText('Introduced by Ana');
    await person.openConversation(await other.number());
    await expect(person.page.locator('.trust')).toHaveText('Introduced by Ana');
  }
  await ben.write('Ana says we should talk');
  await expect(cleo.message('Ana says we should talk')).toBeVisible();
  await expect(ben.message('Ana says we should talk')).toHaveAttribute('data-state', /delivered|read/);

  // Her word is all it is, until they compare: on one side that changes nothing on the other.
  await ben.id('contact-page').click();
  await expect(ben.page.locator('.trust-words')).toHaveAttribute('data-trust', 'introduced');
  await ben.id('mark-verified').click();
  await ben.id('confirm-yes').click();
  await expect(ben.conversation(await cleo.number())).toHaveAttribute('data-trust', 'verified');
  await cleo.reload();
  await expect(cleo.conversation(await ben.number())).toHaveAttribute('data-trust', 'introduced');
  expect([...ana.complaints, ...ben.complaints, ...cleo.complaints]).toEqual([]);
});
