// Where two people meet: opaque topics that only they can derive, another one each day (RENDEZVOUS.md, "Topics").
import { type Bytes, concat } from '../bytes/bytes.ts';
import { uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hmacSha256 } from '../crypto/kdf.ts';
import type { MeetingPlace, TopicUrgency } from '../ports/entry-point.ts';

const DAY_MS = 86_400_000;
/** The length of a BitTorrent info-hash, bytes: what entry points take. */
const TOPIC_BYTES = 20;
const TOPIC_LABEL = utf8('kith topic v1');
const RECORD_LABEL = utf8('kith record v1');
const SEAL_LABEL = utf8('kith record seal v1');
const SIDE_BYTES = { initiator: Uint8Array.of(1), responder: Uint8Array.of(2) } as const;

/** Which of the two I am: contacts by their fingerprints, as in sessions; whoever took a card initiates. */
export type MeetingSide = keyof typeof SIDE_BYTES;

/** 32 bytes each: where to meet, what signals are sealed with, and what records in the overlay come from. */
export interface MeetingKeys {
  readonly topicKey: Uint8Array;
  readonly signalKey: Uint8Array;
  readonly recordKey: Uint8Array;
  readonly side: MeetingSide;
  /** Several may wait on one side, who do not look for each other: an offer is for the other side alone. */
  readonly isCrowd?: boolean;
}

export interface Topic {
  /** The place's topic, 20 bytes. */
  readonly bytes: Bytes;
  readonly place: MeetingPlace;
  readonly urgency: TopicUrgency;
}

/** UTC days since 1970-01-01. */
export function dayNumber(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** Milliseconds until the next UTC midnight: 1 to 86,400,000. */
export function untilMidnight(now: number): number {
  return (dayNumber(now) + 1) * DAY_MS - now;
}

/** Today's topic first, then yesterday's and tomorrow's: clocks may differ by a day. */
export async function dailyTopics(meeting: MeetingKeys, day: number): Promise<Topic[]> {
  const derive = (number: number, urgency: TopicUrgency) => derivedTopic(meeting, uint32be(number), urgency);
  return Promise.all([derive(day, 'now'), derive(day - 1, 'later'), derive(day + 1, 'later')]);
}

/** The one topic of a meeting that does not last for days (a card's). */
export async function singleTopic(meeting: MeetingKeys): Promise<Topic[]> {
  return [await derivedTopic(meeting, new Uint8Array(0), 'now')];
}

async function derivedTopic(meeting: MeetingKeys, suffix: Uint8Array, urgency: TopicUrgency): Promise<Topic> {
  const { topicKey, recordKey, side } = meeting;
  const seed = (of: MeetingSide) => hmacSha256(recordKey, concat(RECORD_LABEL, SIDE_BYTES[of], suffix));
  const [whole, mine, theirs, key] = await Promise.all([
    hmacSha256(topicKey, concat(TOPIC_LABEL, suffix)),
    seed(side),
    seed(side === 'initiator' ? 'responder' : 'initiator'),
    hmacSha256(recordKey, concat(SEAL_LABEL, suffix)),
  ]);
  const bytes = whole.slice(0, TOPIC_BYTES);
  return { bytes, urgency, place: { topic: bytes, mine, theirs, key } };
}
