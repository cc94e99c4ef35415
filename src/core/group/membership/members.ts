// What the other rooms of a group see of its members (GROUP.md): who belongs to it, in whose eyes, and who was removed.
import type { Bytes } from '../../bytes/bytes.ts';

export type Role = 'admin' | 'member';

export interface Member {
  /** SHA-256 of the bundle, 64 hexadecimal digits in lower case. */
  readonly id: string;
  readonly role: Role;
  /**
   * Ed25519 public key made for this group (32 bytes), bound to the identity by `binding.ts`; it signs operations and messages.
   * Empty while the person is invited and has not answered.
   */
  readonly signKey: Bytes;
  /** The canonical bundle, 65 bytes (identity/bundle.ts). */
  readonly bundle: Bytes;
  /** As the person, or else whoever invited them, wrote it; not cleaned for the screen. */
  readonly name: string;
  readonly state: 'invited' | 'joined';
}

/** The members in the eyes of somebody who knows the operations that `heads` follow from. Never changes. */
export interface MembersView {
  /** 32 bytes: SHA-256 of the creation. */
  readonly groupId: Bytes;
  /** Hashes (32 bytes each) of the operations that no other known operation names as parent; in bytewise order. */
  readonly heads: readonly Bytes[];
  /** SHA-256 of the heads one after another, 32 bytes: what sender keys are bound to. */
  readonly headsHash: Bytes;
  /** In order of `id`; invited and joined. At most 50. */
  members(): readonly Member[];
  /** Whether `members()` lists that id, invited or joined. */
  has(id: string): boolean;
  /** The member, or undefined when nobody of that id is listed. */
  member(id: string): Member | undefined;
}

/** A removal (or leave) that stands today. */
export interface StandingRemoval {
  /** Hash of the operation, 32 bytes. */
  readonly hash: Bytes;
  /** Who removed; the same as the removed for a leave. 64 hexadecimal digits. */
  readonly by: string;
  /** Heads of the messages that whoever removed had (32 bytes each, at most 16): what of the removed is not among their ancestors is void. */
  readonly messages: readonly Bytes[];
}

/** What a message that names membership heads is worth today. */
export type Judgement =
  /** Its author had joined in their own view, with that key, and no removal stands that this view does not hold. */
  | { readonly is: 'member' }
  /** Heads that are not known (yet): the operations they name must be fetched first. `missing`: 32 bytes each. */
  | { readonly is: 'unknown-heads'; readonly missing: readonly Bytes[] }
  /** In their own view its author is no member, or not with that key. */
  | { readonly is: 'not-a-member' }
  /** What made its author a member is void today: no message of theirs counts. */
  | { readonly is: 'void' }
  /**
   * Removed since, by removals that these heads do not follow from. The message counts only if it is an ancestor of one of
   * `removal.messages`, for every removal.
   */
  | { readonly is: 'removed'; readonly removals: readonly StandingRemoval[] };

/** What is known of a group's members at one moment: today's view, and any earlier or narrower one. Never changes. */
export interface Members {
  /** Everything known. */
  readonly view: MembersView;
  /** Whether all of these operations (hashes of 32 bytes) are known. */
  knows(heads: readonly Uint8Array[]): boolean;
  /** The view of somebody who knows what these heads follow from, and nothing else. Undefined when one of them is not known. */
  viewAt(heads: readonly Uint8Array[]): Promise<MembersView | undefined>;
  /** Whether everything that `earlier` follows from is among what `later` follows from; false when one of them is not known. */
  includes(later: readonly Uint8Array[], earlier: readonly Uint8Array[]): boolean;
  /** Judges a message by `author` (64 hexadecimal digits), signed with `signKey`, that names `heads`. */
  judge(author: string, signKey: Uint8Array, heads: readonly Uint8Array[]): Judgement;
  /** Removals of that member which stand today and which `heads` do not follow from. Empty for unknown heads. */
  removedAfter(memberId: string, heads: readonly Uint8Array[]): readonly StandingRemoval[];
  /** Whether, in the view at `heads`, that person had been removed or had left and is not back. False for unknown heads. */
  wasRemovedBefore(memberId: string, heads: readonly Uint8Array[]): boolean;
}
