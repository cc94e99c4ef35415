import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCandidate,
  decodeSignal,
  encodeCandidate,
  encodeSignal,
  fingerprintOf,
} from '../../../src/adapters/webrtc/signal.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';

const print = Array.from({ length: 32 }, (_, index) => (index * 7).toString(16).padStart(2, '0').toUpperCase()).join(
  ':',
);
const host = 'candidate:2494763393 1 udp 2113937151 4e7db334-de6d-4ccd-8961-7a659e46feed.local 60214 typ host';
const reflexive =
  'candidate:842163049 1 udp 1677729535 203.0.113.5 46243 typ srflx raddr 192.168.0.7 rport 46243 generation 0 network-cost 999';
const relayed = 'candidate:9 1 udp 41885439 2001:db8::5 50000 typ relay raddr 2001:db8::1 rport 1 generation 0';

/** As Chromium 156 writes it. */
const chromium = (...candidates: string[]) =>
  [
    'v=0',
    'o=- 8029920641733851460 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    'm=application 46243 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 203.0.113.5',
    ...candidates.map((candidate) => `a=${candidate}`),
    'a=ice-ufrag:J1at',
    'a=ice-pwd:4W/1WhKCoUxbH+5SnBrJEWM5',
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${print}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');

/** As Firefox writes it. */
const firefox = [
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 8346473437 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${print}`,
  'a=group:BUNDLE 0',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=candidate:0 1 UDP 2122252543 4e7db334-de6d-4ccd-8961-7a659e46feed.local 52346 typ host',
  'a=candidate:2 1 TCP 2105524479 4e7db334-de6d-4ccd-8961-7a659e46feed.local 9 typ host tcptype active',
  'a=sendrecv',
  'a=end-of-candidates',
  'a=ice-pwd:0123456789abcdef0123456789abcdef',
  'a=ice-ufrag:01234567',
  'a=mid:0',
  'a=setup:active',
  'a=sctp-port:5000',
  'a=max-message-size:1073741823',
  '',
].join('\r\n');

const linesOf = (sdp: string, form: RegExp) => sdp.split('\r\n').filter((line) => form.test(line));
const kind = (action: () => unknown) => {
  try {
    action();
    return 'no error';
  } catch (error) {
    return kindOf(error);
  }
};

describe('a description that fits', () => {
  it('is about 70 bytes, and 30 more for each candidate', () => {
    expect(encodeSignal('offer', chromium()).length).toBeLessThanOrEqual(80);
    expect(encodeSignal('offer', chromium(host, host)).length).toBeLessThanOrEqual(140);
  });

  it.each([
    ['Chromium', 'offer', chromium(host, reflexive, relayed)],
    ['Firefox', 'answer', firefox],
  ] as const)('keeps all that matters of what %s says', (_browser, type, sdp) => {
    const signal = encodeSignal(type, sdp);
    expect(signal[0]).toBe(type === 'offer' ? 3 : 4);
    const again = decodeSignal(type, signal);
    const telling = /^a=(ice-ufrag|ice-pwd|ice-options|fingerprint|setup|mid|sctp-port|max-message-size|group)/;
    expect(linesOf(again, telling).sort()).toEqual(linesOf(sdp, telling).sort());
    expect(fingerprintOf(again)).toEqual(fingerprintOf(sdp));
    expect(encodeSignal(type, again)).toEqual(signal);
  });

  it('keeps candidates with their addresses, and hides what stands behind a NAT', () => {
    const again = decodeSignal('offer', encodeSignal('offer', chromium(host, reflexive, relayed)));
    expect(linesOf(again, /^a=candidate/)).toEqual([
      `a=${host} generation 0`,
      'a=candidate:842163049 1 udp 1677729535 203.0.113.5 46243 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999',
      'a=candidate:9 1 udp 41885439 2001:db8:0:0:0:0:0:5 50000 typ relay raddr :: rport 0 generation 0',
    ]);
  });

  it('leaves out TCP ends that only call out', () => {
    expect(linesOf(decodeSignal('answer', encodeSignal('answer', firefox)), /^a=candidate/)).toHaveLength(1);
  });
});

describe('a description that does not fit', () => {
  it.each([
    ['an unknown line', chromium().replace('a=mid:0', 'a=mid:0\r\na=news:1')],
    ['two setups', chromium().replace('a=mid:0', 'a=mid:0\r\na=setup:active')],
    ['a bundle of something else', chromium().replace('BUNDLE 0', 'BUNDLE 0 1')],
    ['a candidate of a second component', chromium(host.replace(' 1 udp', ' 2 udp'))],
    ['a candidate with an extension', chromium(`${host} news 1`)],
    ['a candidate by name', chromium(host.replace(/\S+local/, 'ana.example'))],
    ['a candidate of a second generation', chromium(`${host} generation 1`)],
    ['a TCP end that listens', chromium(`${host.replace('udp', 'tcp')} tcptype passive`)],
    ['no message size', chromium().replace(/a=max.*\r\n/, '')],
    ['more candidates than any machine has', chromium(...Array.from({ length: 41 }, () => host))],
  ])('travels as text: %s', (_what, sdp) => {
    const signal = encodeSignal('offer', sdp);
    expect(signal[0]).toBe(1);
    expect(decodeSignal('offer', signal)).toBe(sdp);
  });
});

describe('a compact signal from a stranger', () => {
  const signal = encodeSignal('offer', chromium(host, reflexive, relayed));
  const changed = (at: number, value: number) => signal.map((byte, index) => (index === at ? value : byte));

  it.each([
    ['cut off', signal.slice(0, -1)],
    ['with something behind it', Uint8Array.from([...signal, 0])],
    ['with an unknown flag', changed(1, 0xff)],
    ['with no known setup', changed(1, 3)],
    ['with a line break in a name', changed(3, 13)],
    ['an answer where an offer belongs', changed(0, 4)],
    ['of a kind that is no signal', changed(0, 5)],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(kind(() => decodeSignal('offer', bytes))).toBe('frame-malformed');
  });

  it('is refused or gives a description without further lines, whatever its bytes', () => {
    const known =
      /^(v=0|o=- 1 2 IN IP4 127\.0\.0\.1|s=-|t=0 0|m=application 9 UDP\/DTLS\/SCTP webrtc-datachannel|c=IN IP4 0\.0\.0\.0|a=(group:BUNDLE|candidate:\d|ice-ufrag:|ice-pwd:|ice-options:trickle|fingerprint:sha-256 |setup:|mid:|sctp-port:|max-message-size:).*|)$/;
    const mutated = fc
      .array(fc.tuple(fc.nat(signal.length - 1), fc.nat(255)), { maxLength: 6 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), signal));
    const junk = fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from([3, ...bytes]));
    fc.assert(
      fc.property(fc.oneof(mutated, junk), (bytes) => {
        try {
          expect(
            decodeSignal('offer', bytes)
              .split('\r\n')
              .every((line) => known.test(line)),
          ).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(KithError);
        }
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });
});

describe('a candidate that follows its signal', () => {
  it('takes 30 bytes', () => {
    const bytes = encodeCandidate(`${host} generation 0 ufrag J1at network-cost 999`);
    expect(bytes?.length).toBe(30);
    expect(decodeCandidate(bytes as Uint8Array)).toBe(`${host} generation 0 network-cost 999`);
  });

  it('travels as text when it does not fit', () => {
    const odd = `${host} news 1`;
    expect(decodeCandidate(encodeCandidate(odd) as Uint8Array)).toBe(odd);
  });

  it.each(['', 'hello', `${host}\r\na=mid:1`, `${host} ${'x'.repeat(500)}`])('does not travel at all: %j', (text) => {
    expect(encodeCandidate(text)).toBeUndefined();
  });

  it('is one line or refused, whatever its bytes', () => {
    const junk = fc.tuple(fc.constantFrom(5, 6), fc.uint8Array({ maxLength: 60 }));
    const texts = fc.string({ maxLength: 60 }).map((text) => [6, new TextEncoder().encode(host + text)] as const);
    fc.assert(
      fc.property(fc.oneof(junk, texts), ([type, bytes]) => {
        try {
          expect(decodeCandidate(Uint8Array.from([type, ...bytes]))).toMatch(/^candidate:[!-~]+( [!-~]+)+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(KithError);
        }
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });
});
