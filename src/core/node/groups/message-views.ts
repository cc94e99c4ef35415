// What the screens are told of a group's messages, and of the lines between them.
import { toHex } from '../../bytes/hex.ts';
import type { MemberState } from '../../group/gossip/receipts.ts';
import type { Entry } from '../../group/history/entry.ts';
import type { Line } from '../../group/lines.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { cleanName } from '../../identity/names.ts';
import type {
  AttachmentView,
  DropReason,
  FileStanding,
  MemberReceipt,
  MessageView,
  ReceiptCounts,
  SystemLine,
} from '../../node-api.ts';
import type { LiveGroup } from './live-group.ts';
import { nameOf, type People } from './people.ts';
import { type Item, isDropped } from './transcript.ts';

/** When it was written, by its author's clock; of a line: when what stands before it was. */
export function atOf(live: LiveGroup, item: Item): number {
  if (item.is === 'message') return item.shown.entry.message.at;
  if (item.is === 'draft') return item.at;
  const before = live.transcript.items
    .slice(0, live.transcript.items.indexOf(item))
    .findLast(({ is }) => is === 'message');
  return before?.is === 'message' ? before.shown.entry.message.at : live.record.createdAt;
}

export function mentionsOf(body: { readonly type: string; readonly mentions?: readonly Mentioned[] | undefined }) {
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
    const none = {
      state: 'delivered',
      text: '',
      missingBefore: 0,
      receipts: null,
      twoFaced: false,
      fileStanding: null,
    } as const;
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
  const attachment = body.type === 'file' ? live.files.view(body.file, entry.hash) : null;
  const fileStanding = standingOfFile(live, entry, attachment);
  const hasReached = attachment === null || live.files.reach(entry.hash) === 'elsewhere';
  return {
    ...base,
    attachment,
    id: item.id,
    direction: mine ? 'out' : 'in',
    ...(isOut
      ? { state: 'dropped', reason: 'not-counted' }
      : { state: receipts ? stateOf(receipts, hasReached) : 'delivered' }),
    from: people.number(entry.from),
    text: body.type === 'text' ? body.text : '',
    missingBefore: missing.length,
    fromId: entry.from,
    fromName: mine ? '' : nameOf(live, people, entry.from),
    system: null,
    receipts,
    twoFaced: verdict === 'conflict',
    fileStanding,
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
    fileStanding: null,
    mentions,
    mentionsMe: false,
  };
}

function standingOfFile(live: LiveGroup, entry: Entry, attachment: AttachmentView | null): FileStanding | null {
  const { id, members } = live.group;
  if (attachment === null || !hasJoined(members.view, id)) return null;
  if (entry.from === id)
    return live.files.reach(entry.hash) === 'only-here' && canReach(live, entry) ? 'only-here' : null;
  return attachment.state === 'waiting' && !hasJoined(members.view, entry.from) ? 'sender-gone' : null;
}

/** Somebody else belongs to the group who may have what this message of mine brings. */
export function canReach({ group }: LiveGroup, entry: Entry): boolean {
  const isReader = (member: MemberId) => member !== group.id && group.mayRead(entry, member);
  return group.members.view.members().some(({ id, state }) => state === 'joined' && isReader(id));
}

/** With nobody else in the group there is nobody to reach. */
function stateOf({ delivered, read, of }: ReceiptCounts, hasReached: boolean): MessageView['state'] {
  // The words have arrived, and what they announce has not.
  if (of > 0 && !hasReached) return 'sent';
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
