// Takes in what a contact sends: stored first, in order, once, and only then acknowledged. What arrives while a commit is
// under way shares the next one (ledger.ts).
import { toHex } from '../bytes/hex.ts';
import type { FileMessage, FileOffer, SequencedMessage, TextMessage } from '../wire/chat-messages.ts';
import { withWholeFile } from './file-messages.ts';
import type { Entry } from './ledger.ts';
import { findPlace } from './places.ts';
import { type ConversationRecord, encodePlace, idKey, type MessageRecord, type Place } from './records.ts';

/** How many missing sequences of one contact are remembered; a jump beyond it is shown as a gap of this size. */
const MAX_MISSING = 1000;

export type Outcome =
  /** New or known, and all of it is on the disk. */
  | { readonly type: 'stored'; readonly again: boolean }
  | { readonly type: 'voided' }
  /** The message is on the disk, its file is still to come: as it was offered first. */
  | { readonly type: 'file-expected'; readonly offer: FileOffer }
  /** The person here removed or cancelled it. */
  | { readonly type: 'file-unwanted' };

type HasFile = (contactId: string, fileId: Uint8Array) => boolean;

/**
 * Work for the ledger: stores one message of theirs, or finds that it is there already.
 * @param hasFile Whether all of this file of theirs is on the disk; its message may not have heard of it.
 */
export async function takeIn(entry: Entry, message: SequencedMessage, now: number, hasFile: HasFile): Promise<Outcome> {
  const key = idKey(entry.contactId, toHex(message.id));
  const place = await findPlace(entry, toHex(message.id));
  if (message.type === 'void') {
    if (!place) {
      entry.put('message-keys', key, encodePlace({ position: 0, seq: message.seq, void: true }));
      entry.conversation = noteSequence(entry.conversation, message.seq).conversation;
    }
    // Its sender gave it up and does not know that it came: what is here is acknowledged, or they would be told that it is not.
    return place && place !== 'damaged' && (await isWholeAt(entry, place, hasFile))
      ? { type: 'stored', again: true }
      : { type: 'voided' };
  }
  // Whether it was stored or only a void in its place cannot be told, and it is not here: stored now, what is acknowledged is true.
  if (place && place !== 'damaged' && !place.void) {
    // Sent by a device that had been restored, it has another number than the first time.
    entry.conversation = noteSequence(entry.conversation, message.seq).conversation;
    return knownMessage(entry, message, place.position);
  }
  append(entry, message, key, now);
  return message.type === 'file' ? { type: 'file-expected', offer: message.file } : { type: 'stored', again: false };
}

async function isWholeAt(entry: Entry, { position }: Place, hasFile: HasFile): Promise<boolean> {
  const record = position > 0 ? await entry.message(position) : undefined;
  if (record?.direction === 'in' && record.fileState === 'waiting' && hasFile(entry.contactId, record.id)) {
    entry.putMessage(position, withWholeFile(record));
    return true;
  }
  return record !== undefined && isWhole(record);
}

/** A message of theirs, with all that belongs to it. */
export const isWhole = ({ direction, file, fileState }: MessageRecord): boolean =>
  direction === 'in' && (!file || fileState === 'complete');

async function knownMessage(entry: Entry, message: TextMessage | FileMessage, position: number): Promise<Outcome> {
  if (message.type === 'text') return { type: 'stored', again: true };
  const record = await entry.message(position);
  // The id of a text, or of something I wrote, names no file of theirs.
  if (!record?.file || record.direction !== 'in') return { type: 'file-unwanted' };
  if (record.fileState === 'complete') return { type: 'stored', again: true };
  if (record.fileState === 'failed') {
    // Offered again after it failed or was cancelled: the other side pressed Retry.
    const { fileError: _, ...rest } = record;
    entry.putMessage(position, { ...rest, fileState: 'waiting' });
  }
  // An id names one file for ever, whatever a repeated offer says.
  return { type: 'file-expected', offer: record.file };
}

function append(entry: Entry, message: TextMessage | FileMessage, key: string, now: number): void {
  const position = entry.conversation.nextPosition;
  const { conversation, missingBefore } = noteSequence(entry.conversation, message.seq);
  const late = message.seq <= entry.conversation.readSeq;
  entry.conversation = {
    ...conversation,
    nextPosition: position + 1,
    lastPosition: position,
    changedAt: now,
    unread: conversation.unread + 1,
    unseen: late ? [...conversation.unseen, { seq: message.seq, position }].slice(-MAX_MISSING) : conversation.unseen,
  };
  entry.putMessage(position, recordOf(message, now, missingBefore));
  entry.put('message-keys', key, encodePlace({ position, seq: message.seq, void: false }));
}

function recordOf(message: TextMessage | FileMessage, now: number, missingBefore: number): MessageRecord {
  return {
    v: 1,
    id: message.id,
    direction: 'in',
    seq: message.seq,
    seen: message.seen,
    at: now,
    sentAt: message.at,
    text: message.type === 'text' ? message.text : '',
    ...(message.type === 'file' ? { file: message.file, fileState: 'waiting' as const } : {}),
    state: 'delivered',
    everSent: true,
    missingBefore,
  };
}

/** Keeps account of gaps: which sequences below the highest are not here. */
export function noteSequence(
  conversation: ConversationRecord,
  seq: number,
): { conversation: ConversationRecord; missingBefore: number } {
  if (seq <= conversation.peerSeq) {
    if (!conversation.missing.includes(seq)) return { conversation, missingBefore: 0 };
    return {
      conversation: { ...conversation, missing: conversation.missing.filter((one) => one !== seq) },
      missingBefore: 0,
    };
  }
  const gap = Math.min(seq - conversation.peerSeq - 1, MAX_MISSING);
  const jumped = Array.from({ length: gap }, (_, index) => seq - gap + index);
  return {
    conversation: { ...conversation, peerSeq: seq, missing: [...conversation.missing, ...jumped].slice(-MAX_MISSING) },
    missingBefore: gap,
  };
}
