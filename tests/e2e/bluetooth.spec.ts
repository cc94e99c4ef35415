// Pairing over a Bluetooth mailbox, from the buttons on the screen: two browsers, each before Chromium's emulation of a radio, and one
// mailbox behind both.
import { systemClock } from '../../src/adapters/system/clock.ts';
import { encodeCommand } from '../../src/core/pairing/mailbox/commands.ts';
import { MailboxSlots } from '../../src/core/pairing/mailbox/slots.ts';
import type { MailboxPeripheral } from '../../src/core/ports/bluetooth.ts';
import { answerChooser, EmulatedMailbox } from '../fixtures/emulated-mailbox.ts';
import { Visitor } from '../fixtures/mailbox-people.ts';
import { ben } from '../fixtures/people.ts';
import { code, onlyContact, start, typeCode, withRadio } from './at-mailbox.ts';
import { expectAccessible } from './axe.ts';
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
  /** The network goes, in the middle of whatever is under way. */
  var kithCut: () => void;
  /** The network returns. */
  var kithMend: () => void;
}

/** Runs in every page before its own scripts: a network that can be cut. What is open ends, and nothing opens until it returns. */
function severable(): void {
  let whole = true;
  const open = new Set<{ close(): void }>();
  const Socket = WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      if (!whole) throw new DOMException('blocked', 'SecurityError');
      super(...address);
      open.add(this);
    }
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      open.add(this);
    }
  };
  globalThis.kithCut = () => {
    whole = false;
    for (const one of open) one.close();
    open.clear();
    dispatchEvent(new Event('offline'));
  };
  globalThis.kithMend = () => {
    whole = true;
    dispatchEvent(new Event('online'));
  };
}

const network = ({ page }: Person, what: 'cut' | 'mend') =>
  page.evaluate((mend) => (mend ? kithMend() : kithCut()), what === 'mend');

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
    await expectAccessible(ana.page, 'the codes');
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

test('with the network cut in the middle it completes after the screen is left, one’s own and a wrong code are refused, and a message follows later', async ({
  baseURL,
}) => {
  const [ana, ben] = await bothAtMailbox(baseURL ?? '', severable);
  try {
    await start(ana);
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'waiting');
    await start(ben);
    const [anas, bens] = [await code(ana), await code(ben)];
    for (const person of [ana, ben]) {
      await expect(person.id('app')).toHaveAttribute('data-network', 'online');
      await network(person, 'cut');
    }
    for (const person of [ana, ben]) await expect(person.id('app')).toHaveAttribute('data-network', /offline|joining/);
    await typeCode(ana, anas);
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'code-own');
    const wrong = ['111111', '222222', '333333'].find((one) => one !== anas && one !== bens) ?? '';
    await typeCode(ana, wrong);
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', 'code-wrong');
    await expect(ana.id('pair-error')).toContainText('2 tries left');
    await expectAccessible(ana.page, 'a wrong code');
    await typeCode(ana, bens);
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'typed');
    await ana.page.keyboard.press('Escape');
    await expect(ana.id('mailbox-state')).toHaveCount(0);
    await typeCode(ben, anas, 'Enter');
    for (const person of [ana, ben]) await expect(onlyContact(person)).toHaveAttribute('data-trust', 'verified');
    await onlyContact(ana).click();
    await ana.write('for when there is a network');
    await expect(ana.message('for when there is a network')).toHaveAttribute('data-state', 'queued');
    await Promise.all([ana, ben].map((person) => network(person, 'mend')));
    await expect(ana.message('for when there is a network')).toHaveAttribute('data-state', /delivered|read/);
    await expect(ben.message('for when there is a network')).toBeVisible();
  } finally {
    await Promise.all([ana.leave(), ben.leave()]);
  }
});

/** Somebody else at the same mailbox, without a browser: the exchange itself and nothing around it. */
async function comesTo(slots: MailboxSlots): Promise<Visitor> {
  const central = 'Ben';
  const peripheral: MailboxPeripheral = {
    connect: async () => {
      slots.connectionChanged(central);
      return {
        command: async (bytes) => void slots.write(bytes, central),
        reply: async () => slots.read(central),
        disconnect: async () => slots.connectionChanged(central),
      };
    },
  };
  return new Visitor(ben, peripheral, systemClock, 7);
}

