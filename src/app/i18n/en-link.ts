// English for invitation links. A part of what is loaded with the screens on which people meet.
import { isolated } from '../format.ts';

const them = (name: string) => (name === '' ? 'somebody without a name' : isolated(name));

export const linkWords = {
  title: 'Or send a link',
  help: 'For somebody who is not beside you. It opens Kith and leads them to you, and you confirm. Others may read or swap a link on its way, so whoever comes by one stays “not verified”, on both sides, until you compare.',
  label: 'Your invitation link',
  make: 'Make a link',
  making: 'Making a link…',
  copy: 'Copy link',
  fresh: 'New link',
  localOnly: 'This Kith runs on this device alone, so the link opens on this device only.',
  elsewhere: 'They have Kith at another address?',
  elsewhereHelp:
    'Keys stay with the address at which Kith was opened. They can paste your link where their own Kith asks for a card. Or send this one: it opens in their own Kith if they have switched that on in its settings.',
  handlerLabel: 'Your link for Kith at any address',
  copyHandler: 'Copy this one',
  by: 'By a link',
  invited: {
    title: 'Invitation link',
    reading: 'Reading the link…',
    heading: 'Somebody invites you to talk',
    known: (name: string) => `This link leads to ${them(name)}`,
    lead: 'Add them, and they are called as soon as both of you are online. They see your name and number, and confirm.',
    renews:
      'They are in your list already. Adding them again renews the contact. History, name and trust stay as they are.',
    blocked: 'You blocked them. Adding them again lifts that, and renews the contact.',
    trust:
      'Who is it? A link does not prove that. It may have been swapped on its way, and anybody can choose a name. They stay “not verified” until you compare the safety numbers on both screens.',
    add: 'Add contact',
    no: 'Not now',
    unusable: 'This link cannot be used',
    mine: 'Send them a link of yours',
  },
  trust: 'They came by an invitation link, which others may have read or swapped on its way.',
};
