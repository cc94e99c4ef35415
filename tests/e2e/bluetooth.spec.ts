// Pairing over a Bluetooth mailbox, from the buttons on the screen: two browsers, each before Chromium's emulation of a radio, and one
// mailbox behind both.
import AxeBuilder from '@axe-core/playwright';
import { MailboxSlots } from '../../src/core/pairing/mailbox/slots.ts';
import { answerChooser, EmulatedMailbox } from '../fixtures/emulated-mailbox.ts';
import { code, onlyContact, start, typeCode, withRadio } from './at-mailbox.ts';
import { expect, Person, test } from './people.ts';

interface Presses {
  clicks: number;
  digits: number;
}

/** Counts what is pressed on the page from now on. */
const countPresses = ({ page }: Person) =>
  page.evaluate(() => {
    const pressed: Presses = { clicks: 0, digits: 0 };
    Object.assign(window, { pressed });
    addEventListener('click', () => (pressed.clicks += 1), true);
    addEventListener('keydown', ({ key }) => (pressed.digits += /^\d$/.test(key) ? 1 : 0), true);
  });
const pressed = ({ page }: Person) => page.evaluate(() => Reflect.get(window, 'pressed') as Presses);

declare global {
  /** The network returns. */
  var kithMend: () => void;
}

/** Runs in every page before its own scripts: no tracker opens, so there is nobody, until the network returns. */
function cut(): void {
  let mended = false;
  const Real = WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      if (!mended) throw new DOMException('blocked', 'SecurityError');
      super(...address);
    }
  };
  globalThis.kithMend = () => {
    mended = true;
    dispatchEvent(new Event('online'));
  };
}

async function atMailbox(name: string, site: string, slots: MailboxSlots, before?: () => void): Promise<Person> {
  const person = await Person.arrive(name, site, before, withRadio);
  await person.join();
  const browser = person.context.browser();
  if (browser === null) throw new Error('no browser');
  await EmulatedMailbox.open(browser, slots, name);
  await answerChooser(person.page, 'mailbox');
  await person.id('add-contact').click();
  await expect(person.id('pair-tab-bluetooth')).toBeVisible();
  return person;
}

async function bothAtMailbox(site: string, before?: () => void): Promise<readonly [Person, Person]> {
  const slots = new MailboxSlots(() => Date.now());
  return Promise.all([atMailbox('Ana', site, slots, before), atMailbox('Ben', site, slots, before)]);
}

test('three clicks and six digits each make two verified contacts, who talk', async ({ baseURL }) => {
  const [ana, ben] = await bothAtMailbox(baseURL ?? '');
  try {
    await Promise.all([ana, ben].map(countPresses));
    // The same moment for both: who is first is decided at the mailbox.
    await Promise.all([ana, ben].map(start));
    const [anas, bens] = [await code(ana), await code(ben)];
    expect(anas).not.toBe(bens);
    // A screen reader says every digit.
    await expect(ana.id('sas-mine').locator('.visually-hidden')).toHaveText([...anas].join(' '));
    expect((await new AxeBuilder({ page: ana.page }).analyze()).violations).toEqual([]);
    await typeCode(ana, bens);
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'typed');
    await expect(ana.id('sas-mine')).toHaveAttribute('data-code', anas);
    await typeCode(ben, anas);
    for (const person of [ana, ben]) {
      await expect(onlyContact(person)).toHaveAttribute('data-trust', 'verified');
      expect(await pressed(person)).toEqual({ clicks: 3, digits: 6 });
    }
    await expect(onlyContact(ana)).toHaveAttribute('data-number', await ben.number());
    await expect(onlyContact(ben)).toHaveAttribute('data-number', await ana.number());
    await ana.write('from beside you');
    await expect(ana.message('from beside you')).toHaveAttribute('data-state', /delivered|read/);
    await expect(ben.message('from beside you')).toBeVisible();
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  } finally {
    await Promise.all([ana.leave(), ben.leave()]);
  }
});

test('with no network it completes after the screen is left, one’s own and a wrong code are refused, and a message follows later', async ({
  baseURL,
}) => {
  const [ana, ben] = await bothAtMailbox(baseURL ?? '', cut);
  try {
    await start(ana);
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'waiting');
    await start(ben);
    const [anas, bens] = [await code(ana), await code(ben)];
    for (const person of [ana, ben]) await expect(person.id('app')).toHaveAttribute('data-network', 'offline');
    await typeCode(ana, anas);
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'code-own');
    const wrong = ['111111', '222222', '333333'].find((one) => one !== anas && one !== bens) ?? '';
    await typeCode(ana, wrong);
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'code-wrong');
    await expect(ana.id('pair-error')).toContainText('2 tries left');
    expect((await new AxeBuilder({ page: ana.page }).analyze()).violations).toEqual([]);
    await typeCode(ana, bens);
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'typed');
    await ana.page.keyboard.press('Escape');
    await expect(ana.id('mailbox-state')).toHaveCount(0);
    await typeCode(ben, anas, 'Enter');
    for (const person of [ana, ben]) await expect(onlyContact(person)).toHaveAttribute('data-trust', 'verified');
    await onlyContact(ana).click();
    await ana.write('for when there is a network');
    await expect(ana.message('for when there is a network')).toHaveAttribute('data-state', 'queued');
    await Promise.all([ana, ben].map(({ page }) => page.evaluate(() => kithMend())));
    await expect(ana.message('for when there is a network')).toHaveAttribute('data-state', /delivered|read/);
    await expect(ben.message('for when there is a network')).toBeVisible();
  } finally {
    await Promise.all([ana.leave(), ben.leave()]);
  }
});

test('where the way is missing the screen says why, and leads to what a mailbox is', async ({ ana }) => {
  await ana.id('add-contact').click();
  await ana.id('pair-tab-bluetooth').click();
  await expect(ana.id('bluetooth-missing')).toHaveAttribute('data-why', 'flag');
  await expect(ana.id('bluetooth-missing')).toContainText('chrome://flags/#enable-web-bluetooth');
  await expect(ana.id('bluetooth-start')).toHaveCount(0);
  expect((await new AxeBuilder({ page: ana.page }).analyze()).violations).toEqual([]);
  const [page] = await Promise.all([ana.context.waitForEvent('page'), ana.id('mailbox-how-to').click()]);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A mailbox for Kith');
  expect(ana.complaints).toEqual([]);
});
