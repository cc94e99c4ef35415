// What pairing asks of whoever keeps the contacts. They give writes to a commit of pairing's, so that a contact and the state of
// its card are committed together or not at all.
import type { Write } from '../ports/store.ts';
import type { Person } from './introduction.ts';
import type { Promised } from './promise.ts';
import type { Way } from './way.ts';

/** Somebody to become a contact, and the secret that the pair then shares. */
export interface Candidate extends Person {
  /** 32 bytes. */
  readonly pairSecret: Uint8Array;
}

/** How I came to agree to somebody. */
export interface Agreed {
  /** Their screen shows the number that mine does, or I have their card from themselves. */
  readonly verified: boolean;
  readonly way: Way;
}

/** Commits what is given together with the state of the card. */
export type Commit = (writes: readonly Write[]) => Promise<void>;

/**
 * Each reads what is known, calls `commit` once, and lets nothing else change contacts until that has settled; what `commit`
 * throws rejects it, and then nothing has changed.
 */
export interface ContactBook {
  /** I took their card and they keep mine: store them as waiting. With a card from themselves I have checked their fingerprint. */
  taken(candidate: Candidate, way: Way, commit: Commit): Promise<void>;
  /** The person whose card I took has answered. */
  answered(fingerprint: Uint8Array, answer: 'accepted' | 'refused', commit: Commit): Promise<void>;
  /** I agree to somebody who took my card. */
  accepted(candidate: Candidate, how: Agreed, commit: Commit): Promise<void>;
  /** I refuse them. What is written here may serve to tell them later. */
  refused(candidate: Candidate, commit: Commit): Promise<void>;
  /**
   * We have compared codes over a mailbox and hold each other's card: a verified contact from now on, though no more than the
   * fingerprint is known before first contact.
   */
  agreed(fingerprint: Uint8Array, commit: Commit): Promise<void>;
  /**
   * First contact with somebody of whom that is true, or who was introduced. `agreed`: I have known so, and they may be blocked or
   * removed since; else this is how I learn of it.
   */
  met(candidate: Candidate, promise: Pick<Promised, 'agreed' | 'introduction'>, commit: Commit): Promise<void>;
  /** Somebody whom I accepted lost what they had and called again: the pair has a new secret. */
  renewed(candidate: Candidate, commit: Commit): Promise<void>;
}
