// Signals as bytes, and what of a session description (SDP, RFC 8866) Kith looks at: that it describes one data channel and
// nothing else (RFC 8841), and which DTLS certificate it promises (RFC 8122).
import { concat } from '../../core/bytes/bytes.ts';
import { ByteReader } from '../../core/bytes/reader.ts';
import { KithError } from '../../core/errors.ts';
import { packCandidate, readCandidate } from './candidate.ts';
import { packDescription, unpackDescription } from './compact.ts';

export type SignalType = 'offer' | 'answer';

/** First byte of a signal: the description follows as UTF-8, or as its fields (compact.ts). */
const textBytes: Readonly<Record<SignalType, number>> = { offer: 1, answer: 2 };
const compactBytes: Readonly<Record<SignalType, number>> = { offer: 3, answer: 4 };
/** First byte of a candidate that comes after its signal. */
const COMPACT_CANDIDATE = 5;
const TEXT_CANDIDATE = 6;
/** Longest candidate that travels as text, bytes. */
const MAX_CANDIDATE_BYTES = 512;
const candidateForm =
  /^candidate:[A-Za-z0-9+/]{1,32} [1-9]\d{0,2} (?:udp|tcp) \d{1,10} [0-9A-Za-z.:-]{1,255} \d{1,5} typ [a-z]+(?: [!-~]+)*$/i;

/** Longest signal, bytes. With host, STUN and IPv6 candidates a description takes 1 to 3 KiB. */
export const MAX_SIGNAL_BYTES = 16_384;

export function encodeSignal(type: SignalType, sdp: string): Uint8Array {
  const compact = packDescription(sdp);
  if (compact) return concat(Uint8Array.of(compactBytes[type]), compact);
  return concat(Uint8Array.of(textBytes[type]), new TextEncoder().encode(sdp));
}

/** The description of a signal of the type expected. @throws KithError 'frame-malformed' */
export function decodeSignal(type: SignalType, signal: Uint8Array): string {
  if (signal.length > MAX_SIGNAL_BYTES) throw new KithError('frame-malformed');
  if (signal[0] === compactBytes[type]) return unpackDescription(signal.subarray(1));
  if (signal[0] !== textBytes[type]) throw new KithError('frame-malformed');
  const sdp = decodeText(signal.subarray(1));
  if (!describesOneDataChannel(sdp)) throw new KithError('frame-malformed');
  fingerprintOf(sdp);
  return sdp;
}

/** A candidate as browsers name it, `candidate:…`; undefined for one that is too long or odd to travel. */
export function encodeCandidate(text: string): Uint8Array | undefined {
  const compact = packCandidate(text);
  if (compact) return concat(Uint8Array.of(COMPACT_CANDIDATE), compact);
  if (text.length >= MAX_CANDIDATE_BYTES || !candidateForm.test(text)) return undefined;
  return concat(Uint8Array.of(TEXT_CANDIDATE), new TextEncoder().encode(text));
}

/** @throws KithError 'frame-malformed' */
export function decodeCandidate(bytes: Uint8Array): string {
  if (bytes.length > MAX_CANDIDATE_BYTES) throw new KithError('frame-malformed');
  const reader = new ByteReader(bytes);
  const type = reader.uint8();
  if (type === COMPACT_CANDIDATE) {
    const text = readCandidate(reader);
    reader.end();
    return text;
  }
  const text = decodeText(reader.rest());
  if (type !== TEXT_CANDIDATE || !candidateForm.test(text)) throw new KithError('frame-malformed');
  return text;
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
