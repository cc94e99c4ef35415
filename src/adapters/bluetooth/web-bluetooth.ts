// The Bluetooth port over Web Bluetooth: the browser's own list to choose from, then a connection for each visit.
import { KithError } from '../../core/errors.ts';
import {
  type Bluetooth,
  type MailboxConnection,
  type MailboxPeripheral,
  mailboxGatt,
} from '../../core/ports/bluetooth.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { BrowserBluetooth, GattCharacteristic, GattDevice, GattServer } from './gatt.ts';

/** A browser that never answers a connection attempt is not waited for longer, milliseconds. */
const CONNECT_MS = 15_000;
/** Nor one that does not say that a connection is gone. */
const DISCONNECT_MS = 2_000;

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

async function notChosen(browser: BrowserBluetooth, cause: unknown): Promise<KithError> {
  const name = nameOf(cause);
  if (name === 'SecurityError' || name === 'NotAllowedError') return new KithError('bluetooth-denied', {}, { cause });
  // The same error says that nothing was chosen and that there is nothing to choose with.
  const available = await browser.getAvailability().catch(() => true);
  return new KithError(available ? 'bluetooth-cancelled' : 'bluetooth-off', {}, { cause });
}

class ChosenMailbox implements MailboxPeripheral {
  constructor(
    private readonly device: GattDevice,
    private readonly clock: Clock,
  ) {}

  /** Needs no gesture: the person has chosen. */
  async connect(): Promise<MailboxConnection> {
    const { gatt } = this.device;
    if (gatt === undefined) throw new KithError('bluetooth-denied');
    try {
      const server = await this.#inTime(gatt);
      const service = await server.getPrimaryService(mailboxGatt.service);
      const characteristics = await service.getCharacteristics();
      const command = characteristics.find(({ uuid, properties }) => uuid === mailboxGatt.command && properties.write);
      const reply = characteristics.find(({ uuid, properties }) => uuid === mailboxGatt.reply && properties.read);
      if (command === undefined || reply === undefined) throw new KithError('mailbox-foreign');
      return new WebConnection(this.device, gatt, command, reply, this.clock);
    } catch (cause) {
      const foreign = gatt.connected && nameOf(cause) === 'NotFoundError';
      gatt.disconnect();
      if (cause instanceof KithError) throw cause;
      throw new KithError(foreign ? 'mailbox-foreign' : 'bluetooth-lost', {}, { cause });
    }
  }

  #inTime(gatt: GattServer): Promise<GattServer> {
    return new Promise((resolve, reject) => {
      const late = this.clock.after(CONNECT_MS, () => reject(new KithError('bluetooth-lost')));
      gatt
        .connect()
        .then(resolve, reject)
        .finally(() => late.cancel());
    });
  }
}

class WebConnection implements MailboxConnection {
  /** The device's next connection is another one. */
  #gone = false;
  readonly #left: Promise<void>;

  constructor(
    device: GattDevice,
    private readonly gatt: GattServer,
    private readonly commands: GattCharacteristic,
    private readonly replies: GattCharacteristic,
    private readonly clock: Clock,
  ) {
    this.#left = new Promise((resolve) => {
      const ended = (): void => {
        this.#gone = true;
        resolve();
      };
      device.addEventListener('gattserverdisconnected', ended, { once: true });
    });
  }

  command(bytes: Uint8Array): Promise<void> {
    return this.#operate(() => this.commands.writeValueWithResponse(Uint8Array.from(bytes)));
  }

  async reply(): Promise<Uint8Array> {
    const { buffer, byteOffset, byteLength } = await this.#operate(() => this.replies.readValue());
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }

  async disconnect(): Promise<void> {
    if (this.#gone) return;
    this.gatt.disconnect();
    await new Promise<void>((resolve) => {
      const late = this.clock.after(DISCONNECT_MS, resolve);
      void this.#left.then(() => {
        late.cancel();
        resolve();
      });
    });
    this.#gone = true;
  }

  async #operate<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#gone) throw new KithError('bluetooth-lost');
    try {
      return await operation();
    } catch (cause) {
      // Chromium has no error of its own for what an application answers; the connection is still there then.
      const refused = !this.#gone && this.gatt.connected && nameOf(cause) !== 'NetworkError';
      throw new KithError(refused ? 'bluetooth-command' : 'bluetooth-lost', {}, { cause });
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error || error instanceof DOMException ? error.name : '');
