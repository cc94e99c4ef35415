// English for making a gadget a mailbox. Loaded with that screen alone.
import type { GadgetKeeps, GadgetProblem, GadgetProgress } from '../../core/ports/workshop.ts';

const problems: Readonly<Record<GadgetProblem, string>> = {
  missing: 'This browser has no Bluetooth for pages. Chrome and Edge on Android, Windows and Mac have it.',
  off: 'This device has no Bluetooth, or it is switched off. Switch it on, then try again.',
  denied: 'Kith was not allowed to use Bluetooth. Allow it in the browser’s settings, then try again.',
  'chosen-none':
    'No gadget was chosen. If yours was not in the list: Bluetooth has to be on, the gadget near and on, and no other page or app connected to it.',
  lost: 'The connection to the gadget broke. Nothing of yours on it was changed. Bring it closer, then try again.',
  foreign:
    'This gadget has no Espruino console. If it is a mailbox already, take its battery out for a moment and try again within half a minute.',
  silent:
    'The gadget does not answer as Espruino does. Close other pages and apps that are connected to it, or choose another one.',
  locked: 'This gadget is locked with a password. Unlock it in the Espruino Web IDE, then try again.',
  unable:
    'This gadget’s Espruino is too old or too small to be a mailbox. New firmware may help: espruino.com/Firmware+Update',
  battery: 'The gadget’s battery is nearly empty, so nothing was written to it. Give it a new one, then try again.',
  full: 'There is no room left on the gadget. Take something off it with the Espruino Web IDE, then try again.',
  altered: 'What the gadget stored is not what was sent, so it was not started. Try again; a new battery may help.',
  refused: 'The gadget answered with an error. Take its battery out for a moment, then try again.',
  program: 'The program for the gadget could not be loaded. Reload Kith while you have a network, then try again.',
  cancelled: 'Stopped. Nothing of yours on the gadget was changed.',
  nothing: 'There is no Kith mailbox on this gadget. It was left as it is.',
  internal: 'Something went wrong in Kith. Try again.',
};

const steps: Readonly<Record<GadgetProgress['step'], string>> = {
  connecting: 'Connecting to the gadget…',
  sending: 'Sending the program…',
  checking: 'Checking what it stored…',
  trying: 'Stored. Trying it as a mailbox…',
};

const keeps: Readonly<Record<GadgetKeeps, string>> = {
  always: 'It stays one: half a minute after its battery is put in, it is a mailbox again.',
  asked: 'To have the watch back, hold its button. Later, start “Kith mailbox” in its launcher.',
  never:
    'It has a program of its own, which was left alone: once its battery has been out, it is what it was before, and no mailbox.',
};

export const gadgetWords = {
  title: 'Make a mailbox',
  help: 'A gadget with Espruino becomes a mailbox from here: Puck.js, Bangle.js, Pixl.js, MDBT42Q, Jolt.js. It takes about half a minute.',
  untried: 'Not tried on a real gadget yet, only on an emulated one. It changes no file of yours and can be undone.',
  steps: [
    'Have the gadget on and near, and disconnect it from other pages and apps.',
    'Press the button and choose it in the browser’s list.',
  ],
  start: 'Choose the gadget',
  choosing: 'Choose the gadget in the browser’s list. If it is not there, disconnect it from other pages and apps.',
  progress: 'Program sent',
  doing: steps,
  undoing: 'Taking the mailbox off the gadget…',
  stop: 'Stop',
  made: 'The gadget is a Kith mailbox now.',
  tried: 'It was tried from here, and answers.',
  untriedNow:
    'It did not answer from here yet: some devices remember what a gadget was before. Take its battery out for a moment, wait half a minute, then choose it.',
  keeps,
  pair: 'Pair with it',
  again: 'Try again',
  another: 'Make another one',
  back: 'Back to pairing',
  undoTitle: 'Have the gadget back',
  undoHelp:
    'Take its battery out for a moment and put it in again. In the half minute that follows it has its console: take the mailbox off then. A watch has it while the mailbox does not run.',
  undo: 'Take the mailbox off',
  undone: 'The mailbox is off the gadget. It is what it was before.',
  problems,
};
