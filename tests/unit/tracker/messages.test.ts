import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  announceMessage,
  answerMessage,
  binaryString,
  idFrom,
  offerMessage,
  parseIncoming,
} from '../../../src/adapters/tracker/messages.ts';

const topic = binaryString(Uint8Array.from({ length: 20 }, (_, index) => 255 - index));
const speaker = { topic, peerId: 'p'.repeat(20) };
const from = (message: object) => parseIncoming(JSON.stringify({ action: 'announce', info_hash: topic, ...message }));

describe('what is said to a tracker', () => {
  it('is an announce without offers when Kith only asks who is there', () => {
    expect(JSON.parse(announceMessage(speaker, 'started'))).toEqual({
      action: 'announce',
      info_hash: topic,
      peer_id: speaker.peerId,
      numwant: 0,
      uploaded: 0,
      downloaded: 0,
      left: 1,
      event: 'started',
    });
  });

  it('carries one sealed offer under several ids', () => {
    const { numwant, offers } = JSON.parse(offerMessage(speaker, ['a', 'b'], Uint8Array.of(255, 254)));
    expect(numwant).toBe(2);
    expect(offers).toEqual([
      { offer_id: 'a', offer: { type: 'offer', sdp: '__4' } },
      { offer_id: 'b', offer: { type: 'offer', sdp: '__4' } },
    ]);
  });

  it('addresses an answer to one peer and one offer', () => {
    expect(JSON.parse(answerMessage(speaker, 'to', 'offer', Uint8Array.of(0)))).toMatchObject({
      to_peer_id: 'to',
      offer_id: 'offer',
      answer: { type: 'answer', sdp: 'AA' },
    });
  });

  it('names peers and offers by 20 characters', () => {
    expect(idFrom(new Uint8Array(15).fill(255))).toHaveLength(20);
  });
});

describe('what a tracker says', () => {
  it.each([
    ['counts seeders and leechers, and not the one who asks', { complete: 2, incomplete: 3, interval: 120 }, 4],
    ['never counts below nobody', { complete: 0, incomplete: 0, interval: 120 }, 0],
    ['may leave the counts out', { interval: 120 }, undefined],
  ])('%s', (_title, message, others) => {
    expect(from(message)).toEqual({
      kind: 'counts',
      topic,
      intervalSeconds: 120,
      ...(others !== undefined && { others }),
    });
  });

  it('brings offers and answers', () => {
    const ids = { peer_id: 'x'.repeat(20), offer_id: 'y'.repeat(20) };
    expect(from({ ...ids, offer: { type: 'offer', sdp: 'AAE' } })).toEqual({
      kind: 'offer',
      topic,
      peerId: ids.peer_id,
      offerId: ids.offer_id,
      signal: Uint8Array.of(0, 1),
    });
    expect(from({ ...ids, answer: { type: 'answer', sdp: 'AAE' } })).toMatchObject({
      kind: 'answer',
      signal: Uint8Array.of(0, 1),
    });
  });

  it.each([
    ['a failure', { 'failure reason': 'no' }],
    ['an offer without a sender', { offer: { sdp: 'AAE' }, offer_id: 'y'.repeat(20) }],
    ['an offer that is a string', { offer: 'AAE', offer_id: 'y'.repeat(20), peer_id: 'x'.repeat(20), interval: 5 }],
    ['an offer that is not base64', { offer: { sdp: '?' }, offer_id: 'y'.repeat(20), peer_id: 'x'.repeat(20) }],
    ['an offer too long', { offer: { sdp: 'A'.repeat(24_577) }, offer_id: 'y'.repeat(20), peer_id: 'x'.repeat(20) }],
    ['a negative count', { complete: -1 }],
    ['a count that is a string', { complete: '5' }],
    ['another action', { action: 'scrape', complete: 1 }],
    ['another topic length', { info_hash: 'short', complete: 1 }],
  ])('is ignored when it is %s', (_title, message) => {
    expect(from(message)).toBeUndefined();
  });

  it('is ignored when its interval is endless', () => {
    const text = JSON.stringify({ action: 'announce', info_hash: topic, interval: 5 });
    expect(parseIncoming(text)).toBeDefined();
    expect(parseIncoming(text.replace('5}', '1e999}'))).toBeUndefined();
  });

  it('is ignored above 64 KiB, whatever it is', () => {
    expect(from({ complete: 1, padding: 'x'.repeat(65_536) })).toBeUndefined();
  });

  it('never makes Kith throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseIncoming(text);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});
