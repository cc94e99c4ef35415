// Making a gadget a mailbox, as far as the app knows of it (pairing/espruino/ESPRUINO.md).

/** Why a gadget is no mailbox. Each has a sentence in app/i18n. */
export const gadgetProblems = [
  'missing', // this browser has no Bluetooth for pages
  'off',
  'denied',
  'chosen-none', // the person chose nothing in the browser's list
  'lost', // out of reach, or the connection broke
  'foreign', // no console over Bluetooth
  'silent', // a console that does not answer as Espruino's does
  'locked', // it wants a password
  'unable', // Espruino, but too old or too small for this
  'battery', // too little of it left to write to flash
  'full', // no room in its flash or its memory
  'altered', // what was stored is not what was sent
  'refused', // it answered with an error
  'program', // the program itself could not be loaded
  'cancelled',
  'nothing', // there was no mailbox on it to take off
  'internal',
] as const;

export type GadgetProblem = (typeof gadgetProblems)[number];

/**
 * When it is a mailbox again after a restart. always: by itself. asked: when it is started from the list of its apps (Bangle.js).
 * never: it has a program of its own, which was left alone.
 */
export type GadgetKeeps = 'always' | 'asked' | 'never';

export type GadgetOutcome =
  | {
      readonly ok: true;
      readonly keeps: GadgetKeeps;
      /** It was visited as a mailbox afterwards, and did as one does. */
      readonly tried: boolean;
    }
  | { readonly ok: false; readonly problem: GadgetProblem };

export interface GadgetProgress {
  readonly step: 'connecting' | 'sending' | 'checking' | 'trying';
  /** Of the sending, 0 … 1. */
  readonly share: number;
}

export interface GadgetWork {
  /** Aborted when the person gives it up. */
  readonly signal: AbortSignal;
  readonly progress: (progress: GadgetProgress) => void;
  /** The browser's list is closed and something was chosen in it. */
  readonly chosen: () => void;
}

/** Both let the person choose a gadget; call them while their click is fresh. They never reject. */
export interface Workshop {
  make(work: GadgetWork): Promise<GadgetOutcome>;
  /** Takes the mailbox off a gadget, so that it is what it was. */
  unmake(work: GadgetWork): Promise<GadgetOutcome>;
}
