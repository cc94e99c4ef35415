// What a browser says of Bluetooth, as kinds of failure: only some can be brought about in the one that tests have.
import { expect, it } from 'vitest';
import type { BrowserBluetooth, GattDevice } from '../../../src/adapters/bluetooth/gatt.ts';
import { webBluetooth } from '../../../src/adapters/bluetooth/web-bluetooth.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { mailboxGatt } from '../../../src/core/ports/bluetooth.ts';

const clock = new MemoryClock();

const browser = (error: string, available = true): BrowserBluetooth => ({
  getAvailability: async () => available,
  requestDevice: () => Promise.reject(new DOMException('no', error)),
});

it.each([
  ['no Bluetooth in this browser', undefined, 'bluetooth-missing'],
  ['Bluetooth is off', browser('NotFoundError', false), 'bluetooth-off'],
  ['the list was closed', browser('NotFoundError'), 'bluetooth-cancelled'],
  ['the browser forbids it', browser('NotAllowedError'), 'bluetooth-denied'],
  ['a policy forbids it', browser('SecurityError'), 'bluetooth-denied'],
])('%s', async (_, bluetooth, kind) => {
  await expect(webBluetooth(bluetooth, clock).choose()).rejects.toThrow(kind);
});

/** A device that was chosen, and what comes of connecting to it. */
function chosen(connect: () => Promise<never>): BrowserBluetooth {
  const gatt = { connected: false, connect, disconnect: () => undefined, getPrimaryService: connect };
  return {
    getAvailability: async () => true,
    requestDevice: async () => Object.assign(new EventTarget(), { gatt }) as GattDevice,
  };
}

it('a browser that never answers a connection attempt is given up after 15 s', async () => {
  const peripheral = await webBluetooth(
    chosen(() => new Promise(() => undefined)),
    clock,
  ).choose();
  const started = clock.now();
  await expect(clock.until(peripheral.connect())).rejects.toThrow('bluetooth-lost');
  expect(clock.now() - started).toBe(15_000);
});

it('a device out of reach is lost', async () => {
  const peripheral = await webBluetooth(
    chosen(() => Promise.reject(new DOMException('no', 'NetworkError'))),
    clock,
  ).choose();
  await expect(clock.until(peripheral.connect())).rejects.toThrow('bluetooth-lost');
});

it('something without the characteristics of a mailbox is foreign', async () => {
  const server = {
    connected: true,
    connect: async () => server,
    disconnect: () => undefined,
    getPrimaryService: async () => ({
      getCharacteristics: async () => [{ uuid: mailboxGatt.command, properties: { read: true, write: false } }],
    }),
  };
  const device = Object.assign(new EventTarget(), { gatt: server }) as unknown as GattDevice;
  const bluetooth = { getAvailability: async () => true, requestDevice: async () => device };
  const peripheral = await webBluetooth(bluetooth, clock).choose();
  await expect(clock.until(peripheral.connect())).rejects.toThrow('mailbox-foreign');
});
