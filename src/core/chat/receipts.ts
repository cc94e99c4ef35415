// Read marks, both ways. A mark is cumulative ("everything up to this sequence") with the exceptions named, because a
// message that arrives late must not count as read merely for having a small number.
import type { Store } from '../ports/store.ts';
import { deliver } from './delivery.ts';
import type { Entry } from './ledger.ts';
import { type ConversationRecord, decodeMessage, messageKey, positionOfKey } from './records.ts';

export interface ReadMark {
  readonly seq: number;
  readonly except: number[];
}

const PAGE = 256;
const MAX_EXCEPTIONS = 1000;

/** What to tell the other side. seq 0 means nothing has been read. */
export function readMark(conversation: ConversationRecord): ReadMark {
  const except = [...conversation.missing, ...conversation.unseen.map((one) => one.seq)]
    .filter((seq) => seq <= conversation.readSeq)
    .sort((a, b) => a - b);
  return { seq: conversation.readSeq, except: except.slice(-MAX_EXCEPTIONS) };
}

/** A person here has seen everything up to `position`. Work for the ledger; false when nothing changed. */
export async function markSeen(entry: Entry, store: Store, position: number): Promise<boolean> {
  const before = entry.conversation;
  if (position <= before.readPosition && before.unseen.length === 0) return false;
  const upTo = Math.max(position, before.readPosition);
  const prefix = `${entry.contactId}/`;
  const newlySeen = await store.list('messages', {
    prefix,
    after: messageKey(entry.contactId, before.readPosition),
    before: messageKey(entry.contactId, upTo + 1),
  });
  let readSeq = before.readSeq;
  const unseen = await stillUnseen(entry, before, upTo);
  for (const { key, value } of newlySeen) {
    const record = decodeMessage(value);
    if (record.direction !== 'in') continue;
    readSeq = Math.max(readSeq, record.seq);
    const at = positionOfKey(key);
    const incomplete = record.file !== undefined && record.fileState !== 'complete';
    if (incomplete && !unseen.some((one) => one.position === at)) unseen.push({ seq: record.seq, position: at });
  }
  const unread = await unreadAfter(entry.contactId, store, before, upTo);
  entry.conversation = { ...before, readPosition: upTo, readSeq, unread, unseen: unseen.slice(-MAX_EXCEPTIONS) };
  return readSeq !== before.readSeq || unseen.length !== before.unseen.length || unread !== before.unread;
}

async function stillUnseen(entry: Entry, conversation: ConversationRecord, upTo: number) {
  const unseen: { seq: number; position: number }[] = [];
  for (const one of conversation.unseen) {
    const record = await entry.message(one.position);
    const incomplete = record?.file !== undefined && record.fileState !== 'complete';
    if (record && (incomplete || one.position > upTo)) unseen.push(one);
  }
  return unseen;
}

async function unreadAfter(contactId: string, store: Store, conversation: ConversationRecord, upTo: number) {
  if (upTo >= conversation.nextPosition - 1) return 0;
  const later = await store.list('messages', { prefix: `${contactId}/`, after: messageKey(contactId, upTo) });
  return later.filter(({ value }) => decodeMessage(value).direction === 'in').length;
}

/** They have read mine up to the mark. Work for the ledger: walks back from the newest to where the last mark ended. */
export async function takeReadMark(entry: Entry, store: Store, mark: ReadMark): Promise<void> {
  const before = entry.conversation;
  if (mark.seq < before.peerReadSeq) return;
  const floor = Math.min(before.peerReadSeq, ...before.peerReadExcept.map((seq) => seq - 1));
  entry.conversation = { ...before, peerReadSeq: mark.seq, peerReadExcept: [...mark.except] };
  let cursor: string | undefined;
  for (;;) {
    const page = await store.list('messages', {
      prefix: `${entry.contactId}/`,
      ...(cursor ? { before: cursor } : {}),
      reverse: true,
      limit: PAGE,
    });
    for (const { key } of page) {
      const position = positionOfKey(key);
      const record = await entry.message(position);
      if (record?.direction !== 'out') continue;
      if (record.seq <= floor) return;
      const next = deliver(record, { type: 'read-up-to', seq: mark.seq, except: mark.except });
      if (next !== record) entry.putMessage(position, next);
    }
    if (page.length < PAGE) return;
    cursor = page.at(-1)?.key;
  }
}
