// Espruino's program in a sandbox with a stub of `NRF` and of its timers.
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { mailboxGatt } from '../../../src/core/ports/bluetooth.ts';
import { type Program, runMailboxVectors } from './program.ts';

const source = readFileSync(new URL('../../../public/mailbox/espruino.js', import.meta.url), 'utf8');

interface Characteristic {
  value: number[];
  maxLen?: number;
  writable?: boolean;
  readable?: boolean;
  notify?: boolean;
  onWrite?: (event: { data: ArrayBuffer }) => void;
}
type Services = Record<string, Record<string, Characteristic>>;

/** As much of Espruino's NRF as the program uses (espruino.com/Reference#NRF). */
class Gadget {
  services: Services = {};
  options: { advertise?: string[]; uart?: boolean } = {};
  advertising: { name?: string } = {};
  hints: number[] = [];
  now = 0;
  readonly #handlers: Record<string, () => void> = {};
  readonly #timers = new Map<number, { at: number; run: () => void }>();
  #ids = 0;

  constructor() {
    const NRF = {
      on: (event: string, handler: () => void) => {
        this.#handlers[event] = handler;
      },
      setServices: (services: Services, options: Gadget['options']) => {
        this.services = services;
        this.options = options;
      },
      setAdvertising: (_: object, options: Gadget['advertising']) => {
        this.advertising = options;
      },
      updateServices: (update: Services) => this.#update(update),
    };
    const setTimeout = (run: () => void, milliseconds: number) => {
      this.#timers.set(++this.#ids, { at: this.now + milliseconds, run });
      return this.#ids;
    };
    const clearTimeout = (id: number) => this.#timers.delete(id);
    runInContext(source, createContext({ NRF, setTimeout, clearTimeout, Uint8Array }), { filename: 'espruino.js' });
  }

  characteristic(uuid: string): Characteristic {
    const found = this.services[mailboxGatt.service]?.[uuid];
    if (!found) throw new Error(`no ${uuid}`);
    return found;
  }

  happens(event: 'connect' | 'disconnect'): void {
    this.#handlers[event]?.();
  }

  write(bytes: Uint8Array): number[] {
    const { maxLen = 0, onWrite } = this.characteristic(mailboxGatt.command);
    // The radio itself refuses what is longer than the characteristic.
    if (bytes.length > maxLen) throw new Error('too long');
    this.hints = [];
    onWrite?.({ data: bytes.slice().buffer });
    return this.hints;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    for (const [id, { at, run }] of [...this.#timers]) {
      if (at <= this.now && this.#timers.delete(id)) run();
    }
  }

  #update(update: Services): void {
    for (const [uuid, { value, notify }] of Object.entries(update[mailboxGatt.service] ?? {})) {
      this.characteristic(uuid).value = value;
      if (notify) this.hints.push(...value);
    }
  }
}

function powerUp(): Program {
  const gadget = new Gadget();
  return {
    connect: () => gadget.happens('connect'),
    disconnect: () => gadget.happens('disconnect'),
    write: (bytes) => gadget.write(bytes),
    read: () => Uint8Array.from(gadget.characteristic(mailboxGatt.reply).value),
    wait: (milliseconds) => gadget.pass(milliseconds),
  };
}

runMailboxVectors('the mailbox for Espruino', powerUp, { errors: false });

it('has the characteristics of the specification, advertises its service and name, and switches its console off', () => {
  const gadget = new Gadget();
  expect(Object.keys(gadget.services)).toEqual([mailboxGatt.service]);
  expect(gadget.characteristic(mailboxGatt.command)).toMatchObject({ writable: true, maxLen: 20 });
  expect(gadget.characteristic(mailboxGatt.reply)).toMatchObject({ readable: true, maxLen: 20 });
  expect(gadget.characteristic(mailboxGatt.hint)).toMatchObject({ notify: true });
  expect(gadget.options).toEqual({ advertise: [mailboxGatt.service], uart: false });
  expect(gadget.advertising).toEqual({ name: mailboxGatt.name });
});
