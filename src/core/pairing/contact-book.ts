// What pairing asks of whoever keeps the contacts. Answers are writes, so that a contact and the state of its card are
// committed together or not at all.
import type { Write } from '../ports/store.ts';
import type { Person } from './introduction.ts';

/** Somebody to become a contact, and the secret that the pair then shares. */
export interface Candidate extends Person {
  /** 32 bytes. */
  readonly pairSecret: Uint8Array;
}

export interface Change {
  readonly writes: readonly Write[];
  /** Called once the writes are on the disk. Not called when they could not be written. */
  committed(): void;
}

type Changing = Change | Promise<Change>;

export interface ContactBook {
  /** I took their card and they keep mine: store them as waiting and, since I checked their fingerprint, verified. */
  taken(candidate: Candidate): Changing;
  /** The person whose card I took has answered. */
  answered(fingerprint: Uint8Array, answer: 'accepted' | 'refused'): Changing;
  /** I agree to somebody who took my card. `verified`: their screen shows the number that mine does. */
  accepted(candidate: Candidate, verified: boolean): Changing;
  /** I refuse them. What is written here may serve to tell them later. */
  refused(candidate: Candidate): Changing;
  /** Somebody whom I accepted lost what they had and called again: the pair has a new secret. */
  renewed(candidate: Candidate): Changing;
}
