// What two nodes say to each other to make a direct link (service "dial", OVERLAY.md). Hops on the way see it: it proves
// nothing and holds nothing about a person; the hello on the link proves who is there.
import { concat } from '../bytes/bytes.ts';
import { uint16be } from '../bytes/integers.ts';
import { ByteReader } from '../bytes/reader.ts';
import { KithError } from '../errors.ts';

/** Random, made by whoever offers. */
export const DIAL_ID_BYTES = 8;
/** Candidates in one message, and the longest of them, bytes: a fence, no machine has so many or such. */
export const MAX_CANDIDATES = 16;
const MAX_CANDIDATE_BYTES = 600;

const OFFER = 1;
const CANDIDATES = 2;
const ANSWER = 1;
const YIELD = 2;
const REFUSED = 3;

export type DialMessage =
  | { readonly kind: 'offer'; readonly dialId: Uint8Array; readonly signal: Uint8Array }
  | { readonly kind: 'candidates'; readonly dialId: Uint8Array; readonly candidates: readonly Uint8Array[] };

/** yield: my own offer to you goes first. refused: no room. */
export type DialReply =
  | { readonly kind: 'answer'; readonly signal: Uint8Array }
  | { readonly kind: 'yield' | 'refused' };

export function encodeDialMessage(message: DialMessage): Uint8Array {
  if (message.kind === 'offer') return concat(Uint8Array.of(OFFER), message.dialId, message.signal);
  const framed = message.candidates.flatMap((candidate) => [uint16be(candidate.length), candidate]);
  return concat(Uint8Array.of(CANDIDATES), message.dialId, ...framed);
}

/** @throws KithError 'frame-malformed' */
export function decodeDialMessage(bytes: Uint8Array): DialMessage {
  const reader = new ByteReader(bytes);
  const type = reader.uint8();
  const dialId = reader.take(DIAL_ID_BYTES);
  if (type === OFFER) return { kind: 'offer', dialId, signal: reader.rest() };
  if (type !== CANDIDATES) throw new KithError('frame-malformed');
  const candidates: Uint8Array[] = [];
  while (reader.left > 0) {
    const length = reader.uint16();
    if (length > MAX_CANDIDATE_BYTES || candidates.length >= MAX_CANDIDATES) throw new KithError('frame-malformed');
    candidates.push(reader.take(length));
  }
  return { kind: 'candidates', dialId, candidates };
}

export function encodeDialReply(reply: DialReply): Uint8Array {
  if (reply.kind === 'answer') return concat(Uint8Array.of(ANSWER), reply.signal);
  return Uint8Array.of(reply.kind === 'yield' ? YIELD : REFUSED);
}

/** @throws KithError 'frame-malformed' */
export function decodeDialReply(bytes: Uint8Array): DialReply {
  const reader = new ByteReader(bytes);
  const type = reader.uint8();
  if (type === ANSWER) return { kind: 'answer', signal: reader.rest() };
  if (type === YIELD) return { kind: 'yield' };
  if (type === REFUSED) return { kind: 'refused' };
  throw new KithError('frame-malformed');
}
