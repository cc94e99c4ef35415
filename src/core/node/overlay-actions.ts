// What a person may do about the overlay: how they may be found and reached, look-ups by number, and meeting without a tracker.
import { KithError } from '../errors.ts';
import { isNumber } from '../identity/number.ts';
import type { KithNode } from '../node-api.ts';
import type { House } from './house.ts';
import type { Settings } from './profile.ts';

type OverlayActions = Pick<
  KithNode,
  | 'setDiscoverable'
  | 'setRelayOnly'
  | 'setRelaying'
  | 'findByNumber'
  | 'callFound'
  | 'inviteDoor'
  | 'answerDoor'
  | 'acceptDoor'
>;

export const overlayActions = (house: House): OverlayActions => {
  const save = (change: Partial<Omit<Settings, 'v'>>) =>
    house.attempt(async () => {
      await house.profile.saveSettings(change);
      house.board.changed();
    });
  return {
    setDiscoverable: (discoverable) => save({ discoverable }),
    setRelayOnly: (relayOnly) => save({ relayOnly }),
    setRelaying: (relaying) => save({ relaying }),

    findByNumber(number) {
      return house.attempt(async () => {
        if (!isNumber(number)) throw new KithError('number-checksum');
        if (number === house.profile.profile?.number) throw new KithError('number-own');
        throw new KithError('number-nobody');
      });
    },

    callFound() {
      return house.attempt(async () => {
        throw new KithError('number-gone');
      });
    },

    inviteDoor() {
      return house.attempt(async () => {
        throw new KithError('door-failed');
      });
    },

    answerDoor(text) {
      return house.attempt(async () => {
        throw new KithError(text.trim() === '' ? 'door-empty' : 'door-malformed');
      });
    },

    acceptDoor(text) {
      return house.attempt(async () => {
        throw new KithError(text.trim() === '' ? 'door-empty' : 'door-unexpected');
      });
    },
  };
};
