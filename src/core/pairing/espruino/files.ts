// What lies in a gadget's flash when it is a mailbox, and the lines that put it there (ESPRUINO.md).
import { crc32 } from '../../bytes/crc32.ts';
import type { GadgetKeeps } from '../../ports/workshop.ts';
import { EXPRESSION_BYTES } from './console.ts';

/** Eight characters: more are too many for firmware before 2v04. */
const PROGRAM = 'kithbox';
const APP = 'kithbox.app.js';
const APP_INFO = 'kithbox.info';
const BOOT = '.bootcde';

/** A restart leaves the gadget as it was for so long, milliseconds: time enough to take the mailbox off it again. */
const GRACE_MS = 30_000;
/** How our own boot code begins, so that we know it again. */
const OWN_BOOT = '//kith';
const BOOT_CODE = `${OWN_BOOT}\nsetTimeout(function(){eval(require("Storage").read("${PROGRAM}"))},${GRACE_MS})`;

/** Everything that Espruino runs or loads at a start, beside ours (espruino.com/Saving). */
const BOOT_FILES = ['.varimg', '.bootrst', '.bootPowerOn', '.boot0', '.boot1', '.boot2', '.boot3', BOOT];

const STORAGE = 'require("Storage")';

export interface GadgetFile {
  readonly name: string;
  /** ASCII. */
  readonly text: string;
}

export interface Board {
  /** `process.env.BOARD`, e.g. `PUCKJS`. */
  readonly board: string;
  /** Volts. */
  readonly battery: number;
  /** It can be a mailbox and check what it stores. */
  readonly able: boolean;
  /** It has boot code that is not ours. */
  readonly taken: boolean;
  /** Names of the files that are ours. */
  readonly ours: readonly string[];
}

/** Asks what `boardOf` reads. The first answer is long, so that it comes in packets as large as the radio takes. */
export const BOARD_QUESTION = '[process.env.BOARD,Array(200).join("-")]';
export const ABLE_QUESTION = '[typeof NRF.setServices,typeof E.CRC32,NRF.getBattery()]';
/** A watch has hundreds of files: only what begins with a dot, as everything that is run at a start does, and what may be ours. */
export const FILES_QUESTION = `${STORAGE}.list().filter(f=>f[0]=="."||f.substr(0,7)=="${PROGRAM}")`;
export const BOOT_QUESTION = `(${STORAGE}.read("${BOOT}")||"").substr(0,${OWN_BOOT.length})`;

/** From the answers to the four questions; undefined when it is none that Espruino gives. */
export function boardOf(name: unknown, able: unknown, files: unknown, boot: unknown): Board | undefined {
  if (!Array.isArray(name) || !Array.isArray(able) || !Array.isArray(files)) return undefined;
  const [board] = name as unknown[];
  if (typeof board !== 'string') return undefined;
  const [services, crc, battery] = able as unknown[];
  const own = boot === OWN_BOOT;
  return {
    board,
    battery: typeof battery === 'number' ? battery : Number.NaN,
    able: services === 'function' && crc === 'function',
    taken: BOOT_FILES.some((name) => files.includes(name) && !(name === BOOT && own)),
    ours: [PROGRAM, APP, APP_INFO, ...(own ? [BOOT] : [])].filter((name) => files.includes(name)),
  };
}

const isWatch = ({ board }: Board): boolean => board.startsWith('BANGLEJS');

/** A watch has a launcher of its own, and its boot code is what makes it a watch. */
export function keepsOf(board: Board): GadgetKeeps {
  if (isWatch(board)) return 'asked';
  return board.taken ? 'never' : 'always';
}

/** Without comments and indentation, which only take time to send. No string of it spans lines. */
export const stripped = (program: string): string =>
  program
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .join('\n');

/** In the order in which they are written: what is run at a start comes last, when all that it needs is there. */
export function filesFor(program: string, board: Board): readonly GadgetFile[] {
  const text = stripped(program);
  if (isWatch(board)) {
    const shown = `\nE.showMessage("Both of you choose it in Kith.\\nHold the button to leave.","Kith mailbox")`;
    const info = { id: 'kithbox', name: 'Kith mailbox', src: APP, files: `${APP_INFO},${APP}` };
    return [
      { name: APP, text: text + shown },
      { name: APP_INFO, text: JSON.stringify(info) },
    ];
  }
  const boot = keepsOf(board) === 'always' ? [{ name: BOOT, text: BOOT_CODE }] : [];
  return [{ name: PROGRAM, text }, ...boot];
}

/** Is it there, to the last byte? Answers true or false. */
export function checkOf({ name, text }: GadgetFile): string {
  const sum = crc32(new TextEncoder().encode(text));
  return `(s=>!!s&&s.length==${text.length}&&E.CRC32(s)==${sum})(${STORAGE}.read("${name}"))`;
}

export interface Piece {
  /** Answers true when there was room for it. */
  readonly line: string;
  /** Characters of the file up to its end. */
  readonly upTo: number;
}

/** The file in pieces, each in a line that fits. The first makes a fresh one of the whole size. */
export function piecesOf({ name, text }: GadgetFile): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; ) {
    const write = (end: number): string =>
      `${STORAGE}.write("${name}",${JSON.stringify(text.slice(at, end))},${at}${at === 0 ? `,${text.length}` : ''})`;
    let end = text.length;
    while (write(end).length > EXPRESSION_BYTES && end > at + 1)
      end -= Math.max(1, Math.ceil((write(end).length - EXPRESSION_BYTES) / 2));
    pieces.push({ line: write(end), upTo: end });
    at = end;
  }
  return pieces;
}

/** Begins to be a mailbox. The console goes when the connection does. */
export const startOf = (board: Board): string =>
  isWatch(board) ? `setTimeout(load,500,"${APP}")` : `(eval(${STORAGE}.read("${PROGRAM}")),1)`;

/** Answers nothing. */
export const eraseOf = (name: string): string => `${STORAGE}.erase("${name}")`;

/** As after a restart, without our program in its memory. */
export const RESTART = 'setTimeout(load,500)';
