// What a person may do about themselves, their cards and their settings.
import { parseTrackers } from '../config.ts';
import { KithError } from '../errors.ts';
import { cleanName } from '../identity/names.ts';
import type { KithNode, LinkView, Result } from '../node-api.ts';
import type { House } from './house.ts';

type ProfileActions = Pick<
  KithNode,
  | 'createIdentity'
  | 'rename'
  | 'newCard'
  | 'newLink'
  | 'takeCard'
  | 'readLink'
  | 'takeLink'
  | 'dismissAttempt'
  | 'answerRequest'
  | 'setTrackers'
  | 'setSendReadReceipts'
  | 'requestPersistence'
  | 'eraseEverything'
>;

export const profileActions = (house: House): ProfileActions => ({
  createIdentity(name: string): Promise<Result> {
    return house.attempt(() => house.create(name));
  },

  rename(name: string): Promise<Result> {
    return house.attempt(async () => {
      await house.profile.edit({ name: requireName(name) });
      for (const contact of house.book.shown()) house.network?.conversations.announce(contact.id);
      house.board.changed();
    });
  },

  newCard(): Promise<Result> {
    return house.attempt(() => house.requireNetwork().firstContact.newCard('card'));
  },

  newLink(): Promise<Result> {
    return house.attempt(() => house.requireNetwork().firstContact.newCard('link'));
  },

  takeCard(text: string): Promise<Result<{ readonly attemptId: string }>> {
    return house.attempt(async () => {
      const { firstContact, groupHouse } = house.requireNetwork();
      return {
        attemptId: await (groupHouse.isCard(text) ? groupHouse : firstContact).take(text),
      };
    });
  },

  readLink(fragment: string): Promise<Result<LinkView>> {
    return house.attempt(async () => house.requireNetwork().firstContact.readLink(fragment));
  },

  takeLink(fragment: string): Promise<Result<{ readonly attemptId: string }>> {
    return house.attempt(async () => ({
      attemptId: await house.requireNetwork().firstContact.takeLink(fragment),
    }));
  },

  async dismissAttempt(attemptId: string): Promise<void> {
    await house.network?.dismiss(attemptId);
  },

  answerRequest(requestId: string, answer: 'accept' | 'accept-verified' | 'refuse'): Promise<Result> {
    return house.attempt(() => house.requireNetwork().firstContact.answer(requestId, answer));
  },

  setTrackers(urls: readonly string[] | null): Promise<Result> {
    return house.attempt(async () => {
      const trackers = urls === null ? null : parseTrackers(urls, house.options.page);
      await house.profile.saveSettings({ trackers });
      house.network?.useTrackers(house.trackers());
      house.board.changed();
    });
  },

  setSendReadReceipts(on: boolean): Promise<Result> {
    return house.attempt(async () => {
      await house.profile.saveSettings({ sendReadReceipts: on });
      house.board.changed();
    });
  },

  requestPersistence(): Promise<void> {
    return house.storage.requestPersistence();
  },

  eraseEverything(): Promise<Result> {
    return house.attempt(async () => {
      // Nobody may write any more when the key goes.
      house.whole.erasing = true;
      house.close();
      house.store.close();
      await house.whole.ended();
      await house.options.storage.destroyEverything();
      house.board.erased();
    });
  },
});

/** @throws KithError 'name-empty' */
function requireName(name: string): string {
  const clean = cleanName(name);
  if (clean === '') throw new KithError('name-empty');
  return clean;
}
