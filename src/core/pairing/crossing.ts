// Two who took each other's card: what the cards that I took mean for the one that I show (PAIRING.md, "Crossing cards").
import type { Write } from '../ports/store.ts';

/** As `Commit`. `checked`: I have their card from themselves, so that I know their fingerprint. From a link I do not. */
export type CheckedCommit = (writes: readonly Write[], checked: boolean) => Promise<void>;

export interface TakenCards {
  /** Fingerprints (32 bytes) of those whose card I took and whom I call until they answer. */
  awaited(): readonly Uint8Array[];
  /**
   * They called me instead: my calls are over, in one commit with what `commit` adds. False, and nothing has happened, when I do not
   * wait for them any more.
   */
  settle(fingerprint: Uint8Array, commit: CheckedCommit): Promise<boolean>;
}
