// Signals as an entry point sees them: AES-256-GCM under the meeting's signal key, padded so that their length says little
// (RENDEZVOUS.md, "Signals"). What a signal is for stands in the AAD, so that none can be used for anything else.
import { type Bytes, concat } from '../bytes/bytes.ts';
import { readUint16be, readUint32be, uint16be, uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { AEAD_NONCE_BYTES, importAeadKey, open, seal } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { Random } from '../ports/random.ts';
import type { MeetingSide } from './topics.ts';

/** Random, made by whoever offers; an answer is bound to it. */
export const OFFER_ID_BYTES = 16;
/** When the offer was made: seconds since 1970-01-01 on its maker's clock, as 32 bits. */
const TIME_BYTES = 4;
const OFFER_HEAD_BYTES = OFFER_ID_BYTES + TIME_BYTES;
/** Longest signal, bytes (as adapters/webrtc has it). */
const MAX_SIGNAL_BYTES = 16_384;
/** Plain sizes that signals are padded to, bytes. A description with host and STUN candidates fits the first. */
const BUCKETS = [2_048, 4_096, 8_192, MAX_SIGNAL_BYTES + OFFER_HEAD_BYTES + 2] as const;
const LABEL = utf8('kith signal v2');
/** What a candidate is padded to, bytes. */
const CANDIDATE_BYTES = 512;
const OFFER = Uint8Array.of(1);
const ANSWER = Uint8Array.of(2);
/** An offer whose candidates follow: it is answered in kind. */
const TRICKLED_OFFER = Uint8Array.of(3);
const CANDIDATE = { offered: Uint8Array.of(4), answered: Uint8Array.of(5) } as const;

const NO_SIDE = new Uint8Array(0);
const FROM = { initiator: Uint8Array.of(1), responder: Uint8Array.of(2) } as const;

/** Whose candidate it is: theirs who made the offer, or who answered. */
export type CandidateOf = keyof typeof CANDIDATE;

/** Bound to its offer by the id, so that it can be used once and needs no time of its own. */
export interface OpenedAnswer {
  readonly offerId: Uint8Array;
  readonly signal: Uint8Array;
}

export interface OpenedOffer extends OpenedAnswer {
  /** Its maker's clock, milliseconds, to the second. */
  readonly at: number;
}

/** Seals and opens the signals of one meeting. Everything that does not open is a KithError 'frame-authentication' | 'frame-malformed'. */
export class SignalSealer {
  readonly #key: Promise<CryptoKey>;
  readonly #random: Random;
  readonly #offersOf: (whose: 'mine' | 'theirs') => Uint8Array;

  /** `signalKey`: 32 bytes. `crowd`: my side, where several wait on one: an offer then opens on the other side alone. */
  constructor(signalKey: Uint8Array, random: Random, crowd?: MeetingSide) {
    this.#key = importAeadKey(signalKey);
    this.#random = random;
    this.#offersOf = (whose) => {
      if (crowd === undefined) return NO_SIDE;
      return (crowd === 'initiator') === (whose === 'mine') ? FROM.initiator : FROM.responder;
    };
  }

  /** `trickled`: candidates follow. */
  async sealOffer(topic: Uint8Array, { offerId, at, signal }: OpenedOffer, trickled = false): Promise<Bytes> {
    const time = uint32be(Math.floor(at / 1000));
    const kind = trickled ? TRICKLED_OFFER : OFFER;
    return this.#seal(concat(LABEL, kind, topic, this.#offersOf('mine')), concat(offerId, time, framed(signal)));
  }

  async openOffer(topic: Uint8Array, sealed: Uint8Array, trickled = false): Promise<OpenedOffer> {
    const kind = trickled ? TRICKLED_OFFER : OFFER;
    const plain = await this.#open(concat(LABEL, kind, topic, this.#offersOf('theirs')), sealed);
    if (plain.length < OFFER_HEAD_BYTES) throw new KithError('frame-malformed');
    return {
      offerId: plain.slice(0, OFFER_ID_BYTES),
      at: readUint32be(plain, OFFER_ID_BYTES) * 1000,
      signal: unframed(plain.subarray(OFFER_HEAD_BYTES)),
    };
  }

  async sealAnswer(topic: Uint8Array, { offerId, signal }: OpenedAnswer): Promise<Bytes> {
    return this.#seal(concat(LABEL, ANSWER, topic, offerId), framed(signal));
  }

  /** The answer to the offer of that id, under that topic; any other does not open. */
  async openAnswer(topic: Uint8Array, offerId: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
    return unframed(await this.#open(concat(LABEL, ANSWER, topic, offerId), sealed));
  }

  async sealCandidate(topic: Uint8Array, of: CandidateOf, { offerId, signal }: OpenedAnswer): Promise<Bytes> {
    const plain = framed(signal);
    if (plain.length > CANDIDATE_BYTES) throw new KithError('frame-too-large', { limit: CANDIDATE_BYTES });
    return this.#seal(concat(LABEL, CANDIDATE[of], topic, offerId), plain, [CANDIDATE_BYTES]);
  }

  async openCandidate(
    topic: Uint8Array,
    of: CandidateOf,
    offerId: Uint8Array,
    sealed: Uint8Array,
  ): Promise<Uint8Array> {
    return unframed(await this.#open(concat(LABEL, CANDIDATE[of], topic, offerId), sealed));
  }

  async #seal(aad: Uint8Array, plain: Uint8Array, sizes: readonly number[] = BUCKETS): Promise<Bytes> {
    const nonce = this.#random.bytes(AEAD_NONCE_BYTES);
    return concat(nonce, await seal(await this.#key, nonce, padded(plain, sizes), aad));
  }

  async #open(aad: Uint8Array, sealed: Uint8Array): Promise<Bytes> {
    const nonce = sealed.subarray(0, AEAD_NONCE_BYTES);
    if (nonce.length < AEAD_NONCE_BYTES) throw new KithError('frame-malformed');
    return open(await this.#key, nonce, sealed.subarray(AEAD_NONCE_BYTES), aad);
  }
}

/** What a replay repeats: the nonce, as text. */
export function nonceOf(sealed: Uint8Array): string {
  return sealed.subarray(0, AEAD_NONCE_BYTES).join();
}

function framed(signal: Uint8Array): Bytes {
  if (signal.length > MAX_SIGNAL_BYTES) throw new KithError('frame-too-large', { limit: MAX_SIGNAL_BYTES });
  return concat(uint16be(signal.length), signal);
}

function unframed(plain: Uint8Array): Uint8Array {
  if (plain.length < 2) throw new KithError('frame-malformed');
  const end = 2 + readUint16be(plain);
  if (end > plain.length) throw new KithError('frame-malformed');
  return plain.slice(2, end);
}

function padded(plain: Uint8Array, sizes: readonly number[]): Bytes {
  const size = sizes.find((bucket) => bucket >= plain.length) ?? plain.length;
  return concat(plain, new Uint8Array(size - plain.length));
}
