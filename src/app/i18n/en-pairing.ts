// English for contacts to be. What only the screen for adding one says stands in en-meeting.ts.
import { isolated } from '../format.ts';

export const pairingWords = {
  requests: 'Contact requests',
  pairing: {
    openAddContact: 'Show',
    failedNotice: (why: string) => `A contact was not added. ${why}`,
    added: (name: string) => (name === '' ? 'New contact added' : `${isolated(name)} is now in your list`),
  },
};
