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

it('an operation that the browser never answers is lost after 10 s, and the next visit finds nothing in its way', async () => {
  const never = () => new Promise<never>(() => undefined);
  const command = { uuid: mailboxGatt.command, properties: { write: true }, writeValueWithResponse: never };
  const reply = { uuid: mailboxGatt.reply, properties: { read: true }, readValue: never };
  const device = new EventTarget();
  const server = {
    connected: true,
    connect: async () => server,
    disconnect: () => device.dispatchEvent(new Event('gattserverdisconnected')),
    getPrimaryService: async () => ({ getCharacteristics: async () => [command, reply] }),
  };
  Object.assign(device, { gatt: server });
  const bluetooth = { getAvailability: async () => true, requestDevice: async () => device as GattDevice };
  const peripheral = await webBluetooth(bluetooth, clock).choose();
  const connection = await clock.until(peripheral.connect());
  const started = clock.now();
  await expect(clock.until(connection.command(new Uint8Array(1)))).rejects.toThrow('bluetooth-lost');
  await expect(clock.until(connection.reply())).rejects.toThrow('bluetooth-lost');
  expect(clock.now() - started).toBe(20_000);
  await clock.until(connection.disconnect());
  await expect(clock.until(peripheral.connect())).resolves.toBeDefined();
});

it('the next visit gives the radio a moment: a browser says at once that a connection is gone', async () => {
  const device = new EventTarget();
  const connectedAt: number[] = [];
  const characteristics = [
    { uuid: mailboxGatt.command, properties: { write: true } },
    { uuid: mailboxGatt.reply, properties: { read: true } },
  ];
  const server = {
    connected: true,
    connect: async () => {
      connectedAt.push(clock.now());
      return server;
    },
    disconnect: () => device.dispatchEvent(new Event('gattserverdisconnected')),
    getPrimaryService: async () => ({ getCharacteristics: async () => characteristics }),
  };
  Object.assign(device, { gatt: server });
  const bluetooth = { getAvailability: async () => true, requestDevice: async () => device as GattDevice };
  const peripheral = await webBluetooth(bluetooth, clock).choose();
  const connection = await clock.until(peripheral.connect());
  await clock.until(connection.disconnect());
  await clock.until(peripheral.connect());
  expect((connectedAt[1] ?? 0) - (connectedAt[0] ?? 0)).toBe(300);
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
