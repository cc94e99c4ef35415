// The mailbox as BlueZ sees it: a tree of D-Bus objects that describe its service and answer reads and writes (BlueZ,
// org.bluez.GattService(5), org.bluez.GattCharacteristic(5), org.bluez.LEAdvertisement(5)). It knows no bus: calls come in as values.
import { Variant } from '@jellybrick/dbus-next';
import { ATT_MALFORMED } from '../../core/pairing/mailbox/commands.ts';
import { MailboxSlots } from '../../core/pairing/mailbox/slots.ts';
import { mailboxGatt } from '../../core/ports/bluetooth.ts';

const ROOT = '/org/kith/mailbox';

export const paths = {
  application: ROOT,
  service: `${ROOT}/service`,
  command: `${ROOT}/service/command`,
  reply: `${ROOT}/service/reply`,
  hint: `${ROOT}/service/hint`,
  advertisement: `${ROOT}/advertisement`,
} as const;

const interfaces = {
  service: 'org.bluez.GattService1',
  characteristic: 'org.bluez.GattCharacteristic1',
  advertisement: 'org.bluez.LEAdvertisement1',
  properties: 'org.freedesktop.DBus.Properties',
  objects: 'org.freedesktop.DBus.ObjectManager',
} as const;

export interface Call {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export type Answer =
  | { readonly signature: string; readonly body: unknown[] }
  /** A D-Bus error name and its text. */
  | { readonly error: string; readonly text: string };

type Properties = Record<string, Variant>;

const DONE: Answer = { signature: '', body: [] };
/** How BlueZ is told which ATT error to answer with. */
const MALFORMED: Answer = { error: 'org.bluez.Error.Failed', text: `0x${ATT_MALFORMED.toString(16)}` };

const characteristic = (uuid: string, ...flags: readonly string[]): Properties => ({
  UUID: new Variant('s', uuid),
  Service: new Variant('o', paths.service),
  Flags: new Variant('as', flags),
});

const objects: Readonly<Record<string, Readonly<Record<string, Properties>>>> = {
  [paths.service]: {
    [interfaces.service]: { UUID: new Variant('s', mailboxGatt.service), Primary: new Variant('b', true) },
  },
  [paths.command]: { [interfaces.characteristic]: characteristic(mailboxGatt.command, 'write') },
  [paths.reply]: { [interfaces.characteristic]: characteristic(mailboxGatt.reply, 'read') },
  [paths.hint]: { [interfaces.characteristic]: characteristic(mailboxGatt.hint, 'notify') },
};

const advertisement: Properties = {
  Type: new Variant('s', 'peripheral'),
  ServiceUUIDs: new Variant('as', [mailboxGatt.service]),
  LocalName: new Variant('s', mailboxGatt.name),
};

export interface ApplicationOptions {
  /** Milliseconds, of a clock that only goes forward. */
  readonly now: () => number;
  /** Somebody who listens is to be told that this slot was committed. */
  readonly hint: (slot: number) => void;
  /** BlueZ advertises no longer. */
  readonly released: () => void;
}

export class MailboxApplication {
  readonly #options: ApplicationOptions;
  readonly #slots: MailboxSlots;
  #listening = false;

  constructor(options: ApplicationOptions) {
    this.#options = options;
    this.#slots = new MailboxSlots(options.now);
  }

  /** undefined: no call for us. */
  answer(call: Call): Answer | undefined {
    const [first] = call.body;
    switch (call.interface) {
      case interfaces.objects:
        if (call.path !== paths.application || call.member !== 'GetManagedObjects') return undefined;
        return { signature: 'a{oa{sa{sv}}}', body: [objects] };
      case interfaces.properties:
        return properties(call);
      case interfaces.advertisement:
        if (call.path !== paths.advertisement || call.member !== 'Release') return undefined;
        this.#options.released();
        return DONE;
      case interfaces.characteristic:
        return this.#characteristic(call, first);
      default:
        return undefined;
    }
  }

  /** A device has connected or disconnected. @param device its object path */
  connectionChanged(device: string): void {
    this.#slots.connectionChanged(device);
  }

  #characteristic({ path, member, body }: Call, first: unknown): Answer | undefined {
    if (path === paths.reply && member === 'ReadValue') {
      const value = this.#slots.read(option(first, 'device', ''));
      return { signature: 'ay', body: [Buffer.from(value.slice(option(first, 'offset', 0)))] };
    }
    if (path === paths.command && member === 'WriteValue') return this.#write(first, body[1]);
    if (path !== paths.hint || !['StartNotify', 'StopNotify'].includes(member)) return undefined;
    this.#listening = member === 'StartNotify';
    return DONE;
  }

  #write(value: unknown, options: unknown): Answer {
    // No command is longer than one write, so none comes in parts.
    if (!(value instanceof Uint8Array) || option(options, 'offset', 0) !== 0) return MALFORMED;
    try {
      const committed = this.#slots.write(value, option(options, 'device', ''));
      if (committed > 0 && this.#listening) this.#options.hint(committed);
      return DONE;
    } catch {
      return MALFORMED;
    }
  }
}

/** From a dictionary of BlueZ's, a{sv}; the fallback where it is not there or of another type. */
function option<T extends string | number>(options: unknown, name: string, otherwise: T): T {
  const value = (options as Record<string, Variant | undefined> | undefined)?.[name]?.value;
  return typeof value === typeof otherwise ? (value as T) : otherwise;
}

function properties({ path, member, body }: Call): Answer | undefined {
  const of = path === paths.advertisement ? { [interfaces.advertisement]: advertisement } : objects[path];
  const found = of?.[String(body[0])];
  if (of === undefined) return undefined;
  if (found === undefined) return { error: 'org.freedesktop.DBus.Error.UnknownInterface', text: 'no such interface' };
  if (member === 'GetAll') return { signature: 'a{sv}', body: [found] };
  const property = found[String(body[1])];
  if (member === 'Get' && property !== undefined) return { signature: 'v', body: [property] };
  return { error: 'org.freedesktop.DBus.Error.UnknownProperty', text: 'no such property' };
}
