// What the screens are told, made from what the rooms know. Pure functions; no view holds a key.
import { toHex } from '../bytes/hex.ts';
import type { ChangedMessage } from '../chat/ledger.ts';
import type { ConversationRecord, MessageRecord } from '../chat/records.ts';
import { type ErrorKind, errorKinds } from '../errors.ts';
import { cleanFileName, cleanMediaType, cleanName } from '../identity/names.ts';
import type {
  AttachmentKind,
  AttachmentView,
  ContactState,
  DirectConversationView,
  GroupMessagePart,
  LastView,
  MessageView,
  Presence,
  Route,
} from '../node-api.ts';
import { type Contact, nameOf } from './contact-book.ts';
import { isTombstone } from './standing.ts';

/** Longest preview of a message in the list, UTF-16 units. */
const PREVIEW_LENGTH = 120;

/** Longest name of a file there, code points: more than fits beside its kind on a phone. */
export const PREVIEW_NAME_LENGTH = 60;

/** Whether they are there, and how. */
export interface Reach {
  readonly presence: Presence;
  readonly route: Route;
}

/** What transfer knows right now of a file that moves. */
export interface LiveTransfer {
  readonly state: AttachmentView['state'];
  readonly progress: number;
}

/** What only messages of groups have. */
const betweenTwo: GroupMessagePart = {
  fromId: '',
  fromName: '',
  system: null,
  receipts: null,
  twoFaced: false,
  fileStanding: null,
  mentions: [],
  mentionsMe: false,
};

export function messageView(
  conversationId: string,
  { position, record }: ChangedMessage,
  conversation: ConversationRecord | undefined,
  from: string,
  live: LiveTransfer | undefined,
): MessageView {
  return {
    id: toHex(record.id),
    conversationId,
    position,
    direction: record.direction,
    state: record.state,
    reason: record.reason ?? null,
    from,
    text: record.text,
    at: record.at,
    attachment: attachmentView(record, live),
    missingBefore: stillMissing(record, conversation),
    cancellable: record.direction === 'out' && record.state === 'queued' && !record.everSent,
    ...betweenTwo,
  };
}

/** Of the gap seen on arrival, what has not come since. */
function stillMissing(record: MessageRecord, conversation: ConversationRecord | undefined): number {
  if (record.missingBefore === 0 || !conversation) return 0;
  const from = record.seq - record.missingBefore;
  return conversation.missing.filter((seq) => seq >= from && seq < record.seq).length;
}

function attachmentView(record: MessageRecord, live: LiveTransfer | undefined): AttachmentView | null {
  const { file, fileState } = record;
  if (!file) return null;
  const state = fileState === 'complete' || fileState === 'failed' ? fileState : (live?.state ?? 'waiting');
  return {
    // Whoever sent it may not have cleaned them.
    name: cleanFileName(file.name),
    size: file.size,
    type: cleanMediaType(file.mediaType),
    kind: attachmentKind(file.mediaType),
    state,
    progress: state === 'complete' ? 1 : (live?.progress ?? 0),
    sha256: state === 'complete' ? toHex(file.sha256) : null,
    thumbnail: file.thumbnail ?? null,
    error: state === 'failed' ? errorKindOf(record.fileError) : null,
  };
}

function errorKindOf(text: string | undefined): ErrorKind {
  return errorKinds.find((kind) => kind === text) ?? 'internal';
}

/** By declared type only: what is shown as a picture is decided by what the bytes are (transfer/sniff.ts). */
export function attachmentKind(mediaType: string): AttachmentKind {
  const [family] = mediaType.split('/');
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document';
}

export function conversationView(
  contact: Contact,
  conversation: ConversationRecord,
  last: ChangedMessage | undefined,
  reach: Reach,
  /** Who introduced them, if they are known here. */
  introducer?: Contact,
): DirectConversationView {
  return {
    id: contact.id,
    kind: 'direct',
    number: contact.number,
    name: nameOf(contact),
    theirName: contact.theirName,
    nickname: contact.nickname,
    presence: reach.presence,
    route: reach.route,
    trust: contact.trust,
    ...(contact.way && contact.way !== 'card' && { way: contact.way }),
    ...(contact.trust === 'introduced' && { introducedBy: introducerName(contact, introducer) }),
    state: stateOf(contact),
    unread: conversation.unread,
    changedAt: conversation.changedAt,
    last: last ? lastView(last.record) : null,
    giveUpAfter: conversation.giveUpAfter,
  };
}

/** As they are called now; whoever is in the list no more, as they were called then. */
const introducerName = ({ introducedBy }: Contact, introducer: Contact | undefined): string =>
  (introducer && !isTombstone(introducer) && nameOf(introducer)) || (introducedBy?.name ?? '');

function stateOf(contact: Contact): ContactState {
  if (contact.mine === 'blocked') return 'blocked';
  if (contact.theirs === 'waiting') return 'waiting';
  return contact.theirs === 'accepted' ? 'active' : 'declined';
}

function lastView(record: MessageRecord): LastView {
  return {
    text: record.text.slice(0, PREVIEW_LENGTH),
    attachment: record.file ? attachmentKind(record.file.mediaType) : null,
    fileName: record.file ? cleanName(cleanFileName(record.file.name), PREVIEW_NAME_LENGTH) : '',
    direction: record.direction,
    state: record.state,
    at: record.at,
    fromName: '',
    system: null,
  };
}
