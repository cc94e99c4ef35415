import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import {
  dailyTopics,
  dayNumber,
  type MeetingKeys,
  singleTopic,
  untilMidnight,
} from '../../../src/core/rendezvous/topics.ts';
import { keysOf } from '../../fixtures/meeting.ts';

const ana = keysOf(1, 'initiator');
const ben = keysOf(1, 'responder');
const today = 20_619;

const hmac = (key: Uint8Array, label: string, side: number | undefined, day: number | undefined) => {
  const suffix = Buffer.alloc(day === undefined ? 0 : 4);
  if (day !== undefined) suffix.writeUInt32BE(day);
  const whose = Buffer.from(side === undefined ? [] : [side]);
  return new Uint8Array(createHmac('sha256', key).update(label).update(whose).update(suffix).digest());
};
/** As RENDEZVOUS.md has it. */
const expected = ({ topicKey, recordKey }: MeetingKeys, side: 1 | 2, urgency: string, day?: number) => {
  const bytes = hmac(topicKey, 'kith topic v1', undefined, day).slice(0, 20);
  const mine = hmac(recordKey, 'kith record v1', side, day);
  const theirs = hmac(recordKey, 'kith record v1', 3 - side, day);
  const key = hmac(recordKey, 'kith record seal v1', undefined, day);
  return { bytes, urgency, place: { topic: bytes, mine, theirs, key } };
};

describe('topics', () => {
  it('are the first 20 bytes of HMAC-SHA-256 over the UTC day: today first and at once, its neighbours later', async () => {
    expect(await dailyTopics(ana, today)).toEqual([
      expected(ana, 1, 'now', today),
      expected(ana, 1, 'later', today - 1),
      expected(ana, 1, 'later', today + 1),
    ]);
    expect(await dailyTopics(ben, today)).toEqual([
      expected(ben, 2, 'now', today),
      expected(ben, 2, 'later', today - 1),
      expected(ben, 2, 'later', today + 1),
    ]);
  });

  it('of a card are one that no day changes', async () => {
    expect(await singleTopic(ana)).toEqual([expected(ana, 1, 'now')]);
  });

  it('change at midnight UTC', () => {
    const midnight = Date.UTC(2026, 5, 16);
    expect(dayNumber(midnight) - dayNumber(midnight - 1)).toBe(1);
    expect(untilMidnight(midnight - 1)).toBe(1);
    expect(untilMidnight(midnight)).toBe(86_400_000);
  });
});

describe('places', () => {
  it('are each the other one turned round: where Ana writes Ben reads, under one key', async () => {
    const [hers, his] = await Promise.all([dailyTopics(ana, today), dailyTopics(ben, today)]);
    for (const [index, { place }] of hers.entries()) {
      const other = his[index]?.place;
      expect([place.topic, place.mine, place.theirs, place.key]).toEqual([
        other?.topic,
        other?.theirs,
        other?.mine,
        other?.key,
      ]);
    }
  });

  it('have nothing in common with those of another day, or of another pair', async () => {
    const all = [
      ...(await dailyTopics(ana, today)),
      ...(await dailyTopics(keysOf(2), today)),
      ...(await singleTopic(ana)),
    ];
    const values = all.flatMap(({ place }) => [place.topic, place.mine, place.theirs, place.key]);
    expect(new Set(values.map(toHex)).size).toBe(4 * all.length);
  });
});
