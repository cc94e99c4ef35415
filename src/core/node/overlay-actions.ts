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
  const invitations = async () => {
    const overlay = await house.requireNetwork().openOverlay();
    if (!overlay) throw new KithError('door-failed');
    return overlay.invitations;
  };
  return {
    setDiscoverable: (discoverable) => save({ discoverable }),
    setRelayOnly: (relayOnly) => save({ relayOnly }),
    async setRelaying(relaying) {
      const saved = await save({ relaying });
      house.network?.relayingChanged();
      return saved;
    },

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
      return house.attempt(async () => ({ text: await (await invitations()).invite() }));
    },

    answerDoor(text) {
      return house.attempt(async () => ({ text: await (await invitations()).answer(text) }));
    },

    acceptDoor(text) {
      return house.attempt(async () => (await invitations()).accept(text));
    },
  };
};
