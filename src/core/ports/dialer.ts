// Makes Links out of an exchange of two signals (WebRTC: offer and answer). Signals are opaque bytes here.
import type { Link } from './link.ts';

export interface DialOptions {
  /**
   * The signal is there at once and candidates follow (RFC 8838): for ways that carry many messages. Both sides of a
   * connection must want it. Otherwise the signal is complete and nothing follows.
   */
  readonly trickle?: boolean;
  /** When trickling: how long the signal waits for a first candidate, and takes along what is there then, milliseconds. Default: not at all. */
  readonly firstMs?: number;
  /** How long the other side may take to make use of the answer, milliseconds. Default: 20 s; people who carry it by hand take longer. */
  readonly patienceMs?: number;
}

/** A connection in the making. */
interface Pending {
  readonly signal: Uint8Array;
  /** Candidates to pass on to the other side, when trickling. One handler; what was found before is kept in order. */
  onCandidate(handler: (candidate: Uint8Array) => void): void;
  /** A candidate of the other side; may come before its answer. What makes no sense or is too much is ignored. */
  addCandidate(candidate: Uint8Array): void;
  /** Frees the connection if it never opened. */
  cancel(): void;
}

export interface PendingOffer extends Pending {
  /** Give it the answer. Resolves when the link is open. @throws KithError 'link-timeout' | 'link-closed' | 'frame-malformed' */
  accept(answer: Uint8Array): Promise<Link>;
}

export interface PendingAnswer extends Pending {
  readonly link: Promise<Link>;
}

export interface Dialer {
  /** @throws KithError 'link-closed', also when the browser finds no address and does not say so | 'too-many-connections' | 'unsupported-browser' */
  offer(options?: DialOptions): Promise<PendingOffer>;
  /** @throws KithError as `offer`, and 'frame-malformed' when the offer makes no sense. */
  answer(offer: Uint8Array, options?: DialOptions): Promise<PendingAnswer>;
  /** Connections that exist now, and that were made since the page loaded. */
  readonly alive: number;
  readonly opened: number;
}
