// Sessions between two people who know each other, over links that misbehave.
import { describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES } from '../../../src/core/session/sealer.ts';
import { establish, type SessionEnd } from '../../../src/core/session/session.ts';
import { cleo } from '../../fixtures/people.ts';
import { outcomes, pairSecret, second, table, talk } from '../../fixtures/sessions.ts';
import { settle, turn, until } from '../../fixtures/until.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('establishing', () => {
  it('names the hybrid protocol and the secret in use on both sides', async () => {
    const { a, b } = await talk();
    expect([a.protocol, b.protocol]).toEqual(Array(2).fill('Noise_KKpsk0_25519+MLKEM768_AESGCM_SHA256'));
    expect([a.secretIndex, b.secretIndex, a.route]).toEqual([0, 0, 'direct']);
  });

  it('needs two handshake messages and one ready frame, the first with a hint and an ML-KEM key', async () => {
    const { links } = await talk();
    const [message1, ready] = links.sentBy('a');
    expect(message1?.length).toBe(2 + 16 + 32 + 1184 + 16);
    expect(links.sentBy('b')[0]?.length).toBe(2 + 32 + 1088 + 16);
    expect(ready?.length).toBe(2 + 1 + 16);
  });

  it('is live for the responder only after the first frame that authenticates', async () => {
    const seats = table();
    seats.links.fate = ({ from, index }) => (from === 'a' && index >= 1 ? { delayMs: 700 } : 'deliver');
    let live = false;
    const responder = establish(seats.responder).then((session) => {
      live = true;
      return session;
    });
    await establish(seats.initiator);
    await turn();
    expect(live).toBe(false);
    await seats.clock.advance(700);
    await responder;
    expect(live).toBe(true);
  });

  it('a recorded first message replayed on the same link brings no session', async () => {
    const { links } = await talk();
    const [message1] = links.sentBy('a');
    const seats = table();
    const waiting = establish(seats.responder);
    seats.links.inject('b', message1 as Uint8Array);
    await until(() => seats.links.sentBy('b').length === 1);
    await Promise.all([expect(waiting).rejects.toMatchObject({ kind: 'link-timeout' }), seats.clock.advance(15_000)]);
  });

  it('the responder finds an older secret of the pair by its hint', async () => {
    const seats = table();
    const newer = new Uint8Array(32).fill(9);
    const responder = { ...seats.responder, secrets: [newer, pairSecret] };
    const [a, b] = await Promise.all([establish(seats.initiator), establish(responder)]);
    expect([a.secretIndex, b.secretIndex]).toEqual([0, 1]);
  });

  it('an unknown hint closes the link and nothing is answered', async () => {
    const seats = table();
    const responder = { ...seats.responder, secrets: [new Uint8Array(32).fill(9)] };
    expect(await outcomes({ ...seats, responder })).toEqual(['link-closed', 'unknown-hint']);
    expect(seats.links.sentBy('b')).toEqual([]);
    expect(seats.links.b.closed).toBe(true);
  });

  it('a hint recorded on one link is unknown on another', async () => {
    const { links } = await talk();
    const seats = table({ number: 1 });
    const waiting = establish(seats.responder);
    seats.links.inject('b', links.sentBy('a')[0] as Uint8Array);
    await expect(waiting).rejects.toMatchObject({ kind: 'unknown-hint' });
  });

  it('the right secret with other keys is no session', async () => {
    const seats = table();
    const peer = { bundle: cleo.bundle, fingerprint: second.fingerprint };
    expect(await outcomes({ ...seats, initiator: { ...seats.initiator, peer } })).toEqual([
      'link-closed',
      'handshake-failed',
    ]);
  });

  it('someone in the middle who ends the links of both sides at himself is found out', async () => {
    const [left, right] = [table({ number: 1 }), table({ number: 2 })];
    left.links.fate = ({ frame }) => {
      right.links.inject('b', frame);
      return 'drop';
    };
    const calling = expect(establish(left.initiator)).rejects.toMatchObject({ kind: 'link-closed' });
    await expect(establish(right.responder)).rejects.toMatchObject({ kind: 'unknown-hint' });
    left.links.kill();
    await calling;
  });

  it('gives up after 15 s when nobody answers, and closes the link', async () => {
    const seats = table();
    seats.links.silent = true;
    const result = outcomes(seats);
    await until(() => seats.links.sentBy('a').length === 1);
    await seats.clock.advance(14_999);
    expect(seats.links.a.closed).toBe(false);
    await seats.clock.advance(1);
    expect(await result).toEqual(['link-timeout', 'link-timeout']);
    expect(seats.links.a.closed).toBe(true);
  });

  it('the responder gives up when the ready frame never comes', async () => {
    const seats = table({ fate: ({ from, index }) => (from === 'a' && index > 0 ? 'drop' : 'deliver') });
    const responder = establish(seats.responder);
    await establish(seats.initiator);
    const failed = expect(responder).rejects.toMatchObject({ kind: 'link-timeout' });
    await seats.clock.advance(15_000);
    await failed;
  });

  it('another wire version is refused in the clear, and the refusal is understood', async () => {
    const bump = (frame: Uint8Array): Uint8Array => Uint8Array.from(frame, (byte, index) => (index === 0 ? 2 : byte));
    const seats = table({
      fate: ({ from, index, frame }) => (from === 'a' && index === 0 ? { replace: bump(frame) } : 'deliver'),
    });
    expect(await outcomes(seats)).toEqual(['frame-version', 'frame-version']);
    expect(seats.links.sentBy('b')).toEqual([Uint8Array.of(1, 4, 1)]);
    expect(seats.links.sentBy('a').length).toBe(1);
  });

  it.each([
    ['an empty frame', new Uint8Array(0), 'frame-malformed'],
    ['an unknown kind', Uint8Array.of(1, 9, 1, 2, 3), 'frame-malformed'],
    ['a transport frame before the handshake', Uint8Array.of(1, 3, 1, 2, 3), 'frame-malformed'],
    ['a first contact instead of a session', Uint8Array.of(1, 1, 1, 2, 3), 'frame-malformed'],
    ['a message without even a hint', Uint8Array.of(1, 2), 'unknown-hint'],
    ['more than 256 KiB', new Uint8Array(262_145).fill(1), 'frame-too-large'],
    ['a refusal', Uint8Array.of(9, 4, 1), 'frame-version'],
  ])('%s ends it with the right kind', async (_, frame, kind) => {
    const seats = table();
    const waiting = establish(seats.responder);
    seats.links.inject('b', frame);
    await expect(waiting).rejects.toMatchObject({ kind });
  });

  it.each(['drop', 'repeat', 'kill'] as const)('%s at any of its frames leaves no half session', async (fate) => {
    for (const [from, index] of [
      ['a', 0],
      ['b', 0],
      ['a', 1],
    ]) {
      const seats = table({ fate: (one) => (one.from === from && one.index === index ? fate : 'deliver') });
      const results = outcomes(seats);
      await until(() => seats.links.passed.some((one) => one.from === from && one.index === index));
      await seats.clock.advance(60_000, settle);
      await results; // settles, whatever it says
      expect(seats.links.a.closed).toBe(true);
      expect(seats.clock.pending).toBe(0);
    }
  });
});

