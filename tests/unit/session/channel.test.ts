// What the other side may say once it has the keys, and what ends the channel although it authenticates. The other side here is no
// channel: it seals whatever a test wants.
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { KithError } from '../../../src/core/errors.ts';
import { encodeFrame, frameKinds } from '../../../src/core/session/outer-frame.ts';
import { sealedTypes } from '../../../src/core/session/sealer.ts';
import { sealingBen as ben } from '../../fixtures/sealing-side.ts';
import { settle, until } from '../../fixtures/until.ts';

const { data, ping, pong, rekey, goodbye, ready } = sealedTypes;
const { transport, lastOfKey } = frameKinds;
const token = [1, 2, 3, 4, 5, 6, 7, 8];

describe('what an authenticated other side says', () => {
  it.each([
    ['nothing, not even a type', [], transport],
    ['a type that does not exist', [6], transport],
    ['a ping with too short a token', [ping, ...token.slice(1)], transport],
    ['a ping with too long a token', [ping, ...token, 9], transport],
    ['a pong without a token', [pong], transport],
    ['a goodbye with more behind it', [goodbye, 0], transport],
    ['a ready with more behind it', [ready, 0], transport],
    ['a change of the key in a frame that does not announce one', [rekey], transport],
    ['a change of the key with more behind it', [rekey, 0], lastOfKey],
    ['a message in the frame that announces a change of the key', [data, 1], lastOfKey],
  ] as const)('%s ends the channel as malformed, and is not delivered', async (_, plain, kind) => {
    const { channel, links, say } = ben();
    const got: unknown[] = [];
    channel.onMessage((payload) => got.push(payload));
    await say(plain, kind);
    expect([channel.ended, got, links.a.closed]).toEqual(['frame-malformed', [], true]);
  });

  it.each([
    ['ready', [ready], transport],
    ['a change of the key', [rekey], lastOfKey],
    ['an empty message', [data], transport],
    ['an answer to a question that was not asked', [pong, ...token], transport],
  ] as const)('%s is accepted in silence', async (_, plain, kind) => {
    const { channel, heard, say } = ben();
    await say(plain, kind);
    expect([channel.ended, heard, channel.rttMs]).toEqual([undefined, [], undefined]);
  });

  it('a ping is answered with its own token', async () => {
    const { heard, say } = ben();
    await say([ping, ...token]);
    await until(() => heard.length === 1);
    expect(heard).toEqual([[pong, ...token]]);
  });

  it('only the answer to the question asked measures the round trip, and only once', async () => {
    const { channel, clock, heard, say } = ben();
    channel.ping();
    await until(() => heard.length === 1);
    const [, ...asked] = heard[0] ?? [];
    await clock.advance(70, settle);
    await say([pong, ...token]);
    expect(channel.rttMs).toBe(undefined);
    await say([pong, ...asked]);
    expect(channel.rttMs).toBe(70);
    await clock.advance(30, settle);
    await say([pong, ...asked]);
    expect(channel.rttMs).toBe(70);
  });

  it('a goodbye ends it, closes the link at once, and what follows is not delivered', async () => {
    const { channel, clock, links, say } = ben();
    const got: number[] = [];
    channel.onMessage((payload) => got.push(...payload));
    await say([data, 1]);
    await say([goodbye]);
    expect([channel.ended, links.a.closed, clock.pending]).toEqual(['goodbye', true, 0]);
    links.inject('a', encodeFrame(transport, new Uint8Array(40)));
    await settle();
    expect([channel.ended, got]).toEqual(['goodbye', [1]]);
  });

  it('256 messages wait for somebody to listen, in order; one more is a flood', async () => {
    const { channel, say } = ben();
    const numbers = Array.from({ length: 256 }, (_, n) => n);
    await Promise.all(numbers.map((n) => say([data, n])));
    expect(channel.ended).toBe(undefined);
    const flooded = ben();
    await Promise.all([...numbers, 0].map((n) => flooded.say([data, n])));
    expect(flooded.channel.ended).toBe('frame-malformed');
    const got: number[] = [];
    channel.onMessage((payload) => got.push(...payload));
    expect(got).toEqual(numbers);
  });

  it('what is under way behind a goodbye is not delivered', async () => {
    const { channel, say } = ben();
    const got: number[] = [];
    channel.onMessage((payload) => got.push(...payload));
    await Promise.all([say([data, 1]), say([goodbye]), say([data, 2])]);
    expect([channel.ended, got]).toEqual(['goodbye', [1]]);
  });

  it('what waited is delivered after the end too, and the first reason stays', async () => {
    const { channel, say } = ben();
    await say([data, 1]);
    await say([goodbye]);
    const got: number[] = [];
    channel.onMessage((payload) => {
      got.push(...payload);
      throw new KithError('frame-malformed');
    });
    expect([channel.ended, got]).toEqual(['goodbye', [1]]);
  });

  it.each([
    ['that the handler refuses', 'frame-malformed'],
    ['at which the handler closes the channel', 'closed'],
  ])('of what waited, nothing is delivered behind a message %s', async (_, end) => {
    const { channel, say } = ben();
    for (const n of [1, 2, 3]) await say([data, n]);
    const got: number[] = [];
    channel.onMessage((payload) => {
      got.push(...payload);
      if (payload[0] !== 2) return;
      if (end === 'closed') channel.close();
      else throw new KithError('frame-malformed');
    });
    expect([channel.ended, got]).toEqual([end, [1, 2]]);
  });

  it('whatever authenticates counts as a sign of life', async () => {
    const { channel, clock, say } = ben();
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await clock.advance(10_000, settle);
      await say([data]);
    }
    expect(channel.ended).toBe(undefined);
  });
});

describe('what it tells and counts', () => {
  it('how its link runs, if others carry it', () => {
    const way = { via: new Uint8Array(20), hops: 3 };
    expect([ben().channel.way, ben(way).channel.way]).toEqual([undefined, way]);
  });

  it('bytes of whole frames, both ways', async () => {
    const { channel, links, say } = ben();
    await channel.send(new Uint8Array(100));
    await channel.send(new Uint8Array(0));
    await say([data, 1, 2, 3]);
    const sum = (end: 'a' | 'b') => concat(...links.sentBy(end)).length;
    expect([channel.bytesOut, channel.bytesIn]).toEqual([sum('a'), sum('b')]);
    expect([channel.bytesOut, channel.bytesIn]).toEqual([100 + 2 * 19, 3 + 19]);
  });

  it('waits for the link to drain as far as was asked, and no longer', async () => {
    const { channel, links } = ben();
    const asked: number[] = [];
    links.a.bufferedAmount = 1_000;
    links.a.drained = async (bytes?: number) => {
      asked.push(bytes as number);
      links.a.bufferedAmount = bytes as number;
    };
    await channel.drained(1_000);
    expect(asked).toEqual([]);
    await channel.drained(400);
    expect([asked, channel.bufferedAmount]).toEqual([[400], 400]);
  });

  it('a channel that has ended keeps nobody waiting', async () => {
    const { channel, links } = ben();
    links.a.bufferedAmount = 1_000;
    channel.close(false);
    await channel.drained(0);
    expect(channel.ended).toBe('closed');
  });
});
