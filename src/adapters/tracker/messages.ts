// The WebTorrent tracker protocol: BEP3's announce as JSON over a WebSocket, with WebRTC offers and answers on board (as
// spoken by bittorrent-tracker, aquatic and openwebtorrent). Kith's `sdp` is base64url of a sealed signal.
import * as v from 'valibot';
import { fromBase64url, toBase64url } from '../../core/bytes/base64url.ts';

/** Longest message that is looked at, characters. */
const MAX_MESSAGE_LENGTH = 65_536;
/** Longest sealed signal, characters of base64url: 18 KiB of bytes. */
const MAX_SDP_LENGTH = 24_576;
/** Ids of the protocol (info_hash, peer_id, offer_id) are strings of 20 characters, each one byte. */
const ID_LENGTH = 20;

export type Incoming =
  | { readonly kind: 'counts'; readonly topic: string; readonly others?: number; readonly intervalSeconds?: number }
  | {
      readonly kind: 'offer';
      readonly topic: string;
      readonly peerId: string;
      readonly offerId: string;
      readonly signal: Uint8Array;
    }
  | { readonly kind: 'answer'; readonly topic: string; readonly offerId: string; readonly signal: Uint8Array };

export interface Speaker {
  readonly topic: string;
  readonly peerId: string;
}

/** Bytes as the protocol writes them: one character (U+0000 to U+00FF) a byte. */
export function binaryString(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** An id of 20 characters from 15 random bytes. */
export function idFrom(bytes15: Uint8Array): string {
  return toBase64url(bytes15);
}

/** "I am here. Who else?" `left` only tells seeders from leechers, which Kith's counts add up. */
export function announceMessage({ topic, peerId }: Speaker, event?: 'started' | 'stopped'): string {
  const counters = { uploaded: 0, downloaded: 0, left: 1 };
  return JSON.stringify({
    action: 'announce',
    info_hash: topic,
    peer_id: peerId,
    numwant: 0,
    ...counters,
    ...(event && { event }),
  });
}

/** An announce that hands one sealed offer to as many others as there are ids. */
export function offerMessage(speaker: Speaker, offerIds: readonly string[], signal: Uint8Array): string {
  const offer = { type: 'offer', sdp: toBase64url(signal) };
  return JSON.stringify({
    action: 'announce',
    info_hash: speaker.topic,
    peer_id: speaker.peerId,
    numwant: offerIds.length,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    offers: offerIds.map((offerId) => ({ offer_id: offerId, offer })),
  });
}

export function answerMessage(speaker: Speaker, toPeerId: string, offerId: string, signal: Uint8Array): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: speaker.topic,
    peer_id: speaker.peerId,
    to_peer_id: toPeerId,
    offer_id: offerId,
    answer: { type: 'answer', sdp: toBase64url(signal) },
  });
}

const id = v.pipe(v.string(), v.length(ID_LENGTH));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const description = v.object({ sdp: v.pipe(v.string(), v.maxLength(MAX_SDP_LENGTH)) });
const incoming = v.union([
  v.object({ action: v.literal('announce'), info_hash: id, peer_id: id, offer_id: id, offer: description }),
  v.object({ action: v.literal('announce'), info_hash: id, peer_id: id, offer_id: id, answer: description }),
  v.object({
    action: v.literal('announce'),
    info_hash: id,
    complete: v.optional(count),
    incomplete: v.optional(count),
    interval: v.optional(v.pipe(v.number(), v.finite())),
    // A broken offer or answer is not a count.
    offer: v.optional(v.undefined()),
    answer: v.optional(v.undefined()),
  }),
]);

/** What a tracker said, or undefined for anything that makes no sense: trackers are strangers. */
export function parseIncoming(text: string): Incoming | undefined {
  if (text.length > MAX_MESSAGE_LENGTH) return undefined;
  const parsed = v.safeParse(incoming, parseJson(text));
  if (!parsed.success) return undefined;
  const message = parsed.output;
  const topic = message.info_hash;
  if ('peer_id' in message && 'offer' in message) {
    const { peer_id: peerId, offer_id: offerId } = message;
    const signal = parseSignal(message.offer.sdp);
    return signal && { kind: 'offer', topic, peerId, offerId, signal };
  }
  if ('peer_id' in message) {
    const signal = parseSignal(message.answer.sdp);
    return signal && { kind: 'answer', topic, offerId: message.offer_id, signal };
  }
  const { complete, incomplete, interval } = message;
  const known = complete !== undefined || incomplete !== undefined;
  if (!known && interval === undefined) return undefined; // a failure or a warning
  return {
    kind: 'counts',
    topic,
    // Seeders and leechers alike are people; one of them is the one who asks.
    ...(known && { others: Math.max(0, (complete ?? 0) + (incomplete ?? 0) - 1) }),
    ...(interval !== undefined && { intervalSeconds: interval }),
  };
}

function parseSignal(sdp: string): Uint8Array | undefined {
  try {
    return fromBase64url(sdp);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
