// A group's members as its log tells them (GROUP.md): beyond what messages ask (../members-view.ts), names and bundles, and how
// views lie to one another.
import type { Bytes } from '../../bytes/bytes.ts';
import type * as seen from '../members-view.ts';

export type { Judgement, Role, StandingRemoval } from '../members-view.ts';

export interface Member extends seen.ViewMember {
  /** The canonical bundle, 65 bytes (identity/bundle.ts). */
  readonly bundle: Bytes;
  /** As the person, or else whoever invited them, wrote it; not cleaned for the screen. */
  readonly name: string;
}

export interface MembersView extends seen.MembersView {
  members(): readonly Member[];
  member(id: seen.MemberId): Member | undefined;
}

export interface Members extends seen.Members {
  readonly view: MembersView;
  viewAt(heads: readonly Uint8Array[]): Promise<MembersView | undefined>;
  /** Whether all of these operations (hashes of 32 bytes) are known. */
  knows(heads: readonly Uint8Array[]): boolean;
  /** Removals of that member which stand today and which `heads` do not follow from. Empty for unknown heads. */
  removedAfter(memberId: seen.MemberId, heads: readonly Uint8Array[]): readonly seen.StandingRemoval[];
  /**
   * Hashes of what tells somebody who does not belong why. Their own removals that their additions do not follow from; where there are
   * none, their coming itself may be void: then removals, leaves and revocations that it does not follow from, of those who brought them
   * in, or gave power to these, and so on. Empty for whoever was never added.
   */
  partedBy(memberId: seen.MemberId): readonly Uint8Array[];
}