describe('talking', () => {
  it('delivers everything once and in order, however many seals run at once', async () => {
    const { a, b } = await talk();
    const got: string[] = [];
    b.onMessage((payload) => got.push(words(payload).slice(0, 8)));
    const sizes = [200_000, 1, 65_536, 0, 100_000, 3];
    const messages = Array.from({ length: 60 }, (_, index) => `${String(index).padStart(8, '0')}`);
    await Promise.all(
      messages.map((head, index) => a.send(text(head + 'x'.repeat(sizes[index % sizes.length] as number)))),
    );
    await until(() => got.length === 60);
    expect(got).toEqual(messages);
  });

  it('keeps what arrives before anybody listens', async () => {
    const { a, b } = await talk();
    await a.send(text('early'));
    let got = '';
    await until(() => b.bytesIn > 0);
    await turn();
    b.onMessage((payload) => {
      got = words(payload);
    });
    await until(() => got === 'early');
  });

  it('carries the longest payload and refuses one byte more without harm', async () => {
    const { a, b } = await talk();
    let got = 0;
    b.onMessage((payload) => {
      got = payload.length;
    });
    await expect(a.send(new Uint8Array(MAX_PAYLOAD_BYTES + 1))).rejects.toMatchObject({ kind: 'frame-too-large' });
    await a.send(new Uint8Array(MAX_PAYLOAD_BYTES));
    await until(() => got === MAX_PAYLOAD_BYTES);
    expect(a.ended).toBe(undefined);
  });

  it('goes on when a message cannot be written, and ends when a sealed one cannot leave', async () => {
    const { a, b, links } = await talk();
    const got: string[] = [];
    b.onMessage((payload) => got.push(words(payload)));
    const unwritten = () => {
      throw new RangeError('no such character');
    };
    await expect(a.send(unwritten)).rejects.toThrow('no such character');
    expect(a.ended).toBe(undefined);
    await a.send(text('still here'));
    await until(() => got.length === 1);
    links.a.send = unwritten;
    await expect(a.send(text('lost'))).rejects.toThrow('no such character');
    expect([a.ended, got]).toEqual(['internal', ['still here']]);
  });

  it('shows nothing of a message on the link', async () => {
    const { a, b, links } = await talk();
    const canary = text('canary canary canary');
    const arrived = new Promise<void>((resolve) => b.onMessage(() => resolve()));
    await a.send(canary);
    await arrived;
    for (const { frame } of links.passed) expect(Buffer.from(frame).includes(Buffer.from(canary))).toBe(false);
  });

  it.each([
    [
      'changed',
      (frame: Uint8Array) => ({ replace: Uint8Array.from(frame, (byte, at) => (at === 9 ? byte ^ 1 : byte)) }),
    ],
    ['repeated', () => 'repeat' as const],
    ['swapped', () => 'swap' as const],
    ['dropped', () => 'drop' as const],
    ['truncated', (frame: Uint8Array) => ({ replace: frame.subarray(0, 12) })],
  ])('a frame that is %s ends the session, and nothing after it is delivered', async (_, fate) => {
    const { a, b, links } = await talk();
    const got: string[] = [];
    b.onMessage((payload) => got.push(words(payload)));
    const end = new Promise<SessionEnd>((resolve) => b.onClose(resolve));
    await a.send(text('one'));
    await until(() => got.length === 1);
    const target = links.sentBy('a').length;
    links.fate = ({ from, index, frame }) => (from === 'a' && index === target ? fate(frame) : 'deliver');
    const sends = ['two', 'three', 'four'].map((one) => a.send(text(one)).catch(() => undefined));
    expect(await end).toBe('frame-authentication');
    await Promise.all(sends);
    expect(['one', 'one,two']).toContain(got.join());
    expect(links.b.closed).toBe(true);
    await expect(b.send(text('late'))).rejects.toMatchObject({ kind: 'link-closed' });
  });

  it.each([
    ['another version', Uint8Array.of(2, 3, 0, 0), 'frame-version'],
    ['a handshake message', Uint8Array.of(1, 2, 0, 0), 'frame-malformed'],
    ['more than 256 KiB', new Uint8Array(262_145).fill(1), 'frame-too-large'],
    ['nothing', new Uint8Array(0), 'frame-malformed'],
  ])('%s in the middle of a session ends it with the right kind', async (_, frame, kind) => {
    const { b, links } = await talk();
    const end = new Promise<SessionEnd>((resolve) => b.onClose(resolve));
    links.inject('b', frame);
    expect(await end).toBe(kind);
  });

  it('a handler that finds a message malformed ends the session with that kind', async () => {
    const { a, b } = await talk();
    const { KithError } = await import('../../../src/core/errors.ts');
    b.onMessage(() => {
      throw new KithError('frame-malformed');
    });
    const end = new Promise<SessionEnd>((resolve) => b.onClose(resolve));
    await a.send(text('odd'));
    expect(await end).toBe('frame-malformed');
  });

  it('says goodbye after everything that was sent before', async () => {
    const { a, b } = await talk();
    const got: string[] = [];
    b.onMessage((payload) => got.push(words(payload)));
    const end = new Promise<SessionEnd>((resolve) => b.onClose(resolve));
    const own = new Promise<SessionEnd>((resolve) => a.onClose(resolve));
    void a.send(text('last words'));
    a.close();
    expect(await end).toBe('goodbye');
    expect(await own).toBe('closed');
    expect(got).toEqual(['last words']);
    await expect(a.send(text('more'))).rejects.toMatchObject({ kind: 'link-closed' });
  });

  it('a goodbye that nobody reads still frees the link', async () => {
    const { a, links, clock } = await talk();
    links.silent = true;
    a.close();
    await clock.advance(1_000);
    expect(links.a.closed).toBe(true);
  });

  it('tells why it ended, also to whoever asks later, once', async () => {
    const { a, b, links } = await talk();
    const ends: SessionEnd[] = [];
    a.onClose((reason) => ends.push(reason));
    links.kill();
    await until(() => ends.length === 1 && b.ended !== undefined);
    b.onClose((reason) => ends.push(reason));
    await until(() => ends.length === 2);
    expect(ends).toEqual(['link-closed', 'link-closed']);
  });

  it('counts what waits for the network and tells when it has drained', async () => {
    const { a, links } = await talk();
    await a.drained(0);
    links.a.bufferedAmount = 5;
    const sent = a.send(new Uint8Array(1_000));
    expect(a.bufferedAmount).toBe(5 + 1_000 + 19);
    await a.drained(5);
    await sent;
    expect(a.bufferedAmount).toBe(5);
    expect(a.bytesOut).toBeGreaterThan(1_000);
  });
});
