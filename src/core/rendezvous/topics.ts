// Where two people meet: opaque topics that only they can derive, another one each day (RENDEZVOUS.md, "Topics").
import { type Bytes, concat } from '../bytes/bytes.ts';
import { uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hmacSha256 } from '../crypto/kdf.ts';
import type { TopicUrgency } from '../ports/entry-point.ts';

const DAY_MS = 86_400_000;
/** The length of a BitTorrent info-hash, bytes: what entry points take. */
const TOPIC_BYTES = 20;
const LABEL = utf8('kith topic v1');

export interface Topic {
  readonly bytes: Bytes;
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

/** Today's topic first, then yesterday's and tomorrow's: clocks may differ by a day. `topicKey`: 32 bytes. */
export async function dailyTopics(topicKey: Uint8Array, day: number): Promise<Topic[]> {
  const derive = async (number: number, urgency: TopicUrgency): Promise<Topic> => ({
    bytes: await derivedTopic(topicKey, uint32be(number)),
    urgency,
  });
  return Promise.all([derive(day, 'now'), derive(day - 1, 'later'), derive(day + 1, 'later')]);
}

/** The one topic of a meeting that does not last for days (a card's). */
export async function singleTopic(topicKey: Uint8Array): Promise<Topic[]> {
  return [{ bytes: await derivedTopic(topicKey, new Uint8Array(0)), urgency: 'now' }];
}

async function derivedTopic(topicKey: Uint8Array, suffix: Uint8Array): Promise<Bytes> {
  return (await hmacSha256(topicKey, concat(LABEL, suffix))).slice(0, TOPIC_BYTES);
}
