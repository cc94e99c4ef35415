import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dailyTopics, dayNumber, singleTopic, untilMidnight } from '../../../src/core/rendezvous/topics.ts';

const topicKey = new Uint8Array(32).fill(7);
const hmac = (day?: number) => {
  const suffix = Buffer.alloc(day === undefined ? 0 : 4);
  if (day !== undefined) suffix.writeUInt32BE(day);
  const label = Buffer.from('kith topic v1');
  return new Uint8Array(createHmac('sha256', topicKey).update(label).update(suffix).digest().subarray(0, 20));
};

describe('topics', () => {
  it('are the first 20 bytes of HMAC-SHA-256 over the UTC day: today first and at once, its neighbours later', async () => {
    const day = 20_619;
    expect(await dailyTopics(topicKey, day)).toEqual([
      { bytes: hmac(day), urgency: 'now' },
      { bytes: hmac(day - 1), urgency: 'later' },
      { bytes: hmac(day + 1), urgency: 'later' },
    ]);
  });

  it('of a card are one that no day changes', async () => {
    expect(await singleTopic(topicKey)).toEqual([{ bytes: hmac(), urgency: 'now' }]);
  });

  it('change at midnight UTC', () => {
    const midnight = Date.UTC(2026, 5, 16);
    expect(dayNumber(midnight) - dayNumber(midnight - 1)).toBe(1);
    expect(untilMidnight(midnight - 1)).toBe(1);
    expect(untilMidnight(midnight)).toBe(86_400_000);
  });
});
