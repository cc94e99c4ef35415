// Makes a gadget with Espruino a mailbox, and an ordinary gadget again, over its console (ESPRUINO.md).
import type { Clock } from '../../ports/clock.ts';
import type { UartConnection } from '../../ports/uart.ts';
import type { GadgetKeeps, GadgetProgress } from '../../ports/workshop.ts';
import { EspruinoConsole } from './console.ts';
import {
  ABLE_QUESTION,
  BOARD_QUESTION,
  BOOT_QUESTION,
  type Board,
  boardOf,
  checkOf,
  eraseOf,
  FILES_QUESTION,
  filesFor,
  type GadgetFile,
  keepsOf,
  piecesOf,
  RESTART,
  startOf,
} from './files.ts';
import { GadgetError } from './problem.ts';

/** Writing to flash below it may leave nonsense behind, volts: a coin cell is empty at 2.0, an nRF52 stops at 1.7. */
const LEAST_VOLTS = 2;
/** Somebody who does not answer a first question so fast has no such console, milliseconds. */
const HELLO_MS = 4_000;
/** The last answer may not come any more: what starts is no console. */
const START_MS = 5_000;

export interface Job {
  readonly connection: UartConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the program is in the gadget's flash, to the last byte, and runs; it is a mailbox as soon as the connection ends.
 * @param program ASCII; public/mailbox/espruino.js
 * @throws GadgetError
 */
export async function makeMailbox(
  { connection, clock, signal }: Job,
  program: string,
  progress: (progress: GadgetProgress) => void,
): Promise<GadgetKeeps> {
  const console = new EspruinoConsole(connection, clock, signal);
  const board = await meet(console);
  const files = filesFor(program, board);
  const whole = files.reduce((sum, { text }) => sum + text.length, 0);
  let sent = 0;
  for (const file of files) {
    progress({ step: 'sending', share: sent / whole });
    if ((await console.ask(checkOf(file))) !== true) {
      await store(console, file, (upTo) => progress({ step: 'sending', share: (sent + upTo) / whole }));
      progress({ step: 'checking', share: 1 });
      if ((await console.ask(checkOf(file))) !== true) throw new GadgetError('altered');
    }
    sent += file.text.length;
  }
  await console.ask(startOf(board), START_MS).catch((error: unknown) => {
    // Where the console goes with the start, or the connection, that is no failure: whether it is a mailbox is seen afterwards.
    if (!(error instanceof GadgetError) || !['silent', 'lost'].includes(error.problem)) throw error;
  });
  return keepsOf(board);
}

/** Takes the mailbox off a gadget. @throws GadgetError 'nothing' when there is none on it */
export async function unmakeMailbox({ connection, clock, signal }: Job): Promise<void> {
  const console = new EspruinoConsole(connection, clock, signal);
  const { ours } = await meet(console);
  if (ours.length === 0) throw new GadgetError('nothing');
  // What is run at a start goes first: it stands last in the list.
  for (const name of [...ours].reverse()) await console.ask(eraseOf(name));
  await console.ask(RESTART);
}

/** Who is there, and can it? */
async function meet(console: EspruinoConsole): Promise<Board> {
  await console.interrupt();
  const name = await console.ask(BOARD_QUESTION, HELLO_MS).catch(async (error: unknown) => {
    // Once more: it may have been in the middle of something.
    if (!(error instanceof GadgetError) || error.problem !== 'silent') throw error;
    await console.interrupt();
    return console.ask(BOARD_QUESTION, HELLO_MS);
  });
  // What is not there at all is answered with an error.
  const ask = (question: string) =>
    console.ask(question).catch((error: unknown) => {
      throw error instanceof GadgetError && error.problem === 'refused' ? new GadgetError('unable') : error;
    });
  const able = await ask(ABLE_QUESTION);
  const files = await ask(FILES_QUESTION);
  const board = boardOf(name, able, files, await ask(BOOT_QUESTION));
  if (!board?.able) throw new GadgetError('unable');
  if (board.battery < LEAST_VOLTS) throw new GadgetError('battery');
  return board;
}

async function store(console: EspruinoConsole, file: GadgetFile, done: (upTo: number) => void): Promise<void> {
  try {
    for (const { line, upTo } of piecesOf(file)) {
      if ((await console.ask(line)) !== true) throw new GadgetError('full');
      done(upTo);
    }
  } catch (error) {
    // As far as it still listens; a beginning does nothing, and the next try takes its place.
    if (error instanceof GadgetError && error.problem === 'full')
      await console.ask(eraseOf(file.name)).catch(() => undefined);
    throw error;
  }
}
