// The sending half of a channel: seals payloads in the order of the calls and renews its key in time (SESSION.md, "Rekey").
import type { Bytes } from '../bytes/bytes.ts';
import { AEAD_TAG_BYTES } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { MAX_FRAME_BYTES } from '../wire/limits.ts';
import type { CipherState } from './noise/cipher-state.ts';
import { frameKinds, HEADER_BYTES, header } from './outer-frame.ts';

/** First byte of what is sealed. */
export const sealedTypes = { data: 0, ping: 1, pong: 2, rekey: 3, goodbye: 4, ready: 5 } as const;

export type SealedType = (typeof sealedTypes)[keyof typeof sealedTypes];

const TYPE_BYTES = 1;
const OVERHEAD_BYTES = HEADER_BYTES + TYPE_BYTES + AEAD_TAG_BYTES;

/** Longest payload of one frame, bytes. */
export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - OVERHEAD_BYTES;

/**
 * What a frame carries: bytes, or who writes them into the space they get and tells how many.
 * @throws KithError 'frame-too-large' | whatever keeps it from being written; neither harms the channel
 */
export type Payload = Uint8Array | ((space: Bytes) => number);

/** When one direction changes its key; whichever comes first. */
export interface RekeyLimits {
  readonly ms: number;
  readonly bytes: number;
  readonly frames: number;
}

/** 2^20 frames of 256 KiB stay far inside AES-GCM's bound of 2^32 calls; the hour bounds what a stolen key opens. */
export const REKEY_LIMITS: RekeyLimits = { ms: 3_600_000, bytes: 2 ** 30, frames: 2 ** 20 };

/** The kind of frame that carries a sealed type. */
export const kindOfSealed = (type: SealedType) =>
  type === sealedTypes.rekey ? frameKinds.lastOfKey : frameKinds.transport;

/** Associated data of a sealed frame: its own header. */
export const sealedHeaders = {
  [frameKinds.transport]: header(frameKinds.transport),
  [frameKinds.lastOfKey]: header(frameKinds.lastOfKey),
} as const;

const EMPTY = new Uint8Array(0);

/**
 * Where frames are put together, for every channel: the cipher and the link have copied what stands here when their calls return.
 * Memory of its own for each frame costs more than sealing it (tests/bench/README.md).
 */
const plainSpace: Bytes = new Uint8Array(TYPE_BYTES + MAX_PAYLOAD_BYTES);
const frameSpace: Bytes = new Uint8Array(MAX_FRAME_BYTES);

/** Type and payload, in `plainSpace`. @throws KithError 'frame-too-large' */
function plainOf(type: SealedType, payload: Payload): Bytes {
  plainSpace[0] = type;
  const space = plainSpace.subarray(TYPE_BYTES);
  if (typeof payload === 'function') return plainSpace.subarray(0, TYPE_BYTES + payload(space));
  if (payload.length > MAX_PAYLOAD_BYTES) throw new KithError('frame-too-large', { limit: MAX_PAYLOAD_BYTES });
  space.set(payload);
  return plainSpace.subarray(0, TYPE_BYTES + payload.length);
}

/** The whole frame, in `frameSpace`. */
function frameOf(head: Bytes, sealed: Bytes): Bytes {
  frameSpace.set(head);
  frameSpace.set(sealed, HEADER_BYTES);
  return frameSpace.subarray(0, HEADER_BYTES + sealed.length);
}

export class Sealer {
  /** Bytes of frames that are being sealed and were not handed on yet. */
  pendingBytes = 0;
  /** A nonce was taken and its frame did not leave: the other side can read nothing across that. */
  hasGap = false;
  /** How often the key was renewed. */
  rekeys = 0;
  readonly #cipher: CipherState;
  readonly #clock: Clock;
  readonly #limits: RekeyLimits;
  readonly #handOn: (frame: Bytes) => void;
  #keyFrames = 0;
  #keyBytes = 0;
  #keySince: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cipher: CipherState, clock: Clock, limits: RekeyLimits, handOn: (frame: Bytes) => void) {
    this.#cipher = cipher;
    this.#clock = clock;
    this.#limits = limits;
    this.#handOn = handOn;
    this.#keySince = clock.now();
  }

  /**
   * Resolves when the sealed frame was handed on; frames are handed on in the order of the calls. They are lent: whoever keeps one
   * copies it.
   * @throws KithError 'frame-too-large', or whatever the payload's writer throws: nothing has happened then | whatever handing on
   * throws: then there is a gap
   */
  async seal(type: SealedType, payload: Payload): Promise<void> {
    // Everything up to the call of the cipher runs before the first await: the call takes its nonce in the caller's turn.
    const announced = this.#isKeyWornOut() ? this.#renewKey() : undefined;
    const sent = this.#put(type, payload);
    await announced;
    await sent;
  }

  /** Resolves when every frame sealed so far was handed on, or could not be. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #isKeyWornOut(): boolean {
    const { ms, bytes, frames } = this.#limits;
    return this.#keyFrames >= frames || this.#keyBytes >= bytes || this.#clock.now() - this.#keySince >= ms;
  }

  /** The announcement is the last frame under the old key. */
  #renewKey(): Promise<void> {
    const announced = this.#put(sealedTypes.rekey, EMPTY);
    this.#cipher.rekey();
    this.rekeys += 1;
    this.#keyFrames = 0;
    this.#keyBytes = 0;
    this.#keySince = this.#clock.now();
    return announced;
  }

  #put(type: SealedType, payload: Payload): Promise<void> {
    const handedOn = this.#sealAndHandOn(type, payload);
    this.#last = handedOn.catch(() => undefined);
    return handedOn;
  }

  async #sealAndHandOn(type: SealedType, payload: Payload): Promise<void> {
    const plain = plainOf(type, payload);
    const size = plain.length - TYPE_BYTES + OVERHEAD_BYTES;
    this.#keyFrames += 1;
    this.#keyBytes += size;
    this.pendingBytes += size;
    try {
      const head = sealedHeaders[kindOfSealed(type)];
      const sealed = await this.#cipher.encryptWithAd(head, plain);
      this.#handOn(frameOf(head, sealed));
    } catch (error) {
      this.hasGap = true;
      throw error;
    } finally {
      this.pendingBytes -= size;
    }
  }
}