test('what goes wrong is said in words, nobody is added by it, and there is a way on', async ({ baseURL }) => {
  const slots = new MailboxSlots(() => Date.now());
  const ana = await Person.arrive('Ana', baseURL ?? '', undefined, withRadio);
  const says = async (code: string, words: string) => {
    // What a browser never answers is given up after ten seconds.
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', code, { timeout: 40_000 });
    await expect(ana.id('pair-error')).toContainText(words);
    await expect(ana.id('bluetooth-start')).toBeEnabled();
    await expect(ana.id('conversation')).toHaveCount(0);
  };
  const again = () => ana.id('bluetooth-start').click();
  try {
    await ana.join();
    const mailbox = await EmulatedMailbox.open(ana.context.browser()!, slots, 'Ana');
    // With Bluetooth off the browser's list has nothing in it, and says so itself.
    await answerChooser(ana.page, 'cancel', 'cancel', 'mailbox');
    await ana.id('add-contact').click();

    await start(ana);
    await says('bluetooth-cancelled', 'No mailbox was chosen.');
    // A page is not told that Bluetooth is off, only that nothing was chosen.
    await mailbox.power(false);
    await again();
    await says('bluetooth-cancelled', 'No mailbox was chosen.');
    await mailbox.power(true);
    await ana.page.evaluate(() => {
      const { bluetooth } = navigator as unknown as { bluetooth: { requestDevice?: () => Promise<never> } };
      bluetooth.requestDevice = () => {
        // Once: then the browser's own again.
        delete bluetooth.requestDevice;
        return Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
      };
    });
    await again();
    await says('bluetooth-denied', 'Kith was not allowed to use Bluetooth. Allow it in the browser’s settings');

    // Two others left this mailbox half-way.
    for (const [slot, length] of [
      [1, 32],
      [2, 96],
    ] as const) {
      for (let at = 0; at < length; at += 16)
        slots.write(encodeCommand({ do: 'put', slot, offset: at, data: new Uint8Array(16).fill(at + 1) }), 'others');
      slots.write(encodeCommand({ do: 'commit', slot, length }), 'others');
    }
    await again();
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'busy');
    await expect(ana.id('mailbox-state')).toContainText('Two others are at this mailbox.');
    await ana.id('mailbox-start-over').click();
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'waiting');

    let other = await comesTo(slots);
    for (const left of ['2 tries left', '1 try left', 'Three wrong codes']) {
      await code(ana);
      // Her screen may show one before theirs does.
      await expect.poll(() => other.comparing).toBeDefined();
      await typeCode(ana, ['111111', '222222', '333333'].find((one) => one !== other.code) ?? '', 'Enter');
      await expect(ana.id('pair-error')).toContainText(left);
    }
    await says('code-wrong', 'no card was given away. Start again on both screens.');
    await expectAccessible(ana.page, 'a try that went wrong');
    await expect.poll(() => other.failure).toBe('mailbox-expired');

    await again();
    other = await comesTo(slots);
    await code(ana);
    mailbox.near(false);
    await mailbox.drop();
    // A minute without it.
    await ana.page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 61_000;
    });
    await says('bluetooth-lost', 'The mailbox is out of reach. Bring it closer');
    other.run.cancel();
    mailbox.near(true);

    await again();
    other = await comesTo(slots);
    const anas = await code(ana);
    await expect.poll(() => other.at).toBe('comparing');
    expect(other.type(anas)).toBeUndefined();
    await typeCode(ana, other.code);
    await expect(onlyContact(ana)).toHaveAttribute('data-trust', 'verified');
    expect(ana.complaints).toEqual([]);
    other.run.close();
  } finally {
    await ana.leave();
  }
});

test('where the way is missing the screen says why, and leads to what a mailbox is', async ({ ana }) => {
  await ana.id('add-contact').click();
  await ana.id('pair-tab-bluetooth').click();
  await expect(ana.id('bluetooth-missing')).toHaveAttribute('data-why', 'flag');
  await expect(ana.id('bluetooth-missing')).toContainText('chrome://flags/#enable-web-bluetooth');
  await expect(ana.id('bluetooth-start')).toHaveCount(0);
  await expect(ana.id('mailbox-make')).toHaveCount(0);
  await expectAccessible(ana.page, 'a way that is missing');
  const [page] = await Promise.all([ana.context.waitForEvent('page'), ana.id('mailbox-how-to').click()]);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A mailbox for Kith');
  expect(ana.complaints).toEqual([]);
});
