// What a person may do while pairing over a Bluetooth mailbox.
import type { KithNode } from '../node-api.ts';
import type { House } from './house.ts';

type MailboxActions = Pick<
  KithNode,
  'startMailbox' | 'mailboxVisited' | 'enterMailboxCode' | 'startMailboxOver' | 'cancelMailbox'
>;

export const mailboxActions = (house: House): MailboxActions => ({
  startMailbox() {
    return house.attempt(async () => ({ mailboxId: house.requireNetwork().mailbox.start() }));
  },

  async mailboxVisited(errandId, outcome) {
    house.network?.mailbox.visited(errandId, outcome);
  },

  enterMailboxCode(mailboxId, digits) {
    return house.attempt(async () => house.requireNetwork().mailbox.enter(mailboxId, digits));
  },

  async startMailboxOver(mailboxId) {
    house.network?.mailbox.startOver(mailboxId);
  },

  async cancelMailbox(mailboxId) {
    house.network?.mailbox.cancel(mailboxId);
  },
});
