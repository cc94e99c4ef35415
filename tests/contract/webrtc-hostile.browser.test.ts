// What a Link over WebRTC does with a peer that does not play by the rules: a bare RTCPeerConnection on the other side.
import { afterEach, describe, expect, it } from 'vitest';
import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { decodeSignal, encodeSignal } from '../../src/adapters/webrtc/signal.ts';
import { kindOf } from '../../src/core/errors.ts';
import type { Link } from '../../src/core/ports/link.ts';

const opened: RTCPeerConnection[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

/** A link of ours, and the bare channel at its other end. */
async function hostileLink(init: RTCDataChannelInit = { negotiated: true, id: 0 }) {
  const dialer = webRtcDialer({ iceServers: [] });
  const offer = await dialer.offer();
  const mallory = new RTCPeerConnection();
  opened.push(mallory);
  const channel = mallory.createDataChannel('mallory', init);
  await mallory.setRemoteDescription({ type: 'offer', sdp: decodeSignal('offer', offer.signal) });
  await mallory.setLocalDescription(await mallory.createAnswer());
  await new Promise<void>((resolve) => {
    if (mallory.iceGatheringState === 'complete') resolve();
    mallory.onicegatheringstatechange = () => mallory.iceGatheringState === 'complete' && resolve();
  });
  const link = await offer.accept(encodeSignal('answer', mallory.localDescription?.sdp ?? ''));
  if (channel.readyState !== 'open') await new Promise((resolve) => channel.addEventListener('open', resolve));
  return { dialer, link, channel, mallory };
}

const closing = (link: Link) => new Promise<void>((resolve) => link.onClose(resolve));

describe('a link', () => {
  it('closes when the other side sends text', async () => {
    const { link, channel } = await hostileLink();
    const frames: Uint8Array[] = [];
    link.onFrame((frame) => frames.push(frame));
    channel.send('text');
    await closing(link);
    expect(frames).toEqual([]);
  });

  it('passes an empty frame on as one', async () => {
    const { link, channel } = await hostileLink();
    const first = new Promise<Uint8Array>((resolve) => link.onFrame(resolve));
    channel.send(new Uint8Array(0));
    expect((await first).length).toBe(0);
    link.close();
  });

  it('closes when the other side floods it before anybody listens', async () => {
    const { link, channel } = await hostileLink();
    const closed = closing(link);
    for (let i = 0; i < 100; i++) channel.send(new Uint8Array(1));
    await closed;
  });

  it('closes when more than a megabyte waits for a listener', async () => {
    const { link, channel } = await hostileLink();
    const closed = closing(link);
    for (let i = 0; i < 6; i++) channel.send(new Uint8Array(250_000));
    await closed;
  });

  it('ignores further channels', async () => {
    const { link, channel, mallory } = await hostileLink();
    const extra = mallory.createDataChannel('extra', { ordered: false });
    if (extra.readyState !== 'open') await new Promise((resolve) => extra.addEventListener('open', resolve));
    const frames: number[] = [];
    const second = new Promise<void>((resolve) => {
      link.onFrame((frame) => {
        frames.push(frame[0] ?? -1);
        if (frames.length === 2) resolve();
      });
    });
    channel.send(Uint8Array.of(1));
    extra.send(Uint8Array.of(99));
    channel.send(Uint8Array.of(2));
    await second;
    expect(frames).toEqual([1, 2]);
    link.close();
  });

  it('ends when the other page closes its connection', async () => {
    const { link, mallory, dialer } = await hostileLink();
    const closed = closing(link);
    mallory.close();
    await closed;
    expect(dialer.alive).toBe(0);
  });
});

describe('a dialer', () => {
  it('says clearly when the browser makes no more connections, and counts none', async () => {
    const RealConnection = globalThis.RTCPeerConnection;
    const dialer = webRtcDialer({ iceServers: [] });
    const answerable = await webRtcDialer({ iceServers: [] }).offer();
    globalThis.RTCPeerConnection = class {
      constructor() {
        throw new DOMException('Cannot create so many PeerConnections', 'UnknownError');
      }
    } as unknown as typeof RTCPeerConnection;
    try {
      expect(await dialer.offer().catch(kindOf)).toBe('too-many-connections');
      expect(await dialer.answer(answerable.signal).catch(kindOf)).toBe('too-many-connections');
      await Promise.resolve();
      expect(dialer.alive).toBe(0);
    } finally {
      globalThis.RTCPeerConnection = RealConnection;
      answerable.cancel();
    }
  });

  it('asks only the servers it is configured with, none of the library', async () => {
    const RealConnection = globalThis.RTCPeerConnection;
    const asked: unknown[] = [];
    globalThis.RTCPeerConnection = class extends RealConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        asked.push(config?.iceServers);
      }
    };
    try {
      const iceServers = [{ urls: 'stun:127.0.0.1:1' }];
      (await webRtcDialer({ iceServers: [] }).offer()).cancel();
      (await webRtcDialer({ iceServers }).offer()).cancel();
      expect(asked).toEqual([[], iceServers]);
    } finally {
      globalThis.RTCPeerConnection = RealConnection;
    }
  });
});
