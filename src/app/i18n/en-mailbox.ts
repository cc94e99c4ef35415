// English for pairing over a Bluetooth mailbox. A part of what is loaded with the screens on which people meet.
import type { MailboxView } from '../../core/node-api.ts';
import type { BluetoothGap } from '../../core/ports/bluetooth.ts';

const gap: Readonly<Record<BluetoothGap, string>> = {
  insecure: 'Browsers give Bluetooth to pages opened over https:// only.',
  flag: 'On Linux, this browser keeps Bluetooth for pages switched off. Open the address below in a new tab, switch “Web Bluetooth” on (where it is not in the list: “Experimental Web Platform features”), and restart the browser.',
  browser:
    'This browser has no Bluetooth for pages. Chrome and Edge on Android, Windows and Mac have it; Firefox and Safari do not, and on iPhone and iPad no browser has.',
};

const state: Readonly<Record<MailboxView['state'], string>> = {
  reaching: 'Going to the mailbox…',
  busy: 'Two others are at this mailbox. Waiting until it is free…',
  waiting: 'Waiting for the other person. They choose the same mailbox on their device.',
  joining: 'Somebody else is there. Making the codes…',
  comparing: 'Type what their screen shows, and let them type yours.',
  typed: 'That is the right code. Waiting for them to type yours…',
  done: 'Done. You have each other’s card.',
  failed: 'Nobody was added.',
};

export const mailboxWords = {
  tab: 'Bluetooth',
  title: 'Pair over Bluetooth',
  help: 'For two people side by side who have a Kith mailbox with them: a small gadget, or a laptop that is one. It needs no network, and both of you are verified at once.',
  steps: ['Both press the button and choose “Kith mailbox”.', 'Each types the six digits that the other screen shows.'],
  start: 'Choose the mailbox',
  choosing: 'Choose “Kith mailbox” in the browser’s list. If it is not there, check that it is on and near.',
  another: 'Choose another mailbox',
  again: 'Start again',
  stop: 'Stop',
  none: 'No mailbox at hand?',
  noneHelp: 'A Puck.js or another gadget with Espruino, an ESP32 board for four dollars, or a Linux laptop can be one.',
  make: 'Make one from a gadget',
  howTo: 'How to have a mailbox',
  howToOpens: 'opens in a new tab',
  state,
  busyHelp: 'If nobody else is pairing there, somebody left it half-way: start over.',
  startOver: 'Start over',
  mine: 'The code on your screen',
  theirs: 'The code on their screen',
  theirsHelp: 'Six digits. It is another one than yours.',
  confirm: 'Confirm',
  typedHelp: 'You may leave this screen: it goes on, as long as Kith stays open here and the mailbox is near.',
  unconfirmed: 'Nearly done.',
  unconfirmedHelp:
    'The mailbox went away before the last step was confirmed. They come into your list when both of you are online, if they have you in theirs. If that does not happen, pair again.',
  open: 'Open the conversation',
  more: 'Pair with somebody else',
  gap,
  flagAddress: 'chrome://flags/#enable-web-bluetooth',
  copyAddress: 'Copy the address',
  gapHelp: 'A QR code or the card as text works everywhere.',
};
