// English for contacts to be. What only the screen for adding one says stands in en-meeting.ts.
import { isolated } from '../format.ts';

const somebody = (name: string) => (name === '' ? 'Somebody' : isolated(name));

export const pairingWords = {
  pairing: {
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
    byLink: {
      title: (name: string) => `${somebody(name)} opened your link`,
      known: (name: string) => `${somebody(name)} opened your link to renew the contact`,
      blocked: (name: string) => `${somebody(name)}, whom you blocked, opened your link`,
      question:
        'Accept only somebody you sent it to: a link can be passed on, and anybody can choose a name. Compare when you can.',
    },
    number: 'Number',
    question: 'Are you together? If their screen shows this number, say so: that verifies them.',
    acceptVerified: 'Their screen shows this number',
    accept: 'Accept',
    refuse: 'Refuse',
  },
};
