// Bluetooth as a Linux laptop has it: Chromium's own code for BlueZ, a BlueZ of ours on a private D-Bus for each browser, and around them
// the program of `npm run mailbox` and a gadget with Espruino.
import { systemClock } from '../../src/adapters/system/clock.ts';
import { parseCard } from '../../src/core/identity/card.ts';
import type { Identity } from '../../src/core/identity/keys.ts';
import { AirGadget, AirLaptop, visitedBy } from '../fixtures/air.ts';
import { type AirPeripheral, BluezCentral } from '../fixtures/bluez-central.ts';
import { answerChooser } from '../fixtures/emulated-mailbox.ts';
import { Gadget } from '../fixtures/espruino-gadget.ts';
import { hasDbusDaemon, PrivateBus } from '../fixtures/fake-bluez.ts';
import { Visitor } from '../fixtures/mailbox-people.ts';
import * as people from '../fixtures/people.ts';
import { code, onlyContact, start, typeCode, withRadio } from './at-mailbox.ts';
import { expectAccessible } from './axe.ts';
import { expect, Person, test } from './people.ts';

if (!hasDbusDaemon) console.warn('\n!!! SKIPPED: nothing was paired through BlueZ: dbus-daemon is not here.\n');
test.skip(!hasDbusDaemon, 'needs dbus-daemon');

interface Sitter {
  readonly person: Person;
  readonly bluez: BluezCentral;
  leave(): Promise<void>;
}

/** Somebody at a laptop of their own, on the screen for adding a contact. */
async function sit(name: string, site: string, air: readonly AirPeripheral[]): Promise<Sitter> {
  const bus = await new PrivateBus().open();
  const bluez = await BluezCentral.open(bus.address, name, air);
  const person = await Person.arrive(name, site, undefined, withRadio, { DBUS_SYSTEM_BUS_ADDRESS: bus.address });
  await person.join();
  await answerChooser(person.page, 'mailbox');
  await person.id('add-contact').click();
  const leave = async () => {
    await person.leave();
    bluez.close();
    bus.close();
  };
  return { person, bluez, leave };
}

/** Each types what the other's screen shows. */
async function pair(person: Person, other: Visitor): Promise<void> {
  const digits = await code(person);
  await expect.poll(() => other.at).toBe('comparing');
  expect(other.type(digits)).toBeUndefined();
  await typeCode(person, other.code);
}

test('two browsers pair through BlueZ at the mailbox of npm run mailbox, and talk', async ({ baseURL }) => {
  const laptop = await AirLaptop.open();
  const sitters = await Promise.all(['Ana', 'Ben'].map((name) => sit(name, baseURL ?? '', [laptop])));
  const [ana, ben] = sitters.map(({ person }) => person) as [Person, Person];
  try {
    await Promise.all([ana, ben].map(start));
    const [anas, bens] = [await code(ana), await code(ben)];
    expect(anas).not.toBe(bens);
    await typeCode(ana, bens);
    await typeCode(ben, anas);
    for (const person of [ana, ben]) await expect(onlyContact(person)).toHaveAttribute('data-trust', 'verified');
    await expect(onlyContact(ana)).toHaveAttribute('data-number', await ben.number());
    await ana.write('through a real program');
    await expect(ana.message('through a real program')).toHaveAttribute('data-state', /delivered|read/);
    await expect(ben.message('through a real program')).toBeVisible();
    expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  } finally {
    for (const sitter of sitters) await sitter.leave();
    await laptop.close();
  }
});

test('a gadget becomes a mailbox from the page; there nobody pairs with herself, and a third person waits', async ({
  baseURL,
}) => {
  const air = new AirGadget(new Gadget());
  const { person: ana, leave } = await sit('Ana', baseURL ?? '', [air]);
  const come = (who: Identity, name: string) => new Visitor(who, visitedBy(air, name), systemClock, name.length);
  try {
    await ana.id('pair-tab-text').click();
    await expect(ana.id('my-card')).toHaveAttribute('data-card', /^kith1/);
    const self = parseCard((await ana.id('my-card').getAttribute('data-card')) ?? '').fingerprint;
    await ana.id('pair-tab-bluetooth').click();
    await ana.id('mailbox-make').click();
    await ana.id('gadget-start').click();
    await expect(ana.id('gadget-state')).toHaveAttribute('data-state', 'over');
    await expect(ana.id('gadget-state')).toContainText('is a Kith mailbox now');
    await expect(ana.id('make-mailbox')).toContainText('It was tried from here, and answers.');
    expect([...air.gadget.files.keys()]).toEqual(['kithbox', '.bootcde']);
    await expectAccessible(ana.page, 'pairing through BlueZ');

    // The same gadget, straight away. Somebody comes who is Ana too.
    await ana.id('gadget-pair').click();
    await ana.id('bluetooth-start').click();
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'waiting');
    const again = come({ ...people.ben, fingerprint: self }, 'Ana again');
    await pair(ana, again);
    await expect(ana.id('pair-error')).toHaveAttribute('data-code', /^mailbox-(own|expired)$/);
    await expect.poll(() => again.failure).toMatch(/^mailbox-(own|expired)$/);
    expect([again.failure, await ana.id('pair-error').getAttribute('data-code')]).toContain('mailbox-own');
    await expect(onlyContact(ana)).toHaveCount(0);

    // Ben comes, and Cleo, who is told that two are at it and has her turn after them.
    await ana.id('bluetooth-start').click();
    await expect(ana.id('mailbox-state')).toHaveAttribute('data-state', 'waiting');
    const ben = come(people.ben, 'Ben');
    await code(ana);
    const cleo = come(people.cleo, 'Cleo');
    await expect.poll(() => cleo.run.phase).toMatchObject({ at: 'arriving', busy: true });
    await pair(ana, ben);
    await expect(onlyContact(ana)).toHaveAttribute('data-trust', 'verified');
    await expect.poll(() => [ben.at, cleo.at]).toEqual(['done', 'waiting']);
    cleo.run.cancel();
    await expect.poll(() => cleo.at).toBe('over');
    expect(ana.complaints).toEqual([]);
  } finally {
    await leave();
  }
});
