// What a person may do about a contact.
import { KithError } from '../errors.ts';
import { cleanName } from '../identity/names.ts';
import type { KithNode, Result, SafetyNumberView } from '../node-api.ts';
import type { Contact } from './contact-book.ts';
import { fileRecords } from './files.ts';
import type { House } from './house.ts';
import { isTombstone } from './standing.ts';

type ContactActions = Pick<
  KithNode,
  | 'safetyNumber'
  | 'markVerified'
  | 'setNickname'
  | 'setGiveUpAfter'
  | 'block'
  | 'unblock'
  | 'removeContact'
  | 'clearConversation'
>;

export const contactActions = (house: House): ContactActions => ({
  safetyNumber(conversationId: string): Promise<Result<SafetyNumberView>> {
    return house.attempt(async () => {
      const [me, them] = [house.profile.identity, house.book.get(conversationId)];
      if (!me || !them || isTombstone(them)) throw new KithError('not-a-contact');
      // Seldom looked at, and no part of the first screen.
      const { safetyNumber } = await import('../identity/safety-number.ts');
      return safetyNumber(me.fingerprint, them.fingerprint);
    });
  },

  markVerified(conversationId: string): Promise<Result> {
    return house.attempt(async () => {
      const known = await house.book.edit(conversationId, (before) =>
        isTombstone(before) ? before : { ...before, trust: 'verified' },
      );
      if (!known || isTombstone(known)) throw new KithError('not-a-contact');
    });
  },

  setNickname(conversationId: string, nickname: string): Promise<Result> {
    return house.attempt(async () => {
      await house.book.edit(conversationId, (contact) => ({ ...contact, nickname: cleanName(nickname) }));
    });
  },

  setGiveUpAfter(conversationId: string, milliseconds: number): Promise<Result> {
    return house.attempt(async () => {
      const after = Number.isFinite(milliseconds) ? Math.max(0, Math.floor(milliseconds)) : 0;
      await house.chat.housekeeping.setGiveUpAfter(conversationId, after);
      await house.chat.housekeeping.expireDue(conversationId);
    });
  },

  block(conversationId: string): Promise<Result> {
    return stand(house, conversationId, 'blocked');
  },

  unblock(conversationId: string): Promise<Result> {
    return stand(house, conversationId, 'accepted');
  },

  removeContact(conversationId: string): Promise<Result> {
    return house.attempt(async () => {
      const contact = await house.book.edit(conversationId, (before) => ({
        ...before,
        mine: 'removed',
        told: before.theirs === 'declined' || before.theirs === 'removed',
        nickname: '',
        theirName: '',
        removedAt: house.options.clock.now(),
      }));
      if (!contact) throw new KithError('not-a-contact');
      house.network?.conversations.announce(conversationId);
      await house.files.remove(await house.chat.housekeeping.remove(conversationId, fileRecords));
      await house.files.prepared.discardAll(conversationId);
      await house.store.commit([{ remove: 'drafts', key: conversationId }], 'strict');
      await house.network?.conversations.follow(conversationId);
      await house.book.eraseIf(conversationId, (now) => isTombstone(now) && now.told);
      house.board.cleared(conversationId);
    });
  },

  clearConversation(conversationId: string): Promise<Result> {
    return house.attempt(async () => {
      await house.files.remove(await house.chat.housekeeping.clear(conversationId, fileRecords));
      await house.files.prepared.discardAll(conversationId);
      house.board.cleared(conversationId);
    });
  },
});

function stand(house: House, conversationId: string, mine: Contact['mine']): Promise<Result> {
  return house.attempt(async () => {
    const contact = await house.book.edit(conversationId, (before) => ({ ...before, mine, told: false }));
    if (!contact) throw new KithError('not-a-contact');
    house.network?.conversations.announce(conversationId);
    await house.network?.conversations.follow(conversationId);
  });
}
