// Read marks, both ways. A mark is cumulative ("everything up to this sequence") with the exceptions named, because a
// message that arrives late must not count as read merely for having a small number.
import { toHex } from '../bytes/hex.ts';
import type { Store } from '../ports/store.ts';
import { deliver, isPending } from './delivery.ts';
import type { Entry } from './ledger.ts';
import { type ConversationRecord, decodeMessage, type MessageRecord, messageKey, positionOfKey } from './records.ts';

export interface ReadMark {
  readonly seq: number;
  readonly except: number[];
}

const PAGE = 256;
/** Sequences named beside a mark, at most. */
export const MAX_EXCEPTIONS = 1000;

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
  const upTo = Math.min(Math.max(position, before.readPosition), before.nextPosition - 1);
  if (!(upTo > before.readPosition || before.unseen.length > 0)) return false;
  const seen = (await messagesBetween(entry, store, before.readPosition, upTo)).filter(
    ([, record]) => record.direction === 'in',
  );
  const unseen = await stillUnseen(entry, before, upTo);
  for (const [at, record] of seen) {
    const incomplete = record.file !== undefined && record.fileState !== 'complete';
    if (incomplete && !unseen.some((one) => one.position === at)) unseen.push({ seq: record.seq, position: at });
  }
  const readSeq = seen.reduce((highest, [, record]) => Math.max(highest, record.seq), before.readSeq);
  // What arrived out of its order, or under a number that was used before, stands further down.
  for (const [at, record] of await messagesBetween(entry, store, upTo, before.nextPosition - 1))
    if (record.direction === 'in' && record.seq > before.readSeq && record.seq <= readSeq)
      unseen.push({ seq: record.seq, position: at });
  // What is behind the last message cannot be unread, whatever became of records that were counted once.
  const unread = upTo === before.nextPosition - 1 ? 0 : Math.max(0, before.unread - seen.length);
  entry.conversation = { ...before, readPosition: upTo, readSeq, unread, unseen: unseen.slice(-MAX_EXCEPTIONS) };
  return readSeq !== before.readSeq || unseen.length !== before.unseen.length || unread !== before.unread;
}

/** Messages at positions above `after` up to `upTo`, those included that are committed together with this entry. */
async function messagesBetween(entry: Entry, store: Store, after: number, upTo: number) {
  const { contactId } = entry;
  const range = { after: messageKey(contactId, after), before: messageKey(contactId, upTo + 1) };
  const rows = await store.list('messages', { prefix: `${contactId}/`, ...range });
  const stored = rows.map(({ key, value }): [number, MessageRecord] => [positionOfKey(key), decodeMessage(value)]);
  const pending = [...entry.pendingMessages()].filter(([position]) => position > after && position <= upTo);
  return [...new Map([...stored, ...pending])];
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

/** More than any honest word about my messages is ahead of me, however old the database is that I came back with. */
const MAX_AHEAD = 1_000_000;

/** They have read more than I wrote: this is an older database that was restored. The numbers that they know are not used again. */
export const nextSeqAfter = ({ nextSeq }: ConversationRecord, { seq }: Pick<ReadMark, 'seq'>): number =>
  seq >= nextSeq && seq < nextSeq + MAX_AHEAD ? seq + 1 : nextSeq;

/**
 * They have read mine up to the mark. Work for the ledger: walks back from the newest to where the last mark ended. `ackedSince`: ids that they
 * have acknowledged after they said it, while it waited for room here.
 */
export async function takeReadMark(
  entry: Entry,
  store: Store,
  mark: ReadMark,
  ackedSince: ReadonlySet<string>,
): Promise<void> {
  const before = entry.conversation;
  if (mark.seq < before.peerReadSeq) return;
  // What was excepted and still is cannot have changed: a file that never arrives must not make every mark walk back to it.
  const lifted = before.peerReadExcept.filter((seq) => !mark.except.includes(seq));
  const floor = Math.min(before.peerReadSeq, ...lifted.map((seq) => seq - 1));
  const notMeant: number[] = [];
  for await (const [position, record] of writtenAfter(entry, store, floor)) {
    const isLater = ackedSince.has(toHex(record.id));
    const next = isLater ? record : deliver(record, { type: 'read-up-to', seq: mark.seq, except: mark.except });
    if (next !== record) entry.putMessage(position, next);
    // Nobody says that it is there: they may have had a void in its place, or another message of the same number, written before this
    // database was put back to what it had been. Whoever has it says so, and repeats the mark.
    if ((isPending(record) || isLater) && record.seq <= mark.seq && !mark.except.includes(record.seq))
      notMeant.push(record.seq);
  }
  const peerReadExcept = [...mark.except, ...notMeant].slice(-MAX_EXCEPTIONS);
  entry.conversation = { ...before, nextSeq: nextSeqAfter(before, mark), peerReadSeq: mark.seq, peerReadExcept };
}

/** Messages of mine, newest first, down to this sequence; as work before this entry in the same commit has left them. */
async function* writtenAfter(entry: Entry, store: Store, floor: number): AsyncGenerator<[number, MessageRecord]> {
  const pending = entry.pendingMessages();
  let cursor: string | undefined;
  for (;;) {
    const page = await store.list('messages', {
      prefix: `${entry.contactId}/`,
      ...(cursor ? { before: cursor } : {}),
      reverse: true,
      limit: PAGE,
    });
    for (const { key, value } of page) {
      const position = positionOfKey(key);
      const record = pending.get(position) ?? decodeMessage(value);
      if (record.direction !== 'out') continue;
      if (record.seq <= floor) return;
      yield [position, record];
    }
    if (page.length < PAGE) return;
    cursor = page.at(-1)?.key;
  }
}
