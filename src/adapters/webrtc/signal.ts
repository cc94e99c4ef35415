// Signals as bytes, and what of a session description (SDP, RFC 8866) Kith looks at: that it describes one data channel and
// nothing else (RFC 8841), and which DTLS certificate it promises (RFC 8122).
import { KithError } from '../../core/errors.ts';

export type SignalType = 'offer' | 'answer';

/** First byte of a signal; the description follows as UTF-8. */
const typeBytes: Readonly<Record<SignalType, number>> = { offer: 1, answer: 2 };

/** Longest signal, bytes. With host, STUN and IPv6 candidates a description takes 1 to 3 KiB. */
export const MAX_SIGNAL_BYTES = 16_384;

export function encodeSignal(type: SignalType, sdp: string): Uint8Array {
  const text = new TextEncoder().encode(sdp);
  const signal = new Uint8Array(1 + text.length);
  signal[0] = typeBytes[type];
  signal.set(text, 1);
  return signal;
}

/** The description of a signal of the type expected. @throws KithError 'frame-malformed' */
export function decodeSignal(type: SignalType, signal: Uint8Array): string {
  if (signal.length > MAX_SIGNAL_BYTES || signal[0] !== typeBytes[type]) throw new KithError('frame-malformed');
  const sdp = decodeText(signal.subarray(1));
  if (!describesOneDataChannel(sdp)) throw new KithError('frame-malformed');
  fingerprintOf(sdp);
  return sdp;
}

/** The 32 bytes of the one SHA-256 certificate fingerprint. Several could differ in whom they admit. @throws KithError 'frame-malformed' */
export function fingerprintOf(sdp: string): Uint8Array {
  const found = new Set(
    [...sdp.matchAll(/^a=fingerprint:(.*?)\r?$/gim)].map((match) => match[1]?.trim().toLowerCase()),
  );
  const [only = ''] = found;
  const hex = /^sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/.exec(only)?.[1];
  if (found.size !== 1 || hex === undefined) throw new KithError('frame-malformed');
  return Uint8Array.from(hex.split(':'), (byte) => Number.parseInt(byte, 16));
}

function describesOneDataChannel(sdp: string): boolean {
  const media = sdp.match(/^m=.*$/gm) ?? [];
  return sdp.startsWith('v=0') && media.length === 1 && /^m=application .*webrtc-datachannel\r?$/.test(media[0] ?? '');
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new KithError('frame-malformed', {}, { cause });
  }
}
