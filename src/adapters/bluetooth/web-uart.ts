// The UART port over Web Bluetooth: the browser's own list to choose a gadget from, then its console.
import { KithError } from '../../core/errors.ts';
import { mailboxGatt } from '../../core/ports/bluetooth.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { type UartConnection, type UartDevice, type Uarts, uartGatt } from '../../core/ports/uart.ts';
import { CONNECT_MS, inTime, notChosen, notConnected, OPERATION_MS, Presence } from './connecting.ts';
import type { BrowserBluetooth, GattCharacteristic, GattDevice, GattServer } from './gatt.ts';
import { ChosenMailbox } from './web-bluetooth.ts';

/** How gadgets with Espruino call themselves, for those that have no room for the service in their advertisement. */
const NAMES = ['Puck.js', 'Pixl.js', 'Jolt.js', 'Bangle.js', 'MDBT42Q', 'Espruino'];

/** @param browser `navigator.bluetooth`; undefined where there is none */
export function webUarts(browser: BrowserBluetooth | undefined, clock: Clock): Uarts {
  return {
    async choose(): Promise<UartDevice> {
      if (browser === undefined) throw new KithError('bluetooth-missing');
      try {
        const device = await browser.requestDevice({
          filters: [{ services: [uartGatt.service] }, ...NAMES.map((namePrefix) => ({ namePrefix }))],
          optionalServices: [uartGatt.service, mailboxGatt.service],
        });
        return { connect: () => connect(device, clock), mailbox: new ChosenMailbox(device, clock) };
      } catch (cause) {
        throw await notChosen(browser, cause);
      }
    },
  };
}

async function connect(device: GattDevice, clock: Clock): Promise<UartConnection> {
  const { gatt } = device;
  if (gatt === undefined) throw new KithError('bluetooth-denied');
  try {
    const characteristics = await inTime(clock, CONNECT_MS, async () => {
      const server = await gatt.connect();
      const service = await server.getPrimaryService(uartGatt.service);
      return service.getCharacteristics();
    });
    const input = characteristics.find(
      ({ uuid, properties }) => uuid === uartGatt.input && (properties.write || properties.writeWithoutResponse),
    );
    const output = characteristics.find(({ uuid, properties }) => uuid === uartGatt.output && properties.notify);
    if (input === undefined || output === undefined) throw new KithError('mailbox-foreign');
    const presence = new Presence(device, gatt, clock);
    await inTime(clock, OPERATION_MS, () => output.startNotifications());
    return new WebUart(presence, gatt, input, output, clock);
  } catch (cause) {
    throw notConnected(gatt, cause);
  }
}

class WebUart implements UartConnection {
  constructor(
    private readonly presence: Presence,
    private readonly gatt: GattServer,
    private readonly input: GattCharacteristic,
    private readonly output: GattCharacteristic,
    private readonly clock: Clock,
  ) {}

  get lost(): Promise<void> {
    return this.presence.left;
  }

  listen(listener: (bytes: Uint8Array) => void): void {
    this.output.addEventListener('characteristicvaluechanged', () => {
      const { value } = this.output;
      // A later connection to the same gadget has the same characteristic.
      if (value === undefined || this.presence.gone) return;
      listener(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.presence.gone || !this.gatt.connected) throw new KithError('bluetooth-lost');
    const value = Uint8Array.from(bytes);
    try {
      // With an answer where there is one: then nothing is lost between here and the gadget's radio.
      const answered = this.input.properties.write;
      await inTime(this.clock, OPERATION_MS, () =>
        answered ? this.input.writeValueWithResponse(value) : this.input.writeValueWithoutResponse(value),
      );
    } catch (cause) {
      throw new KithError('bluetooth-lost', {}, { cause });
    }
  }

  disconnect(): Promise<void> {
    return this.presence.leave();
  }
}
