// `npm run mailbox`: this Linux computer is a Kith mailbox until a signal ends it.
import { mailboxGatt } from '../../core/ports/bluetooth.ts';
import { airMailbox, MailboxError } from './bluez.ts';

async function main(): Promise<void> {
  const mailbox = await airMailbox();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void mailbox.close().then(() => process.exit(0)));
  }
  console.log(
    `“${mailboxGatt.name}” is on the air (${mailbox.adapter}). Both of you choose it in Kith. Ctrl+C ends it.`,
  );
  console.error(`${await mailbox.ended}. The mailbox is off the air.`);
  process.exit(1);
}

main().catch((error: unknown) => {
  console.error(error instanceof MailboxError ? error.message : error);
  process.exitCode = 1;
});
