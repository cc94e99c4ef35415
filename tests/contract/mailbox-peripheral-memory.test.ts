import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryMailbox } from '../../src/adapters/memory/mailbox.ts';
import { mailboxPeripheralContract } from './mailbox-peripheral.ts';

mailboxPeripheralContract('in memory', async () => {
  const clock = new MemoryClock();
  const mailbox = new MemoryMailbox({ clock });
  return {
    peripheral: mailbox.central('Ana'),
    clock,
    until: (promise) => clock.until(promise),
    drop: async () => mailbox.drop(),
    close: async () => undefined,
  };
});
