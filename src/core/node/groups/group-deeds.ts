// What a person may do about groups.
import { fromHex } from '../../bytes/hex.ts';
import { KithError } from '../../errors.ts';
import { cleanName } from '../../identity/names.ts';
import type { GroupActions, Result } from '../../node-api.ts';
import { MAX_GROUP_MEMBERS } from '../../wire/group-limits.ts';
import type { ContactBook } from '../contact-book.ts';
import type { Acquaintances } from './acquaintances.ts';
import type { GroupBoard } from './group-board.ts';
import { standingOf } from './group-views.ts';
import type { Groups } from './groups.ts';
import type { Admissions } from './joining/admissions.ts';
import type { LiveGroup } from './live-group.ts';
import { memberReceipts } from './message-views.ts';

/** Those of GroupActions that are built. */
export type GroupDeeds = Pick<
  GroupActions,
  | 'createGroup'
  | 'answerGroup'
  | 'group'
  | 'addMembers'
  | 'removeMember'
  | 'makeAdmin'
  | 'renameGroup'
  | 'setGroupPicture'
  | 'leaveGroup'
  | 'deleteGroup'
  | 'setMuted'
  | 'newGroupCard'
  | 'revokeGroupCard'
  | 'setAdmission'
  | 'answerJoin'
  | 'askMember'
  | 'messageReceipts'
>;

export interface GroupRoom {
  readonly groups: Groups;
  readonly board: GroupBoard;
  readonly admissions: Admissions;
  readonly acquaintances: Pick<Acquaintances, 'ask'>;
  readonly book: ContactBook;
  readonly attempt: <T>(work: () => Promise<T>) => Promise<Result<T>>;
  /** The conversation is gone from the screens. */
  readonly cleared: (conversationId: string) => void;
}

export const groupDeeds = (room: GroupRoom): GroupDeeds => ({
  createGroup(name, contactIds) {
    return room.attempt(async () => {
      const called = requiredName(name);
      // Before anything is made: nobody wants half a group.
      if (contactIds.length >= MAX_GROUP_MEMBERS) throw new KithError('group-full');
      for (const id of contactIds) invitable(room, id);
      const live = await room.groups.create(called);
      await invite(room, live, contactIds);
      return { conversationId: live.id };
    });
  },

  answerGroup(conversationId, answer) {
    return room.attempt(async () => {
      const live = room.groups.get(conversationId);
      if (standingOf(live) !== 'invited') throw new KithError('group-not-member');
      if (answer === 'accept') return room.groups.join(live);
      await live.group.leave();
      // Who was in it before keeps what they read and wrote then.
      if (live.hasBelonged) room.board.tell(live);
      else await forget(room, live);
    });
  },

  group(conversationId) {
    return room.attempt(async () => room.board.view(room.groups.get(conversationId)));
  },

  addMembers(conversationId, contactIds, shareHistory) {
    return room.attempt(async () => {
      const live = room.groups.get(conversationId);
      for (const id of contactIds) invitable(room, id);
      if (shareHistory && live.group.sharesLeft < contactIds.length) throw new KithError('group-shares-full');
      const members = await invite(room, live, contactIds);
      if (shareHistory) for (const member of members) await live.group.share(member);
    });
  },

  removeMember(conversationId, memberId) {
    return room.attempt(async () => {
      await room.groups.get(conversationId).group.remove(memberId);
    });
  },

  makeAdmin(conversationId, memberId) {
    return room.attempt(async () => {
      await room.groups.get(conversationId).group.act({ do: 'promote', member: fromHex(memberId) });
    });
  },

  renameGroup(conversationId, name) {
    return room.attempt(async () => {
      await room.groups.get(conversationId).group.act({ do: 'rename', name: requiredName(name) });
    });
  },

  setGroupPicture(conversationId, picture) {
    return room.attempt(() => room.groups.get(conversationId).picture.set(picture));
  },

  leaveGroup(conversationId, successorId) {
    return room.attempt(() => room.groups.get(conversationId).group.leave(successorId));
  },

  deleteGroup(conversationId) {
    return room.attempt(async () => {
      const live = room.groups.get(conversationId);
      const standing = standingOf(live);
      if (standing === 'active' || standing === 'invited') await live.group.leave();
      await forget(room, live);
    });
  },

  setMuted(conversationId, muted) {
    return room.attempt(() => room.groups.edit(room.groups.get(conversationId), { muted }));
  },

  newGroupCard(conversationId, uses, milliseconds) {
    return room.attempt(async () => room.admissions.newCard(room.groups.get(conversationId), uses, milliseconds));
  },

  revokeGroupCard(conversationId, cardId) {
    return room.attempt(async () => room.admissions.revoke(room.groups.get(conversationId), cardId));
  },

  setAdmission(conversationId, admission) {
    return room.attempt(async () => {
      const live = room.groups.get(conversationId);
      await room.groups.edit(live, { admission });
      room.board.tell(live);
    });
  },

  answerJoin(conversationId, requestId, answer) {
    return room.attempt(async () => room.admissions.answer(room.groups.get(conversationId), requestId, answer));
  },

  askMember(conversationId, memberId) {
    return room.attempt(async () => {
      const attemptId = await room.acquaintances.ask(room.groups.get(conversationId), memberId);
      room.board.peopleChanged();
      return { attemptId };
    });
  },

  messageReceipts(conversationId, messageId) {
    return room.attempt(async () => {
      const live = room.groups.get(conversationId);
      return memberReceipts(live, room.board.people, messageId) ?? [];
    });
  },
});

function requiredName(name: string): string {
  const cleaned = cleanName(name);
  if (cleaned === '') throw new KithError('name-empty');
  return cleaned;
}

function invitable(room: GroupRoom, contactId: string) {
  const contact = room.book.get(contactId);
  if (!contact?.bundle || contact.mine !== 'accepted') throw new KithError('not-a-contact');
  return { bundle: contact.bundle, person: contact.theirName || contact.nickname || contact.number };
}

async function invite(room: GroupRoom, live: LiveGroup, contactIds: readonly string[]): Promise<string[]> {
  const invited: string[] = [];
  for (const id of contactIds) {
    const { bundle, person } = invitable(room, id);
    const { subject } = await live.group.act({ do: 'add', bundle, person });
    invited.push(subject);
  }
  return invited;
}

async function forget(room: GroupRoom, live: LiveGroup): Promise<void> {
  await room.groups.forget(live);
  room.cleared(live.id);
}
