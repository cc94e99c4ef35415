// A gadget's console over Web Bluetooth, as far as the browser that tests have cannot bring it about.
import { expect, it } from 'vitest';
import type { BrowserBluetooth, GattDevice } from '../../../src/adapters/bluetooth/gatt.ts';
import { webUarts } from '../../../src/adapters/bluetooth/web-uart.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { mailboxGatt } from '../../../src/core/ports/bluetooth.ts';
import { uartGatt } from '../../../src/core/ports/uart.ts';

const clock = new MemoryClock();

class FakeInput extends EventTarget {
  readonly uuid = uartGatt.input;
  readonly written: string[] = [];
  answers = true;
  constructor(readonly properties: { readonly write: boolean; readonly writeWithoutResponse: boolean }) {
    super();
  }
  writeValueWithResponse = (value: Uint8Array) => this.#take(`with ${[...value]}`);
  writeValueWithoutResponse = (value: Uint8Array) => this.#take(`without ${[...value]}`);
  #take(what: string): Promise<void> {
    this.written.push(what);
    return this.answers ? Promise.resolve() : new Promise(() => undefined);
  }
}

class FakeOutput extends EventTarget {
  readonly uuid = uartGatt.output;
  readonly properties = { notify: true };
  value: DataView | undefined;
  notifying = false;
  startNotifications = async () => {
    this.notifying = true;
  };
  say(bytes: readonly number[]): void {
    // A view into something larger, as browsers may give.
    this.value = new DataView(Uint8Array.from([9, ...bytes, 9]).buffer, 1, bytes.length);
    this.dispatchEvent(new Event('characteristicvaluechanged'));
  }
}

function gadget(characteristics: readonly unknown[]) {
  const device = new EventTarget();
  const gatt = {
    connected: false,
    connect: async () => {
      gatt.connected = true;
      return gatt;
    },
    disconnect: () => {
      gatt.connected = false;
      device.dispatchEvent(new Event('gattserverdisconnected'));
    },
    getPrimaryService: async (uuid: string) => {
      if (uuid !== uartGatt.service) throw new DOMException('no', 'NotFoundError');
      return { getCharacteristics: async () => characteristics };
    },
  };
  return Object.assign(device, { gatt }) as unknown as GattDevice & { gatt: typeof gatt };
}

const choosing = (device: GattDevice, seen: unknown[] = []): BrowserBluetooth => ({
  getAvailability: async () => true,
  requestDevice: async (options) => {
    seen.push(options);
    return device;
  },
});

const withAnswer = { write: true, writeWithoutResponse: true };

it('lists gadgets by their console or their name, and may visit them as mailboxes afterwards', async () => {
  const seen: unknown[] = [];
  await webUarts(choosing(gadget([]), seen), clock).choose();
  expect(seen).toMatchObject([{ optionalServices: [uartGatt.service, mailboxGatt.service] }]);
  const [{ filters }] = seen as [{ filters: unknown[] }];
  expect(filters).toContainEqual({ services: [uartGatt.service] });
  expect(filters).toContainEqual({ namePrefix: 'Puck.js' });
});

it.each([
  ['with an answer where there is one', withAnswer, 'with 1,2'],
  ['without one elsewhere', { write: false, writeWithoutResponse: true }, 'without 1,2'],
])('writes %s', async (_, properties, expected) => {
  const input = new FakeInput(properties);
  const chosen = await webUarts(choosing(gadget([new FakeOutput(), input])), clock).choose();
  const connection = await clock.until(chosen.connect());
  await clock.until(connection.write(Uint8Array.of(1, 2)));
  expect(input.written).toEqual([expected]);
});

it('hears what is notified, no more and no less, until the connection is gone', async () => {
  const output = new FakeOutput();
  const device = gadget([new FakeInput(withAnswer), output]);
  const chosen = await webUarts(choosing(device), clock).choose();
  const connection = await clock.until(chosen.connect());
  const heard: number[][] = [];
  connection.listen((bytes) => heard.push([...bytes]));
  expect(output.notifying).toBe(true);
  output.say([1, 2, 3]);
  device.gatt.disconnect();
  await connection.lost;
  output.say([4]);
  expect(heard).toEqual([[1, 2, 3]]);
  await expect(connection.write(Uint8Array.of(1))).rejects.toThrow('bluetooth-lost');
  await clock.until(connection.disconnect());
});

it('a write that the browser never answers is lost after 10 s', async () => {
  const input = new FakeInput(withAnswer);
  const chosen = await webUarts(choosing(gadget([new FakeOutput(), input])), clock).choose();
  const connection = await clock.until(chosen.connect());
  input.answers = false;
  const started = clock.now();
  await expect(clock.until(connection.write(Uint8Array.of(1)))).rejects.toThrow('bluetooth-lost');
  expect(clock.now() - started).toBe(10_000);
});

it.each([
  ['nothing of it', []],
  ['no way to hear it', [new FakeInput(withAnswer)]],
  ['no way to write', [new FakeOutput(), new FakeInput({ write: false, writeWithoutResponse: false })]],
])('a gadget with %s is foreign', async (_, characteristics) => {
  const chosen = await webUarts(choosing(gadget(characteristics)), clock).choose();
  await expect(clock.until(chosen.connect())).rejects.toThrow('mailbox-foreign');
});

it('a browser without Bluetooth says so', async () => {
  await expect(webUarts(undefined, clock).choose()).rejects.toThrow('bluetooth-missing');
});
