// Signals that people carry by hand, in a real browser whose clock is moved: minutes pass between the answer and its use.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { kindOf } from '../../src/core/errors.ts';

const MINUTE_MS = 60_000;

describe('an answer', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
      shouldAdvanceTime: true,
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('that has patience opens its link half an hour later', async () => {
    const [ana, ben] = [webRtcDialer({ iceServers: [] }), webRtcDialer({ iceServers: [] })];
    const offer = await ana.offer();
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    const answer = await ben.answer(offer.signal, { patienceMs: 60 * MINUTE_MS });
    await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
    const [link] = await Promise.all([offer.accept(answer.signal), answer.link]);
    expect(link.route).toBe('direct');
    link.close();
  });

  it('ends when its patience does, and without any after 20 seconds', async () => {
    const ben = webRtcDialer({ iceServers: [] });
    const offer = await webRtcDialer({ iceServers: [] }).offer();
    const patient = await ben.answer(offer.signal, { patienceMs: 10 * MINUTE_MS });
    const hasty = await ben.answer(offer.signal);
    const outcomes = [patient, hasty].map(({ link }) => link.catch(kindOf));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(await outcomes[1]).toBe('link-timeout');
    expect(ben.alive).toBe(1);
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(await outcomes[0]).toBe('link-timeout');
    offer.cancel();
  });

  it('of a browser that never finds a candidate, and never says so, is given up, and so is an offer', async () => {
    const [ana, ben] = [webRtcDialer({ iceServers: [] }), webRtcDialer({ iceServers: [] })];
    const offer = await webRtcDialer({ iceServers: [] }).offer();
    // As where the process that names local addresses has gone: neither a candidate nor the end of them is told.
    const events = vi.spyOn(RTCPeerConnection.prototype, 'onicecandidate', 'set').mockImplementation(() => {});
    try {
      const outcomes = [ana.offer(), ben.answer(offer.signal)].map((signal) => signal.catch(kindOf));
      await vi.waitFor(() => expect([ana.alive, ben.alive]).toEqual([1, 1]));
      await vi.advanceTimersByTimeAsync(MINUTE_MS);
      expect(await Promise.all(outcomes)).toEqual(['link-closed', 'link-closed']);
      expect([ana.alive, ben.alive]).toEqual([0, 0]);
    } finally {
      events.mockRestore();
      offer.cancel();
    }
  });

  it('whose first attempts fail is not given up before its time', async () => {
    const made: RTCPeerConnection[] = [];
    const RealConnection = globalThis.RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends RealConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        made.push(this);
      }
    };
    try {
      const offer = await webRtcDialer({ iceServers: [] }).offer();
      const ben = webRtcDialer({ iceServers: [] });
      const answer = await ben.answer(offer.signal, { patienceMs: 10 * MINUTE_MS });
      // What a browser says of addresses behind a NAT that nobody has opened yet.
      vi.spyOn(RealConnection.prototype, 'iceConnectionState', 'get').mockReturnValue('failed');
      made[1]?.dispatchEvent(new Event('iceconnectionstatechange'));
      await vi.advanceTimersByTimeAsync(MINUTE_MS);
      expect(ben.alive).toBe(1);
      answer.cancel();
      offer.cancel();
    } finally {
      vi.restoreAllMocks();
      globalThis.RTCPeerConnection = RealConnection;
    }
  });
});

it.each([true, false])(
  'a page that is hidden, and its timers slow (%s), makes no signal wait for a candidate',
  async (isHidden) => {
    const firstMs = 12_345;
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const offer = await webRtcDialer({ iceServers: [] }).offer({ trickle: true, firstMs });
    offer.cancel();
    expect(timers.mock.calls.some(([, ms]) => ms === firstMs)).toBe(!isHidden);
    timers.mockRestore();
    hidden.mockRestore();
  },
);
