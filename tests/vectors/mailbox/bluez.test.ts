// The mailbox on a Linux laptop: its logic, and the whole of it over a private D-Bus with a BlueZ that has no radio.
import { Variant } from '@jellybrick/dbus-next';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mailboxGatt } from '../../../src/core/ports/bluetooth.ts';
import { MailboxApplication, paths } from '../../../src/host/mailbox/application.ts';
import { type AirMailbox, airMailbox } from '../../../src/host/mailbox/bluez.ts';
import { type BluezLacks, FakeBluez, hasDbusDaemon, PrivateBus } from '../../fixtures/fake-bluez.ts';
import { type Program, runMailboxVectors } from './program.ts';

const DEVICE = '/org/bluez/hci0/dev_AA';
const CHARACTERISTIC = 'org.bluez.GattCharacteristic1';

runMailboxVectors('the mailbox for BlueZ, its logic', (): Program => {
  let now = 0;
  const hints: number[] = [];
  const application = new MailboxApplication({
    now: () => now,
    hint: (slot) => hints.push(slot),
    released: () => undefined,
  });
  const options = { device: new Variant('o', DEVICE) };
  const ask = (path: string, member: string, body: unknown[]): unknown[] => {
    const answer = application.answer({ path, interface: CHARACTERISTIC, member, body });
    if (answer === undefined || 'error' in answer) throw new Error(answer?.text);
    return answer.body;
  };
  ask(paths.hint, 'StartNotify', []);
  return {
    connect: () => application.connectionChanged(DEVICE),
    disconnect: () => application.connectionChanged(DEVICE),
    write: (bytes) => {
      ask(paths.command, 'WriteValue', [Buffer.from(bytes), options]);
      return hints.splice(0);
    },
    read: () => ask(paths.reply, 'ReadValue', [options])[0] as Uint8Array,
    wait: (milliseconds) => {
      now += milliseconds;
    },
  };
});

it('what is malformed is answered with ATT error 0x80, as BlueZ wants to be told', () => {
  const application = new MailboxApplication({ now: () => 0, hint: () => undefined, released: () => undefined });
  const call = { path: paths.command, interface: CHARACTERISTIC, member: 'WriteValue', body: [Buffer.of(9), {}] };
  expect(application.answer(call)).toEqual({ error: 'org.bluez.Error.Failed', text: '0x80' });
});

if (!hasDbusDaemon) {
  console.warn('\n!!! SKIPPED: the mailbox for BlueZ was not tested over D-Bus: dbus-daemon is not here.\n');
  it.skip('the mailbox over D-Bus needs dbus-daemon', () => undefined);
}

describe.skipIf(!hasDbusDaemon)('over D-Bus', () => {
  const bus = new PrivateBus();
  const open: { close(): void | Promise<void> }[] = [];
  beforeAll(async () => void (await bus.open()));
  afterAll(() => bus.close());
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  async function bluezWithout(lacks: BluezLacks): Promise<FakeBluez> {
    const bluez = await FakeBluez.open(lacks);
    open.push(bluez);
    return bluez;
  }

  async function onAir(now?: () => number): Promise<[FakeBluez, AirMailbox]> {
    const bluez = await bluezWithout({});
    const mailbox = await airMailbox(now);
    open.push(mailbox);
    return [bluez, mailbox];
  }

  runMailboxVectors('the mailbox for BlueZ', async (): Promise<Program> => {
    let now = 0;
    const [bluez] = await onAir(() => now);
    await bluez.listen(mailboxGatt.hint);
    return {
      connect: () => bluez.connected(DEVICE, true),
      disconnect: () => bluez.connected(DEVICE, false),
      write: async (bytes) => {
        bluez.hints = [];
        await bluez.write(mailboxGatt.command, DEVICE, bytes);
        return bluez.hints;
      },
      read: () => bluez.read(mailboxGatt.reply, DEVICE),
      wait: (milliseconds) => {
        now += milliseconds;
      },
    };
  });

  it('has the characteristics of the specification, advertises service and name, and goes off the air', async () => {
    const [bluez, mailbox] = await onAir();
    expect(mailbox.adapter).toBe('hci0');
    expect([...bluez.characteristics].map(([uuid, { flags }]) => [uuid, flags])).toEqual([
      [mailboxGatt.command, ['write']],
      [mailboxGatt.reply, ['read']],
      [mailboxGatt.hint, ['notify']],
    ]);
    expect(bluez.advertised?.LocalName?.value).toBe(mailboxGatt.name);
    expect(bluez.advertised?.ServiceUUIDs?.value).toEqual([mailboxGatt.service]);
    await mailbox.close();
    expect(bluez.advertised).toBeUndefined();
  });

  it('two centrals at the same time do not disturb each other’s drafts', async () => {
    const [bluez] = await onAir();
    const [one, other] = ['/org/bluez/hci0/dev_BB', '/org/bluez/hci0/dev_CC'];
    await bluez.write(mailboxGatt.command, one, Uint8Array.of(1, 1, 0, 0, 7));
    await bluez.write(mailboxGatt.command, other, Uint8Array.of(3, 2, 0, 0));
    await bluez.write(mailboxGatt.command, one, Uint8Array.of(2, 1, 0, 1));
    await bluez.write(mailboxGatt.command, one, Uint8Array.of(3, 1, 0, 0));
    expect([...(await bluez.read(mailboxGatt.reply, one))]).toEqual([1, 0, 0, 0, 1, 7]);
    expect([...(await bluez.read(mailboxGatt.reply, other))]).toEqual([2, 0, 0, 0, 0]);
  });

  it('says when BlueZ stops', async () => {
    const [bluez, mailbox] = await onAir();
    bluez.close();
    expect(await mailbox.ended).toBe('BlueZ has stopped');
  });

  it.each([
    ['adapter', 'BlueZ knows no Bluetooth adapter'],
    ['peripheralRole', 'cannot be a peripheral'],
    ['permission', 'may not use Bluetooth'],
    ['power', 'Bluetooth is off'],
  ] as const)('without %s it says so', async (lack, message) => {
    await bluezWithout({ [lack]: true });
    await expect(airMailbox()).rejects.toThrow(message);
  });

  it('without BlueZ it says so', async () => {
    await expect(airMailbox()).rejects.toThrow('BlueZ is not running');
  });
});

it('without D-Bus it says so', async () => {
  process.env.DBUS_SYSTEM_BUS_ADDRESS = 'unix:path=/nowhere/at/all';
  await expect(airMailbox()).rejects.toThrow('no D-Bus system bus');
  delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
});
