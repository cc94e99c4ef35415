// What the screens are told of groups. Pure functions of what the group knows; no view holds a key. Of their messages: message-views.ts.
import { toHex } from '../../bytes/hex.ts';
import type { Entry } from '../../group/history/entry.ts';
import type { MemberId } from '../../group/members-view.ts';
import { evaluateAll } from '../../group/membership/evaluate.ts';
import { cleanName } from '../../identity/names.ts';
import type {
  GroupCardView,
  GroupConversationView,
  GroupMemberView,
  GroupStanding,
  GroupView,
  JoinRequestView,
  LastView,
} from '../../node-api.ts';
import { PREVIEW_NAME_LENGTH } from '../views.ts';
import type { LiveGroup } from './live-group.ts';
import { atOf, canReach, itemView, mentionsOf } from './message-views.ts';
import { nameOf, type People, theirName } from './people.ts';
import type { Item } from './transcript.ts';

const PREVIEW_LENGTH = 120;

export function standingOf(live: LiveGroup): GroupStanding {
  const { group, record } = live;
  const me = group.members.view.member(group.id);
  if (me?.state === 'invited') return 'invited';
  if (me) return 'active';
  const own = group.members.removedAfter(group.id, [record.group]).filter(({ by }) => by === group.id);
  if (own.length === 0) return 'removed';
  // Who left once, came back and was removed did not leave.
  const parted = new Set(group.members.partedBy(group.id).map(toHex));
  return own.some(({ hash }) => parted.has(toHex(hash))) ? 'left' : 'removed';
}

const roleOf = (live: LiveGroup) => live.group.members.view.member(live.group.id)?.role ?? 'member';

/** Cleaned; may be ''. */
export const groupName = (live: LiveGroup): string => cleanName(evaluateAll(live.group.log).name);

export function groupConversationView(live: LiveGroup, people: People, requests: number): GroupConversationView {
  const { group, record } = live;
  const joined = group.members.view.members().filter(({ state }) => state === 'joined');
  const online = joined.filter(({ id }) => id !== group.id && live.linked.has(id)).length;
  const fresh = live.transcript.items.flatMap((item) =>
    item.is === 'message' && !live.transcript.hasSeen(item.shown, group.id) ? [item.shown] : [],
  );
  const standing = standingOf(live);
  const role = roleOf(live);
  const inviter = record.invitedBy && people.contact(toHex(record.invitedBy));
  const last = live.transcript.items.at(-1);
  return {
    id: live.id,
    kind: 'group',
    name: groupName(live),
    presence: online > 0 && standing === 'active' ? 'online' : 'offline',
    route: 'none',
    trust: 'group',
    face: toHex(record.group).slice(0, 16),
    unread: standing === 'invited' ? 0 : fresh.length,
    changedAt: last ? Math.max(record.createdAt, atOf(live, last)) : record.createdAt,
    last: last && standing !== 'invited' ? lastView(live, people, last) : null,
    giveUpAfter: 0,
    standing,
    role,
    joined: joined.length,
    online,
    muted: record.muted,
    mentions: fresh.filter(({ entry }) => mentionsOf(entry.message.body).some(({ memberId }) => memberId === group.id))
      .length,
    requests: standing === 'active' && role === 'admin' ? requests : 0,
    invitedBy:
      standing === 'invited' && inviter
        ? { number: inviter.number, name: inviter.nickname || cleanName(inviter.theirName) }
        : null,
    conflict: live.forked.size > 0,
  };
}

function lastView(live: LiveGroup, people: People, item: Item): LastView {
  const view = itemView(live, people, item);
  return {
    text: view.text.slice(0, PREVIEW_LENGTH),
    attachment: view.attachment?.kind ?? null,
    fileName: cleanName(view.attachment?.name ?? '', PREVIEW_NAME_LENGTH),
    direction: view.direction,
    state: view.state,
    at: view.at,
    fromName: view.fromName,
    system: view.system,
  };
}

export function memberViews(live: LiveGroup, people: People): GroupMemberView[] {
  return live.group.members.view.members().map(({ id, role, state }): GroupMemberView => {
    const contact = people.contact(id);
    const me = id === live.group.id;
    return {
      id,
      number: people.number(id),
      name: nameOf(live, people, id),
      theirName: theirName(live, id),
      role,
      state,
      me,
      online: me || live.linked.has(id),
      // Whoever has not answered me yet is met in the group alone.
      contactId: contact && contact.theirs !== 'waiting' ? contact.id : null,
      asked: people.asked(id),
      twoFaced: live.forked.has(id) || isTwoFaced(live, id),
    };
  });
}

const isTwoFaced = (live: LiveGroup, id: MemberId): boolean =>
  live.transcript.items.some(
    (item) => item.is === 'message' && item.shown.entry.from === id && item.shown.verdict === 'conflict',
  );

/** Who came, or may come, by a card of mine. */
export interface Entrance {
  cards(live: LiveGroup): readonly GroupCardView[];
  requests(live: LiveGroup): readonly JoinRequestView[];
}

export function groupView(live: LiveGroup, people: People, entrance: Entrance): GroupView {
  const { record } = live;
  return {
    conversationId: live.id,
    name: groupName(live),
    picture: live.picture.shown,
    members: memberViews(live, people),
    role: roleOf(live),
    standing: standingOf(live),
    muted: record.muted,
    cards: entrance.cards(live),
    admission: record.admission,
    requests: entrance.requests(live),
    unreached: unreached(live),
  };
}

/** Where I am alone, or outside, leaving keeps nothing from anybody. */
function unreached(live: LiveGroup): number {
  const { group, files } = live;
  const joined = group.members.view.members().filter(({ state }) => state === 'joined');
  if (joined.length < 2 || !joined.some(({ id }) => id === group.id)) return 0;
  const counts = (entry: Entry) => group.history.verdict(entry) !== 'void' && canReach(live, entry);
  return group.drafts.filter(({ dropped }) => !dropped).length + files.onlyHere(counts);
}
