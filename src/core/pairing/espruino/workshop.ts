// From the person's click to a gadget that was visited as a mailbox: chooses, connects, sends, and tries it.

import type { MailboxPeripheral } from '../../ports/bluetooth.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Uarts } from '../../ports/uart.ts';
import type { GadgetOutcome, GadgetWork, Workshop } from '../../ports/workshop.ts';
import { MailboxVisitor } from '../mailbox/visit.ts';
import { GadgetError, problemOf } from './problem.ts';
import { type Job, makeMailbox, unmakeMailbox } from './upload.ts';

/** Its radio begins anew with other services, milliseconds. */
const RESTART_MS = 1_500;
/** After so long it is called not tried, milliseconds: some systems remember the services a gadget had before. */
const TRIAL_MS = 20_000;

export interface WorkshopOptions {
  readonly uarts: Uarts;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** public/mailbox/espruino.js. */
  readonly program: () => Promise<string>;
}

export function gadgetWorkshop(options: WorkshopOptions): Workshop {
  const { log } = options;
  const attempt = async (work: () => Promise<GadgetOutcome>): Promise<GadgetOutcome> => {
    try {
      return await work();
    } catch (error) {
      const problem = problemOf(error);
      log('info', 'no mailbox was made of a gadget', { problem });
      return { ok: false, problem };
    }
  };
  return {
    make: (work) => attempt(() => make(options, work)),
    unmake: (work) => attempt(() => unmake(options, work)),
  };
}

async function make(options: WorkshopOptions, work: GadgetWork): Promise<GadgetOutcome> {
  const { uarts, program } = options;
  const device = await uarts.choose();
  work.chosen();
  const text = await program().catch((cause: unknown) => {
    throw new GadgetError('program', { cause });
  });
  const keeps = await connected(options, device, work, (job) => makeMailbox(job, text, work.progress));
  work.progress({ step: 'trying', share: 1 });
  return { ok: true, keeps, tried: await isMailbox(options, device.mailbox, work.signal) };
}

async function unmake(options: WorkshopOptions, work: GadgetWork): Promise<GadgetOutcome> {
  const device = await options.uarts.choose();
  work.chosen();
  await connected(options, device, work, unmakeMailbox);
  return { ok: true, keeps: 'never', tried: false };
}

async function connected<T>(
  { clock }: WorkshopOptions,
  device: Awaited<ReturnType<Uarts['choose']>>,
  { signal, progress }: GadgetWork,
  job: (job: Job) => Promise<T>,
): Promise<T> {
  progress({ step: 'connecting', share: 0 });
  const connection = await device.connect();
  try {
    return await job({ connection, clock, signal });
  } finally {
    await connection.disconnect();
  }
}

/** Does it what a mailbox does? Whoever has had enough of waiting knows what there is to know. */
async function isMailbox(
  { clock, random }: WorkshopOptions,
  peripheral: MailboxPeripheral,
  signal: AbortSignal,
): Promise<boolean> {
  await new Promise<void>((resolve) => clock.after(RESTART_MS, resolve));
  const visit = new MailboxVisitor({ peripheral, clock, random })
    .visit({ first: null, write: null, read: [], clear: false })
    .then(
      () => true,
      () => false,
    );
  return new Promise<boolean>((resolve) => {
    const late = clock.after(TRIAL_MS, () => resolve(false));
    signal.addEventListener('abort', () => resolve(false), { once: true });
    void visit.then(resolve).finally(() => late.cancel());
  });
}
