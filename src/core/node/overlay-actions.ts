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
    async setDiscoverable(discoverable) {
      const saved = await save({ discoverable });
      house.network?.discoverableChanged();
      return saved;
    },
    async setRelayOnly(relayOnly) {
      const saved = await save({ relayOnly });
      house.network?.relayOnlyChanged();
      return saved;
    },
    async setRelaying(relaying) {
      const saved = await save({ relaying });
      house.network?.relayingChanged();
      return saved;
    },

    findByNumber(number) {
      return house.attempt(async () => {
        if (!isNumber(number)) throw new KithError('number-checksum');
        if (number === house.profile.profile?.number) throw new KithError('number-own');
        return { found: await house.requireNetwork().numbers.find(number) };
      });
    },

    callFound(foundId) {
      return house.attempt(async () => ({ attemptId: await house.requireNetwork().numbers.call(foundId) }));
    },

    inviteDoor() {
      return house.attempt(async () => (await invitations()).invite());
    },

    answerDoor(text) {
      return house.attempt(async () => (await invitations()).answer(text));
    },

    acceptDoor(text) {
      return house.attempt(async () => (await invitations()).accept(text));
    },
  };
};
