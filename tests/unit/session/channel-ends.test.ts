// What anybody on the road can say, how a channel ends from this side, and what who waits for its first frame is told.
import { describe, expect, it } from 'vitest';
import { KithError } from '../../../src/core/errors.ts';
import { sealedTypes } from '../../../src/core/session/sealer.ts';
import { sealingBen as ben } from '../../fixtures/sealing-side.ts';
import { settle, until } from '../../fixtures/until.ts';

const { data, ping, goodbye, ready } = sealedTypes;
const token = [1, 2, 3, 4, 5, 6, 7, 8];

describe('what anybody on the road can say', () => {
  it.each([
    ['a frame of another version is refused in the clear', Uint8Array.of(2, 3, 0), 'frame-version', [[1, 4, 1]]],
    ['a refusal is believed and not answered', Uint8Array.of(1, 4, 1), 'frame-version', []],
    ['a refusal for no known reason is not answered', Uint8Array.of(1, 4, 2), 'frame-malformed', []],
    ['a refusal with more behind it is not answered', Uint8Array.of(1, 4, 1, 1), 'frame-malformed', []],
    ['a handshake message is not answered', Uint8Array.of(1, 2, 0), 'frame-malformed', []],
    ['a handshake message that reads like a refusal is none', Uint8Array.of(1, 2, 1), 'frame-malformed', []],
    ['a frame of no kind that exists is not answered', Uint8Array.of(1, 6, 0), 'frame-malformed', []],
    ['a frame that is too long is not answered', new Uint8Array(262_145).fill(1), 'frame-too-large', []],
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

  it('not even a frame of another version that has just come is answered', async () => {
    const { channel, heard, links } = ben();
    links.inject('a', Uint8Array.of(2, 3, 0));
    queueMicrotask(() => channel.close()); // the frame has reached the channel, which has not looked at it yet
    await until(() => heard.length === 1);
    await settle();
    expect([channel.ended, heard, links.sentBy('a').length]).toEqual(['closed', [[goodbye]], 1]);
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
