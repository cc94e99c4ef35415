// The Bluetooth port over Web Bluetooth: the browser's own list to choose from, then a connection for each visit.
import { KithError } from '../../core/errors.ts';
import {
  type Bluetooth,
  type MailboxConnection,
  type MailboxPeripheral,
  mailboxGatt,
} from '../../core/ports/bluetooth.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { CONNECT_MS, inTime, nameOf, notChosen, notConnected, OPERATION_MS, Presence } from './connecting.ts';
import type { BrowserBluetooth, GattCharacteristic, GattDevice, GattServer } from './gatt.ts';

/** @param browser `navigator.bluetooth`; undefined where there is none */
export function webBluetooth(browser: BrowserBluetooth | undefined, clock: Clock): Bluetooth {
  return {
    async choose(): Promise<MailboxPeripheral> {
      if (browser === undefined) throw new KithError('bluetooth-missing');
      try {
        const device = await browser.requestDevice({
          // Some gadgets have no room for the service in their advertisement.
          filters: [{ services: [mailboxGatt.service] }, { name: mailboxGatt.name }],
          optionalServices: [mailboxGatt.service],
        });
        return new ChosenMailbox(device, clock);
      } catch (cause) {
        throw await notChosen(browser, cause);
      }
    },
  };
}

/**
 * A browser says that a connection is gone as soon as it is told to end it. The radio needs a moment more, and whoever connects meanwhile
 * is given a connection that ends at once (seen in Chromium with BlueZ); milliseconds.
 */
const SETTLE_MS = 300;

export class ChosenMailbox implements MailboxPeripheral {
  /** Resolves when the last connection has had its moment. */
  #settled: Promise<void> = Promise.resolve();

  constructor(
    private readonly device: GattDevice,
    private readonly clock: Clock,
  ) {}

  /** Needs no gesture: the person has chosen. */
  async connect(): Promise<MailboxConnection> {
    const { gatt } = this.device;
    if (gatt === undefined) throw new KithError('bluetooth-denied');
    await this.#settled;
    try {
      const characteristics = await inTime(this.clock, CONNECT_MS, async () => {
        const server = await gatt.connect();
        const service = await server.getPrimaryService(mailboxGatt.service);
        return service.getCharacteristics();
      });
      const command = characteristics.find(({ uuid, properties }) => uuid === mailboxGatt.command && properties.write);
      const reply = characteristics.find(({ uuid, properties }) => uuid === mailboxGatt.reply && properties.read);
      if (command === undefined || reply === undefined) throw new KithError('mailbox-foreign');
      const presence = new Presence(this.device, gatt, this.clock);
      void presence.left.then(() => this.#settle());
      return new WebConnection(presence, gatt, command, reply, this.clock);
    } catch (cause) {
      this.#settle();
      throw notConnected(gatt, cause);
    }
  }

  #settle(): void {
    this.#settled = new Promise((resolve) => this.clock.after(SETTLE_MS, resolve));
  }
}

class WebConnection implements MailboxConnection {
  constructor(
    /** The device's next connection is another one. */
    private readonly presence: Presence,
    private readonly gatt: GattServer,
    private readonly commands: GattCharacteristic,
    private readonly replies: GattCharacteristic,
    private readonly clock: Clock,
  ) {}

  command(bytes: Uint8Array): Promise<void> {
    return this.#operate(() => this.commands.writeValueWithResponse(Uint8Array.from(bytes)));
  }

  async reply(): Promise<Uint8Array> {
    const { buffer, byteOffset, byteLength } = await this.#operate(() => this.replies.readValue());
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }

  disconnect(): Promise<void> {
    return this.presence.leave();
  }

  async #operate<T>(operation: () => Promise<T>): Promise<T> {
    if (this.presence.gone) throw new KithError('bluetooth-lost');
    try {
      return await inTime(this.clock, OPERATION_MS, operation);
    } catch (cause) {
      if (cause instanceof KithError) throw cause;
      // Chromium has no error of its own for what an application answers; the connection is still there then.
      const refused = !this.presence.gone && this.gatt.connected && nameOf(cause) !== 'NetworkError';
      throw new KithError(refused ? 'bluetooth-command' : 'bluetooth-lost', {}, { cause });
    }
  }
}
