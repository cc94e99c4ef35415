// Makes Links out of an exchange of two signals (WebRTC: offer and answer). Signals are opaque bytes here.
import type { Link } from './link.ts';

export interface PendingOffer {
  /** What the other side needs to answer; complete (no trickling). */
  readonly signal: Uint8Array;
  /** Give it the answer. Resolves when the link is open. @throws KithError 'link-timeout' | 'link-closed' | 'frame-malformed' */
  accept(answer: Uint8Array): Promise<Link>;
  /** Frees the connection if it never opened. */
  cancel(): void;
}

export interface PendingAnswer {
  readonly signal: Uint8Array;
  readonly link: Promise<Link>;
  cancel(): void;
}

export interface Dialer {
  offer(): Promise<PendingOffer>;
  /** @throws KithError 'frame-malformed' when the offer makes no sense. */
  answer(offer: Uint8Array): Promise<PendingAnswer>;
  /** Connections that exist now, and that were made since the page loaded. */
  readonly alive: number;
  readonly opened: number;
}
