// English for exchanging cards.
import { isolated } from '../format.ts';

const somebody = (name: string) => (name === '' ? 'Somebody' : isolated(name));

export const pairingWords = {
  pairing: {
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
    theirsHelp: 'Paste it or type it. Spaces, hyphens and capitals do not matter.',
    theirLabel: 'Their card',
    theirPlaceholder: 'kith1…',
    submit: 'Add contact',
    hintCount: (count: number, of: number) => `${count} of ${of} characters`,
    hintWhole: 'All 90 characters are there',
    hintTooMany: (count: number) => `${count} characters: a card has 90`,
    hintPrefix: 'A card begins with kith1',
    hintCharacter: (character: string, group: number) => `“${character}” is never part of a card: check group ${group}`,
    attempts: 'Cards you took',
    waiting: 'Waiting for them to be online…',
    waitingHelp: 'You can leave this screen. Kith keeps trying while it is open.',
    calling: 'Connected. Waiting for them to confirm…',
    failed: 'Not added',
    stop: 'Stop trying',
    openAddContact: 'Show',
    failedNotice: (why: string) => `A contact was not added. ${why}`,
    added: (name: string) => (name === '' ? 'New contact added' : `${isolated(name)} is now in your list`),
  },
  request: {
    region: 'Contact requests',
    title: (name: string) => `${somebody(name)} took your card`,
    known: (name: string) => `${somebody(name)} took your card to renew the contact`,
    blocked: (name: string) => `${somebody(name)}, whom you blocked, took your card`,
    byNumber: {
      title: (name: string) => `${somebody(name)} found you by your number`,
      known: (name: string) => `${somebody(name)} found you by your number to renew the contact`,
      blocked: (name: string) => `${somebody(name)}, whom you blocked, found you by your number`,
      question: 'Accept only somebody you expect: anybody can choose a name. Compare cards when you meet.',
    },
    number: 'Number',
    question: 'Are you together? If their screen shows this number, say so: that verifies them.',
    acceptVerified: 'Their screen shows this number',
    accept: 'Accept',
    refuse: 'Refuse',
  },
};
