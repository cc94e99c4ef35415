// The mailbox on the air of a Linux laptop: registers it with BlueZ over D-Bus (org.bluez.GattManager1, org.bluez.LEAdvertisingManager1),
// and says in plain words what is missing when that does not work.
import type { EventEmitter } from 'node:events';
import * as dbus from '@jellybrick/dbus-next';
import { type Call, MailboxApplication, paths } from './application.ts';

const BLUEZ = 'org.bluez';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const GATT = 'org.bluez.GattManager1';
const ADVERTISING = 'org.bluez.LEAdvertisingManager1';

export interface AirMailbox {
  /** Its adapter, e.g. `hci0`. */
  readonly adapter: string;
  /** Resolves with the reason when BlueZ lets go of it. */
  readonly ended: Promise<string>;
  /** Takes it off the air. */
  close(): Promise<void>;
}

/** What a person can do about it stands in the message. */
export class MailboxError extends Error {}

/**
 * Puts a mailbox on the air, until `close`. `now`: milliseconds, of a clock that only goes forward.
 * @throws MailboxError without D-Bus, BlueZ, an adapter that can do it, or permission
 */
export async function airMailbox(now = (): number => performance.now()): Promise<AirMailbox> {
  const bus = await connect();
  try {
    return await new Registration(bus, now).open();
  } catch (error) {
    bus.disconnect();
    throw explained(error);
  }
}

/** The system bus, or DBUS_SYSTEM_BUS_ADDRESS. */
function connect(): Promise<dbus.MessageBus> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new MailboxError(
          'There is no D-Bus system bus here, and without it no Bluetooth. This needs a Linux computer with BlueZ; in a container, give it the bus of the computer.',
          { cause },
        ),
      );
    try {
      const bus = dbus.systemBus();
      // Its types know no errors.
      (bus as EventEmitter).on('error', fail);
      bus.on('connect', () => resolve(bus));
    } catch (error) {
      fail(error);
    }
  });
}

class Registration {
  readonly #bus: dbus.MessageBus;
  #ended: (reason: string) => void = () => undefined;

  constructor(
    bus: dbus.MessageBus,
    private readonly now: () => number,
  ) {
    this.#bus = bus;
    (bus as EventEmitter).on('error', () => this.#ended('The connection to D-Bus is gone'));
  }

  async open(): Promise<AirMailbox> {
    const ended = new Promise<string>((resolve) => {
      this.#ended = resolve;
    });
    const adapter = await this.#adapter();
    await this.#powerUp(adapter);
    await this.#serve();
    await this.#call(adapter, GATT, 'RegisterApplication', 'oa{sv}', [paths.application, {}]);
    await this.#call(adapter, ADVERTISING, 'RegisterAdvertisement', 'oa{sv}', [paths.advertisement, {}]);
    return { adapter: adapter.split('/').at(-1) ?? adapter, ended, close: () => this.#close(adapter) };
  }

  /** The first one that can be a peripheral. */
  async #adapter(): Promise<string> {
    const [objects] = await this.#call('/', 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects');
    const found = Object.entries(objects as Record<string, Record<string, unknown>>).filter(
      ([, interfaces]) => 'org.bluez.Adapter1' in interfaces,
    );
    const able = found.find(([, interfaces]) => GATT in interfaces && ADVERTISING in interfaces);
    if (able) return able[0];
    throw new MailboxError(
      found.length > 0
        ? 'The Bluetooth adapter of this computer cannot be a peripheral, which a mailbox has to be. Another adapter, for example a USB one, may.'
        : 'BlueZ knows no Bluetooth adapter. Plug one in, or see whether it is blocked: rfkill list bluetooth',
    );
  }

  async #powerUp(adapter: string): Promise<void> {
    try {
      const on = new dbus.Variant('b', true);
      await this.#call(adapter, PROPERTIES, 'Set', 'ssv', ['org.bluez.Adapter1', 'Powered', on]);
    } catch (cause) {
      if (isDenied(cause)) throw cause;
      throw new MailboxError(
        'Bluetooth is off and could not be switched on. Try: rfkill unblock bluetooth, then bluetoothctl power on',
        { cause },
      );
    }
  }

