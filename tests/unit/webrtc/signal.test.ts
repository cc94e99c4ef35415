import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSignal, encodeSignal, fingerprintOf, MAX_SIGNAL_BYTES } from '../../../src/adapters/webrtc/signal.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';

const bytes = Array.from({ length: 32 }, (_, index) => index * 8);
const print = bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
const lines = (...more: string[]) =>
  [
    'v=0',
    'o=- 4 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
    `a=fingerprint:sha-256 ${print}`,
    'a=setup:actpass',
    ...more,
    '',
  ].join('\r\n');
const kind = (action: () => unknown) => {
  try {
    action();
    return 'no error';
  } catch (error) {
    return kindOf(error);
  }
};

describe('a signal', () => {
  it('is one byte and a description, and nothing is lost on the way', () => {
    const signal = encodeSignal('offer', lines());
    expect(signal[0]).toBe(1);
    expect(decodeSignal('offer', signal)).toBe(lines());
    expect(decodeSignal('answer', encodeSignal('answer', lines()))).toBe(lines());
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['an answer where an offer belongs', encodeSignal('answer', lines())],
    ['not UTF-8', Uint8Array.of(1, 0xff)],
    ['above 16 KiB', encodeSignal('offer', lines(`a=x:${'y'.repeat(MAX_SIGNAL_BYTES)}`))],
    ['not a description', encodeSignal('offer', 'hello')],
    ['a description of a video', encodeSignal('offer', lines('m=video 9 UDP/TLS/RTP/SAVPF 96'))],
    ['a description of two channels', encodeSignal('offer', lines('m=application 9 UDP/DTLS/SCTP webrtc-datachannel'))],
    ['a description of a sound', encodeSignal('offer', lines().replace(/^m=.*$/m, 'm=audio 9 UDP/TLS/RTP/SAVPF 0'))],
    ['without a fingerprint', encodeSignal('offer', lines().replace(/a=fingerprint.*\r\n/, ''))],
    ['with a second fingerprint', encodeSignal('offer', lines(`a=fingerprint:sha-256 ${print.replace('08', '09')}`))],
    ['with a weak fingerprint too', encodeSignal('offer', lines('a=fingerprint:sha-1 00:11'))],
    ['with a fingerprint cut off', encodeSignal('offer', lines().replace(':F8\r\n', '\r\n'))],
  ])('is refused when it is %s', (_what, signal) => {
    expect(kind(() => decodeSignal('offer', signal))).toBe('frame-malformed');
  });

  it('never makes anything but a KithError of whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (junk, text) => {
        for (const signal of [junk, encodeSignal('offer', text), encodeSignal('offer', lines(text))]) {
          try {
            decodeSignal('offer', signal);
          } catch (error) {
            expect(error).toBeInstanceOf(KithError);
          }
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('a certificate fingerprint', () => {
  it('is read in either case, and may stand once for the session and once for the medium', () => {
    expect(fingerprintOf(lines())).toEqual(Uint8Array.from(bytes));
    expect(fingerprintOf(lines(`a=fingerprint:SHA-256 ${print.toLowerCase()}`))).toEqual(Uint8Array.from(bytes));
  });
});
