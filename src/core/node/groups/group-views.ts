// What the screens are told of groups. Pure functions of what the group knows; no view holds a key.
import { toHex } from '../../bytes/hex.ts';
import type { MemberState } from '../../group/gossip/receipts.ts';
import type { Line } from '../../group/lines.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { evaluateAll } from '../../group/membership/evaluate.ts';
import { cleanName } from '../../identity/names.ts';
import type {
  DropReason,
  GroupCardView,
  GroupConversationView,
  GroupMemberView,
  GroupStanding,
  GroupView,
  JoinRequestView,
  LastView,
  MemberReceipt,
  MessageView,
  ReceiptCounts,
  SystemLine,
} from '../../node-api.ts';
import type { Contact } from '../contact-book.ts';
import { PREVIEW_NAME_LENGTH } from '../views.ts';
import type { LiveGroup } from './live-group.ts';
import { type Item, isDropped } from './transcript.ts';

const PREVIEW_LENGTH = 120;

/** What is known of people outside the group. */
export interface People {
  contact(member: MemberId): Contact | undefined;
  /** '' while it is derived. */
  number(member: MemberId): string;
  /** I asked them to be a contact and wait. */
  asked(member: MemberId): boolean;
}

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

/** What they call themselves in the group, now or when they last belonged. */
function theirName(live: LiveGroup, member: MemberId): string {
  const known = live.group.members.view.member(member)?.name ?? evaluateAll(live.group.log).people.get(member)?.name;
  return cleanName(known ?? lastName(live, member));
}

/** Somebody who is gone is called as they called themselves. */
function lastName({ group }: LiveGroup, member: MemberId): string {
  for (const { operation, subject } of group.log.entries.slice(0, group.log.size).reverse()) {
    const { body } = operation;
    if (subject === member && (body.do === 'join' || body.do === 'create' || body.do === 'add')) return body.person;
  }
  return '';
}

const nameOf = (live: LiveGroup, people: People, member: MemberId): string =>
  people.contact(member)?.nickname || theirName(live, member);

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

/** When it was written, by its author's clock; of a line: when what stands before it was. */
function atOf(live: LiveGroup, item: Item): number {
  if (item.is === 'message') return item.shown.entry.message.at;
  if (item.is === 'draft') return item.at;
  const before = live.transcript.items
    .slice(0, live.transcript.items.indexOf(item))
    .findLast(({ is }) => is === 'message');
  return before?.is === 'message' ? before.shown.entry.message.at : live.record.createdAt;
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
  };
}

function mentionsOf(body: { readonly type: string; readonly mentions?: readonly Mentioned[] | undefined }) {
  return (body.mentions ?? []).map(({ start, length, member }) => ({ start, length, memberId: toHex(member) }));
}

interface Mentioned {
  readonly start: number;
  readonly length: number;
  readonly member: Uint8Array;
}

export function itemView(live: LiveGroup, people: People, item: Item): MessageView {
  const position = live.transcript.order.of(item.id) ?? 0;
  const at = atOf(live, item);
  const base = { conversationId: live.id, position, reason: null, at, attachment: null, cancellable: false };
  if (item.is === 'line') {
    const from = people.number(item.line.who);
    const none = { state: 'delivered', text: '', missingBefore: 0, receipts: null, twoFaced: false } as const;
    const rest = { mentions: [], mentionsMe: false, fromId: item.line.who, fromName: '' };
    return { ...base, ...none, ...rest, id: item.id, direction: 'in', from, system: lineView(live, people, item.line) };
  }
  if (item.is === 'draft') return draftView(live, people, item, base);
  const { entry, verdict, missing } = item.shown;
  const { body } = entry.message;
  const mine = entry.from === live.group.id;
  const isOut = isDropped(item);
  const receipts = mine && !isOut ? receiptCounts(live, item) : null;
  const mentions = mentionsOf(body);
  return {
    ...base,
    attachment: body.type === 'file' ? live.files.view(body.file, entry.hash) : null,
    id: item.id,
    direction: mine ? 'out' : 'in',
    ...(isOut ? { state: 'dropped', reason: 'not-counted' } : { state: receipts ? stateOf(receipts) : 'delivered' }),
    from: people.number(entry.from),
    text: body.type === 'text' ? body.text : '',
    missingBefore: missing.length,
    fromId: entry.from,
    fromName: mine ? '' : nameOf(live, people, entry.from),
    system: null,
    receipts,
    twoFaced: verdict === 'conflict',
    mentions,
    mentionsMe: mentions.some(({ memberId }) => memberId === live.group.id),
  };
}

