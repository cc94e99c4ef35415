import { MailboxSlots } from '../../../src/core/pairing/mailbox/slots.ts';
import { type Program, runMailboxVectors } from './program.ts';

runMailboxVectors('the mailbox in TypeScript', (): Program => {
  let now = 0;
  const slots = new MailboxSlots(() => now);
  return {
    connect: () => slots.connectionChanged(),
    disconnect: () => slots.connectionChanged(),
    write: (bytes) => [slots.write(bytes)].filter((slot) => slot > 0),
    read: () => slots.read(),
    wait: (milliseconds) => {
      now += milliseconds;
    },
  };
});
