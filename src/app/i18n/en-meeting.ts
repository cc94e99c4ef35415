// English for what is only needed when people meet: exchanging cards, looking up a number, comparing. Loaded with its screens.
import { isolated } from '../format.ts';
import './en-meeting-errors.ts';
import { introductionWords } from './en-introductions.ts';
import { linkWords } from './en-link.ts';
import { mailboxWords } from './en-mailbox.ts';
import { requestWords } from './en-requests.ts';

const them = (name: string) => (name === '' ? 'this contact' : isolated(name));

export const enMeeting = {
  card: {
    title: 'Add a contact',
    ways: 'Ways to exchange cards',
    text: 'As text',
    mine: 'Give them your card',
    mineHelp: 'Send it, or read it out. Whoever takes it calls you, and you confirm. One of the two cards is enough.',
    cardLabel: 'Your card',
    copyCard: 'Copy card',
    newCard: 'New card',
    makeCard: 'Make a card',
    making: 'Making a card…',
    noCard: 'That card is used up.',
    noCardHelp: 'Every card works for one person, for 24 hours. Make another for the next one.',
    expires: (minutes: number) =>
      minutes >= 90
        ? `Works once, for another ${Math.round(minutes / 60)} hours`
        : `Works once, for another ${Math.max(1, minutes)} ${minutes <= 1 ? 'minute' : 'minutes'}`,
    theirs: 'Or take their card',
    theirsHelp: 'Paste it or type it. Spaces, hyphens and capitals do not matter. A link can be pasted too.',
    theirLabel: 'Their card',
    theirPlaceholder: 'kith1…',
    submit: 'Add contact',
    hintCount: (count: number, of: number) => `${count} of ${of} characters`,
    hintWhole: 'All 90 characters are there',
    hintTooMany: (count: number) => `${count} characters: a card has 90`,
    hintPrefix: 'A card begins with kith1',
    hintLink: 'An invitation link: whoever it leads to stays “not verified” until you compare',
    hintCharacter: (character: string, group: number) => `“${character}” is never part of a card: check group ${group}`,
    attempts: 'People you asked',
    waiting: 'Waiting for them to be online…',
    waitingHelp: 'You can leave this screen. Kith keeps trying while it is open.',
    calling: 'Connected. Waiting for them to confirm…',
    stop: 'Stop trying',
    asked: (name: string) => (name === '' ? 'You asked them.' : `You asked ${isolated(name)}.`),
    open: 'Open',
    openNamed: (name: string) =>
      name === '' ? 'Open the conversation' : `Open the conversation with ${isolated(name)}`,
  },
  number: {
    tab: 'By number',
    title: 'Find somebody by their number',
    help: 'Works while they have Kith open and have switched on “May be found by number”. They are asked before you are connected.',
    label: 'Their number',
    placeholder: '123 456 789 012 345',
    submit: 'Look up',
    searching: 'Looking for this number…',
    stop: 'Stop',
    hint: '15 digits. Spaces and hyphens do not matter.',
    hintCount: (count: number) => `${count} of 15 digits`,
    hintTooMany: (count: number) => `${count} digits: a number has 15`,
    hintCharacter: (character: string, group: number) =>
      `“${isolated(character)}” is not a digit: check group ${group}`,
    hintWhole: 'All 15 digits fit together',
    hintChecksum: 'A digit is wrong, or two are the wrong way round: compare each group',
    hintOwn: 'This is your own number',
    found: (count: number) => `${count} people answer to this number`,
    foundHelp: 'A number proves nothing. Choose whom you mean, and compare cards when you meet.',
    unverified: 'Not verified',
    noName: 'No name given',
    ask: 'Ask',
    askNamed: (name: string, number: string) => `Ask ${name === '' ? number : isolated(name)}`,
    mine: 'To be found yourself',
  },
  link: linkWords,
  request: requestWords,
  memberTrust: 'You met in a group. That proves who wrote there, not who they are.',
  introduction: introductionWords,
  mailbox: mailboxWords,
  qr: {
    tab: 'QR code',
    mine: 'Or let them scan yours',
    mineHelp: 'They call you, and you confirm. Scan each other, and both are verified at once.',
    label: 'Your card as a QR code',
    theirs: 'Scan their card',
  },
  scan: {
    start: 'Scan with the camera',
    picture: 'Read a picture',
    pictureHelp: 'A photo or screenshot of a code can also be pasted or dropped here.',
    noCamera:
      'This browser knows of no camera. A photo or screenshot of their code works too: choose, paste or drop it.',
    opening: 'Starting the camera. The browser may ask you to allow it.',
    looking: 'Hold the code on their screen into the frame.',
    reading: 'Reading the picture…',
    view: 'What the camera sees',
    light: 'Light',
    stop: 'Stop',
  },
  compare: {
    title: 'Compare',
    working: 'Working out the number…',
    help: (name: string) =>
      `Side by side, or in a call in which you know the voice: open your page on the device of ${them(name)}. If all twelve groups are the same on both screens, nobody stands between you.`,
    number: 'Safety number',
    code: 'The safety number as a QR code, for their camera',
    start: 'Scan their code',
    mark: 'Mark as verified',
    meaning:
      'Verified means that you have checked this person’s keys yourself. It counts on this device only, and nobody is told. Keys of a contact never change: whoever comes with others is somebody else to Kith, and has to be added anew.',
    matched: 'The numbers match. Verified.',
    question: {
      title: 'Are all twelve groups the same?',
      body: (name: string) =>
        `Only say so after comparing the whole number with the one on the screen of ${them(name)}. Then Kith shows this contact as verified.`,
      yes: 'They are the same',
    },
  },
};