  /** Answers BlueZ's calls from now on, and listens who connects. */
  async #serve(): Promise<void> {
    const application = new MailboxApplication({
      now: this.now,
      hint: (slot) => this.#hint(slot),
      released: () => this.#ended('BlueZ has ended the advertisement'),
    });
    this.#bus.addMethodHandler((message) => this.#answer(application, message));
    this.#bus.on('message', (message: dbus.Message) => this.#heard(application, message));
    const signal = `type='signal',interface='${PROPERTIES}',member='PropertiesChanged',arg0='org.bluez.Device1'`;
    await this.#match(signal);
    await this.#match(`type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${BLUEZ}'`);
  }

  #answer(application: MailboxApplication, message: dbus.Message): boolean {
    const { path = '', interface: name = '', member = '', body = [] } = message;
    const call: Call = { path, interface: name, member, body };
    const answer = application.answer(call);
    if (answer === undefined) return false;
    this.#bus.send(
      'error' in answer
        ? dbus.Message.newError(message, answer.error, answer.text)
        : dbus.Message.newMethodReturn(message, answer.signature, answer.body),
    );
    return true;
  }

  #heard(application: MailboxApplication, { path = '', member, body = [] }: dbus.Message): void {
    if (member === 'NameOwnerChanged' && body[0] === BLUEZ && body[2] === '') this.#ended('BlueZ has stopped');
    if (member !== 'PropertiesChanged' || body[0] !== 'org.bluez.Device1') return;
    if ('Connected' in (body[1] as object)) application.connectionChanged(path);
  }

  #hint(slot: number): void {
    const changed = { Value: new dbus.Variant('ay', Buffer.of(slot)) };
    const body = ['org.bluez.GattCharacteristic1', changed, []];
    this.#bus.send(dbus.Message.newSignal(paths.hint, PROPERTIES, 'PropertiesChanged', 'sa{sv}as', body));
  }

  #match(rule: string): Promise<unknown[]> {
    return this.#call('/org/freedesktop/DBus', 'org.freedesktop.DBus', 'AddMatch', 's', [rule], 'org.freedesktop.DBus');
  }

  async #call(
    path: string,
    name: string,
    member: string,
    signature = '',
    body: unknown[] = [],
    destination = BLUEZ,
  ): Promise<unknown[]> {
    const reply = await this.#bus.call(
      new dbus.Message({ destination, path, interface: name, member, signature, body }),
    );
    return reply?.body ?? [];
  }

  async #close(adapter: string): Promise<void> {
    // BlueZ may be gone; then there is nothing to take back.
    await this.#call(adapter, ADVERTISING, 'UnregisterAdvertisement', 'o', [paths.advertisement]).catch(
      () => undefined,
    );
    await this.#call(adapter, GATT, 'UnregisterApplication', 'o', [paths.application]).catch(() => undefined);
    this.#bus.disconnect();
  }
}

const typeOf = (error: unknown): string => (error instanceof dbus.DBusError ? error.type : '');
const isDenied = (error: unknown): boolean => /AccessDenied|NotAuthorized|NotPermitted/.test(typeOf(error));

function explained(cause: unknown): MailboxError {
  if (cause instanceof MailboxError) return cause;
  if (isDenied(cause)) {
    return new MailboxError(
      'This user may not use Bluetooth. Add yourself to the group that may (often: sudo usermod -aG bluetooth $USER), log in again, and try once more.',
      { cause },
    );
  }
  if (/ServiceUnknown|NameHasNoOwner|Spawn/.test(typeOf(cause))) {
    return new MailboxError(
      'BlueZ is not running. Install it (package bluez) and start it: sudo systemctl start bluetooth',
      { cause },
    );
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  return new MailboxError(`BlueZ did not take the mailbox: ${text}`, { cause });
}
