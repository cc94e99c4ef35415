// After an older backup, on either side (CHAT.md, "An older backup"): whoever came back asks where the other stands before it sends anything,
// and the other puts what was lost into its outbox once more.

import { toHex } from '../bytes/hex.ts';
import type { Store } from '../ports/store.ts';
import type { ResyncedMessage, ResyncMessage } from '../wire/chat-messages.ts';
import { deliver, isPending } from './delivery.ts';
import type { Entry } from './ledger.ts';
import { nextSeqAfter } from './receipts.ts';
import {
  type ConversationRecord,
  decodeMessage,
  decodeOutbox,
  encodeOutbox,
  encodePlace,
  idKey,
  type MessageRecord,
  type OutboxRecord,
  outboxKey,
  positionOfKey,
  unlessDamaged,
} from './records.ts';

const PAGE = 256;
/** As many as whoever asks remembers (inbox.ts). */
const MAX_COMING = 1000;

/** What whoever came back asks; undefined when there is nothing to ask. */
export function resyncRequest({ resync, peerSeq, missing }: ConversationRecord): ResyncMessage | undefined {
  if (resync === undefined) return undefined;
  return resync === 'again'
    ? { type: 'resync', from: peerSeq, missing: [...missing] }
    : { type: 'resync', missing: [] };
}

export interface SentAgain {
  readonly answer: ResyncedMessage;
  /** Files of which they may have nothing any more. */
  readonly files: readonly Uint8Array[];
}

/** Work for the ledger: what they had acknowledged and have lost is on its way again, and no longer counts as delivered. */
export async function sendAgain(entry: Entry, store: Store, request: ResyncMessage): Promise<SentAgain> {
  const { nextSeq, peerSeq } = entry.conversation;
  const waiting = await store.list('outbox', { prefix: `${entry.contactId}/` });
  const coming = new Set(await rowsOf(waiting).then((rows) => rows.map(({ seq }) => seq)));
  // What is written in the same commit.
  for (const record of entry.pendingMessages().values())
    if (record.direction === 'out' && isPending(record)) coming.add(record.seq);
  const answer = (): ResyncedMessage => ({
    type: 'resynced',
    last: nextSeq - 1,
    seen: peerSeq,
    coming: [...coming].sort((a, b) => a - b).slice(-MAX_COMING),
  });
  const { from, missing } = request;
  if (from === undefined) return { answer: answer(), files: [] };
  const lost = new Set(missing);
  const floor = Math.min(from, ...missing.map((seq) => seq - 1));
  const files: Uint8Array[] = [];
  for await (const [position, record] of mine(entry, store, floor)) {
    const next = record.seq > from || lost.has(record.seq) ? deliver(record, { type: 'lost' }) : record;
    // Also of one that waits already: its message had not heard yet that they had all of it.
    if (record.file && isPending(next)) files.unshift(record.id);
    if (next === record) continue;
    const place = { id: record.id, seq: record.seq, position };
    entry.putMessage(position, record.file ? { ...next, fileState: 'waiting' } : next);
    entry.put('outbox', outboxKey(entry.contactId, record.seq), encodeOutbox(place));
    coming.add(record.seq);
  }
  return { answer: answer(), files };
}

/** What I wrote above this sequence, the newest first, as the work before this in the same commit has left it. */
async function* mine(entry: Entry, store: Store, floor: number): AsyncGenerator<[number, MessageRecord]> {
  const pending = entry.pendingMessages();
  for (let before: string | undefined; ; ) {
    const range = before === undefined ? {} : { before };
    const page = await store.list('messages', { prefix: `${entry.contactId}/`, ...range, reverse: true, limit: PAGE });
    for (const { key, value } of page) {
      const position = positionOfKey(key);
      const record = pending.get(position) ?? decodeMessage(value);
      if (record.direction !== 'out') continue;
      if (record.seq <= floor) return;
      yield [position, record];
    }
    before = page.at(-1)?.key;
    if (page.length < PAGE || before === undefined) return;
  }
}

/** Those that can be read: for the others there is mending.ts. */
async function rowsOf(stored: readonly { readonly value: Uint8Array }[]): Promise<OutboxRecord[]> {
  const rows = await Promise.all(stored.map(({ value }) => unlessDamaged(async () => decodeOutbox(value))));
  return rows.filter((row) => row !== undefined);
}

/** Positions and records of what waits and has never left, in its order, what is written in the same commit included. */
async function neverSent(entry: Entry, store: Store): Promise<[number, MessageRecord][]> {
  const rows = await rowsOf(await store.list('outbox', { prefix: `${entry.contactId}/` }));
  const positions = new Set([...rows.map(({ position }) => position), ...entry.pendingMessages().keys()]);
  const unsent: [number, MessageRecord][] = [];
  for (const position of positions) {
    const record = await entry.message(position);
    const waits = record?.direction === 'out' && record.state === 'queued';
    if (waits && !record.everSent) unsent.push([position, record]);
  }
  return unsent.sort(([, one], [, other]) => one.seq - other.seq);
}

function renumber(entry: Entry, position: number, record: MessageRecord, seq: number): void {
  const { contactId } = entry;
  entry.put('outbox', outboxKey(contactId, seq), encodeOutbox({ id: record.id, seq, position }));
  entry.put('message-keys', idKey(contactId, toHex(record.id)), encodePlace({ position, seq, void: false }));
  entry.putMessage(position, { ...record, seq });
}

const upTo = (end: number, from: number): number[] => Array.from({ length: end - from }, (_, at) => from + at);

/**
 * Work for the ledger: the other side has told where it stands. What was never sent gets numbers behind all that it has ever seen of
 * mine, or its read mark would speak of them, in the order in which it was written. Missing is what it says is on its way, and nothing else: what it does not have any more
 * never comes. It stays missing until it is here, for another device of this identity may be the one that gets it. `peerSeq`: when it was told;
 * what is missing above has been skipped since, while there was no room for this.
 */
export async function takeResynced(entry: Entry, store: Store, told: ResyncedMessage, peerSeq = 0): Promise<void> {
  const { last, seen, coming } = told;
  const { resync, ...before } = entry.conversation;
  // It was told twice.
  if (resync === undefined) return;
  const unsent = await neverSent(entry, store);
  const first = nextSeqAfter(before, { seq: seen });
  const own = unsent.map(([, { seq }]) => seq).filter((seq) => seq > seen);
  const nextSeq = first + unsent.length - own.length;
  if (nextSeq > first) {
    for (const [, { seq }] of unsent) entry.remove('outbox', outboxKey(entry.contactId, seq));
    // Each takes the number of the next one that keeps a good one, so that no gap is left among them.
    const numbers = [...own, ...upTo(nextSeq, first)];
    for (const [at, [position, record]] of unsent.entries())
      renumber(entry, position, record, numbers[at] ?? record.seq);
  }
  const isHere = (seq: number) => seq <= before.peerSeq && !before.missing.includes(seq);
  const skipped = before.missing.filter((seq) => seq > last && seq > peerSeq);
  const missing = [...coming.filter((seq) => seq <= last && !isHere(seq)), ...skipped];
  entry.conversation = { ...before, nextSeq, peerSeq: Math.max(before.peerSeq, last), missing };
}
