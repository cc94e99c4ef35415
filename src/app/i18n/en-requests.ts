// English for whoever asks to be a contact.
import { isolated } from '../format.ts';

const somebody = (name: string) => (name === '' ? 'Somebody' : isolated(name));

export const requestWords = {
  by: {
    card: {
      title: (name: string) => `${somebody(name)} took your card`,
      known: (name: string) => `${somebody(name)} took your card to renew the contact`,
      blocked: (name: string) => `${somebody(name)}, whom you blocked, took your card`,
      question: 'Are you together? If their screen shows this number, say so: that verifies them.',
    },
    number: {
      title: (name: string) => `${somebody(name)} found you by your number`,
      known: (name: string) => `${somebody(name)} found you by your number to renew the contact`,
      blocked: (name: string) => `${somebody(name)}, whom you blocked, found you by your number`,
      question: 'Accept only somebody you expect: anybody can choose a name. Compare cards when you meet.',
    },
    link: {
      title: (name: string) => `${somebody(name)} opened your link`,
      known: (name: string) => `${somebody(name)} opened your link to renew the contact`,
      blocked: (name: string) => `${somebody(name)}, whom you blocked, opened your link`,
      question:
        'Accept only somebody you sent it to: a link can be passed on, and anybody can choose a name. Compare when you can.',
    },
    member: {
      title: (name: string) => `${somebody(name)}, who is in a group with you, would like to be a contact`,
      known: (name: string) => `${somebody(name)}, who is in a group with you, would like to renew the contact`,
      blocked: (name: string) =>
        `${somebody(name)}, whom you blocked and who is in a group with you, asks to be a contact`,
      question:
        'Being in the group proves who wrote there, not who they are: anybody can choose a name. Compare when you can.',
    },
  },
  number: 'Number',
  acceptVerified: 'Their screen shows this number',
  accept: 'Accept',
  refuse: 'Refuse',
};