/** Written, and nobody was there to take it. */
function draftView(
  live: LiveGroup,
  people: People,
  { id, draft }: Extract<Item, { is: 'draft' }>,
  base: Pick<MessageView, 'conversationId' | 'position' | 'reason' | 'at' | 'attachment' | 'cancellable'>,
): MessageView {
  const mentions = draft.body.type === 'text' ? mentionsOf(draft.body) : [];
  const isOut = draft.dropped === true || !hasJoined(live.group.members.view, live.group.id);
  const file = draft.body.type === 'file' ? live.files.view(draft.body.file, undefined) : null;
  return {
    ...base,
    ...(isOut ? { state: 'dropped', reason: 'not-in-group' } : { state: 'queued', cancellable: true }),
    attachment: file && isOut ? { ...file, state: 'failed' } : file,
    id,
    direction: 'out',
    from: people.number(live.group.id),
    text: draft.body.type === 'text' ? draft.body.text : '',
    missingBefore: 0,
    fromId: live.group.id,
    fromName: '',
    system: null,
    receipts: null,
    twoFaced: false,
    mentions,
    mentionsMe: false,
  };
}

/** With nobody else in the group there is nobody to reach. */
function stateOf({ delivered, read, of }: ReceiptCounts): MessageView['state'] {
  if (of > 0 && read === of) return 'read';
  return delivered > 0 || of === 0 ? 'delivered' : 'sent';
}

function memberStates(live: LiveGroup, item: Extract<Item, { is: 'message' }>): Map<MemberId, MemberState> {
  const { history, members, receipts } = live.group;
  return receipts.statesOf(item.shown.entry, history, members);
}

function receiptCounts(live: LiveGroup, item: Extract<Item, { is: 'message' }>): ReceiptCounts {
  const states = [...memberStates(live, item).values()].map(({ state }) => state);
  const read = states.filter((state) => state === 'read').length;
  return { read, delivered: read + states.filter((state) => state === 'delivered').length, of: states.length };
}

const reasons: Readonly<Record<string, DropReason>> = {
  removed: 'not-a-contact',
  left: 'not-a-contact',
  'too-large': 'too-large',
  'disk-full': 'disk-full',
};

export function memberReceipts(live: LiveGroup, people: People, messageId: string): MemberReceipt[] | undefined {
  const item = live.transcript.items.find(
    (one) => one.is === 'message' && !isDropped(one) && one.shown.entry.from === live.group.id && one.id === messageId,
  );
  if (item?.is !== 'message') return undefined;
  return [...memberStates(live, item)].map(([id, told]) => ({
    id,
    name: nameOf(live, people, id),
    state: told.state,
    reason: told.state === 'dropped' ? (reasons[told.reason] ?? 'not-a-contact') : null,
  }));
}

function lineView(live: LiveGroup, people: People, { who, whom, body }: Line): SystemLine {
  const name = (id: MemberId) => (id === live.group.id ? null : nameOf(live, people, id));
  switch (body.do) {
    case 'create':
      return { what: 'created', who: name(who) };
    case 'add':
      // Who came by a card asked for it: an admin's page let them in.
      return body.by ? { what: 'joined', who: name(whom) } : { what: 'invited', who: name(who), whom: name(whom) };
    case 'remove':
      return { what: 'removed', who: name(who), whom: name(whom) };
    case 'promote':
      return { what: 'made-admin', who: name(who), whom: name(whom) };
    case 'rename':
      return { what: 'renamed', who: name(who), name: cleanName(body.name) };
    case 'leave':
      return { what: 'left', who: name(who) };
    case 'picture':
      return { what: 'picture', who: name(who) };
    default:
      return { what: 'joined', who: name(who) };
  }
}
