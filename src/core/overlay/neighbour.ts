// One live link to another node whose hello was verified.
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import { type Address, addressOf } from './address.ts';
import type { Dialed, Peer } from './hello.ts';
import {
  MAX_LINK_BUFFER,
  MAX_STRIKES,
  PACKET_BYTES_PER_SECOND,
  PACKETS_PER_SECOND,
  SMALL_FRAMES_AT_ONCE,
  SMALL_FRAMES_PER_SECOND,
  STRAY_CELLS_AT_ONCE,
  STRAY_CELLS_PER_SECOND,
} from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Forgives one malformed frame a minute. */
const STRIKES_PER_SECOND = 1 / 60;

export interface NeighbourLimits {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

export const usualLimits: NeighbourLimits = {
  packetsPerSecond: PACKETS_PER_SECOND,
  bytesPerSecond: PACKET_BYTES_PER_SECOND,
};

export interface NeighbourOptions {
  readonly clock: Clock;
  readonly limits: NeighbourLimits;
  /** Counts for all neighbours together. */
  readonly traffic: { bytesOut: number };
}

export class Neighbour {
  /** 20 bytes. */
  readonly id: Uint8Array;
  readonly address: Address;
  readonly link: Link;
  readonly dialed: Dialed;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Kept for a contact. */
  pinned = false;
  inTable = false;
  inTheirTable = false;
  /** Circuits that use this link now. */
  circuits = 0;
  rttMs: number | undefined;
  bytesIn = 0;
  bytesOut = 0;
  heardAt: number;
  /** When the ping under way was sent. */
  pingedAt: number | undefined;
  gone = false;
  /** Further addresses under which it wants to be reached. */
  readonly aliases = new Set<Address>();
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #smallFrames: TokenBucket;
  readonly #strayCells: TokenBucket;
  readonly #strikes: TokenBucket;

  readonly #traffic: { bytesOut: number };

  constructor(peer: Peer, link: Link, { clock, limits, traffic }: NeighbourOptions) {
    this.#traffic = traffic;
    this.id = peer.id;
    this.address = addressOf(peer.id);
    this.dialed = peer.dialed;
    this.link = link;
    this.since = clock.now();
    this.heardAt = this.since;
    this.#packets = new TokenBucket(clock, limits.packetsPerSecond);
    this.#bytes = new TokenBucket(clock, limits.bytesPerSecond);
    this.#smallFrames = new TokenBucket(clock, SMALL_FRAMES_PER_SECOND, SMALL_FRAMES_AT_ONCE);
    this.#strayCells = new TokenBucket(clock, STRAY_CELLS_PER_SECOND, STRAY_CELLS_AT_ONCE);
    this.#strikes = new TokenBucket(clock, STRIKES_PER_SECOND, MAX_STRIKES);
  }

  /** Whether it may give us one more packet of so many bytes now. */
  allows(bytes: number): boolean {
    return this.#packets.take(1) && this.#bytes.take(bytes);
  }

  /** Whether it may give us one more frame that is neither packet nor cell. */
  allowsSmallFrame(): boolean {
    return this.#smallFrames.take(1);
  }

  /** Whether one more cell for no circuit can have been on its way when the circuit ended. */
  allowsStrayCell(): boolean {
    return this.#strayCells.take(1);
  }

  /** Of what was sent, what its link has passed on. */
  get bytesTaken(): number {
    return this.bytesOut - this.link.bufferedAmount;
  }

  /** It has not taken what was sent before. */
  get isSlow(): boolean {
    return this.link.bufferedAmount > MAX_LINK_BUFFER;
  }

  /** What one frame of its own asks for. Whoever asks and does not listen gets nothing: it would pile up here. */
  answer(frame: Uint8Array): void {
    if (!this.isSlow) this.send(frame);
  }

  /** False when it has sent more nonsense than is forgiven. */
  strike(): boolean {
    return this.#strikes.take(1);
  }

  /** False when the link is closed. */
  send(frame: Uint8Array): boolean {
    if (this.gone) return false;
    try {
      this.link.send(frame);
    } catch {
      return false; // its `onClose` follows
    }
    this.bytesOut += frame.length;
    this.#traffic.bytesOut += frame.length;
    return true;
  }
}
