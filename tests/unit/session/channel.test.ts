// What the other side may say once it has the keys, and what ends the channel although it authenticates. The other side here is no
// channel: it seals whatever a test wants.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { KithError } from '../../../src/core/errors.ts';
import { SealedChannel } from '../../../src/core/session/channel.ts';
import { Inbox } from '../../../src/core/session/inbox.ts';
import { CipherState } from '../../../src/core/session/noise/cipher-state.ts';
import { decodeFrame, encodeFrame, frameKinds } from '../../../src/core/session/outer-frame.ts';
import { sealedHeaders, sealedTypes } from '../../../src/core/session/sealer.ts';
import { LinkPair } from '../../fixtures/links.ts';
import { settle, until } from '../../fixtures/until.ts';

const { data, ping, pong, rekey, goodbye, ready } = sealedTypes;
const { transport, lastOfKey } = frameKinds;
type SealedKind = typeof transport | typeof lastOfKey;

function cipher(fill: number): CipherState {
  const state = new CipherState();
  state.initializeKey(new Uint8Array(32).fill(fill));
  return state;
}

/** A channel on end a; `say` seals as the other side would, `heard` is what the channel said to it. */
function ben() {
  const clock = new MemoryClock();
  const links = new LinkPair({ clock });
  const random = seededRandom(1);
  const inbox = new Inbox(links.a);
  const channel = new SealedChannel({ link: links.a, inbox, send: cipher(1), receive: cipher(2), clock, random });
  const [toChannel, fromChannel] = [cipher(2), cipher(1)];
  const heard: [type: number | undefined, ...payload: number[]][] = [];
  links.b.onFrame(async (frame) => {
    const { kind, body } = decodeFrame(frame);
    if (kind !== transport && kind !== lastOfKey) return;
    const [type, ...payload] = await fromChannel.decryptWithAd(sealedHeaders[kind], body);
    heard.push([type, ...payload]);
  });
  const say = async (plain: readonly number[], kind: SealedKind = transport) => {
    const sealed = await toChannel.encryptWithAd(sealedHeaders[kind], Uint8Array.from(plain));
    links.b.send(encodeFrame(kind, sealed));
    await settle();
  };
  return { channel, clock, links, heard, say };
}

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

  it('whatever authenticates counts as a sign of life', async () => {
    const { channel, clock, say } = ben();
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await clock.advance(10_000, settle);
      await say([data]);
    }
    expect(channel.ended).toBe(undefined);
  });
});

describe('what anybody on the road can say', () => {
  it.each([
    ['a frame of another version is refused in the clear', Uint8Array.of(2, 3, 0), 'frame-version', [[1, 4, 1]]],
    ['a refusal is believed and not answered', Uint8Array.of(1, 4, 1), 'frame-version', []],
    ['a refusal for no known reason is not answered', Uint8Array.of(1, 4, 2), 'frame-malformed', []],
    ['a refusal with more behind it is not answered', Uint8Array.of(1, 4, 1, 1), 'frame-malformed', []],
    ['a handshake message is not answered', Uint8Array.of(1, 2, 0), 'frame-malformed', []],
  ] as const)('%s', async (_, frame, kind, answers) => {
    const { channel, clock, links } = ben();
    links.inject('a', frame);
    await until(() => channel.ended !== undefined);
    expect([channel.ended, links.sentBy('a').map((one) => [...one])]).toEqual([kind, answers]);
    // A last word gets a second to leave.
    expect(links.a.closed).toBe(answers.length === 0);
    await clock.advance(999);
    expect(links.a.closed).toBe(answers.length === 0);
    await clock.advance(1);
    expect([links.a.closed, clock.pending]).toEqual([true, 0]);
  });

  it('what came before a frame that ends it is delivered first', async () => {
    const { channel, links, say } = ben();
    const got: number[] = [];
    channel.onMessage((payload) => got.push(...payload));
    const said = say([data, 7]);
    await until(() => links.sentBy('b').length === 1);
    links.inject('a', new Uint8Array(0));
    await said;
    expect([got, channel.ended]).toEqual([[7], 'frame-malformed']);
  });

  it('a frame of another version on a link that is gone ends it all the same', async () => {
    const { channel, links } = ben();
    links.a.send = () => {
      throw new KithError('link-closed');
    };
    links.inject('a', Uint8Array.of(2, 3, 0));
    await until(() => channel.ended !== undefined);
    expect(channel.ended).toBe('frame-version');
  });
});

describe('the end from this side', () => {
  it('with a goodbye: said once, and the link closes a second later if the other side has not closed it', async () => {
    const { channel, clock, heard, links } = ben();
    channel.close();
    channel.close();
    await until(() => heard.length > 0);
    await settle();
    expect([heard, channel.ended, links.a.closed]).toEqual([[[goodbye]], 'closed', false]);
    await clock.advance(999);
    expect(links.a.closed).toBe(false);
    await clock.advance(1);
    expect(links.a.closed).toBe(true);
  });

  it('without one: nothing is said and the link closes at once', async () => {
    const { channel, clock, heard, links } = ben();
    channel.close(false);
    await settle();
    expect([heard, channel.ended, links.a.closed, clock.pending]).toEqual([[], 'closed', true, 0]);
  });

  it('a goodbye that cannot leave closes the link at once', async () => {
    const { channel, links } = ben();
    links.a.send = () => {
      throw new KithError('link-closed');
    };
    channel.close();
    await settle();
    expect(links.a.closed).toBe(true);
  });

  it('after it nothing more is said', async () => {
    const { channel, heard, links, say } = ben();
    channel.close();
    await until(() => heard.length === 1);
    channel.ping();
    await say([ping, ...token]);
    await expect(channel.ready()).rejects.toMatchObject({ kind: 'link-closed' });
    await settle();
    expect([heard.length, links.sentBy('a').length]).toEqual([1, 1]);
  });

  it('it is told later, never from within the call that ends it', async () => {
    const { channel } = ben();
    const told: string[] = [];
    channel.onClose((reason) => told.push(reason));
    channel.close();
    expect(told).toEqual([]);
    await settle();
    expect(told).toEqual(['closed']);
  });
});

describe('waiting for the first frame that authenticates', () => {
  it('ends with it', async () => {
    const { channel, say } = ben();
    await say([ready]);
    await expect(channel.confirmed).resolves.toBe(undefined);
  });

  it.each([
    ['frame-malformed', Uint8Array.of(1, 2, 0)],
    ['frame-authentication', Uint8Array.of(1, 3, ...new Uint8Array(40))],
  ])('fails with the reason: %s', async (kind, frame) => {
    const { channel, links } = ben();
    links.inject('a', frame);
    await expect(channel.confirmed).rejects.toMatchObject({ kind });
  });

  it('fails as a closed link when this side has left', async () => {
    const { channel } = ben();
    channel.close();
    await expect(channel.confirmed).rejects.toMatchObject({ kind: 'link-closed' });
  });
});

describe('what it counts', () => {
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
