// Espruino's program in a sandbox with a stub of `NRF` and of its timers.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mailboxGatt } from '../../../src/core/ports/bluetooth.ts';
import { asMailbox, Gadget } from '../../fixtures/espruino-gadget.ts';
import { type Program, runMailboxVectors } from './program.ts';

const source = readFileSync(new URL('../../../public/mailbox/espruino.js', import.meta.url), 'utf8');

function started(): Gadget {
  const gadget = new Gadget();
  gadget.run(source);
  return gadget;
}

runMailboxVectors('the mailbox for Espruino', (): Program => asMailbox(started()), { errors: false });

it('has the characteristics of the specification, advertises its service and name, and switches its console off', () => {
  const gadget = started();
  expect(Object.keys(gadget.services)).toEqual([mailboxGatt.service]);
  expect(gadget.characteristic(mailboxGatt.command)).toMatchObject({ writable: true, maxLen: 20 });
  expect(gadget.characteristic(mailboxGatt.reply)).toMatchObject({ readable: true, maxLen: 20 });
  expect(gadget.characteristic(mailboxGatt.hint)).toMatchObject({ notify: true });
  expect(gadget.options).toEqual({ advertise: [mailboxGatt.service], uart: false });
  expect(gadget.advertising).toEqual({ name: mailboxGatt.name });
});
