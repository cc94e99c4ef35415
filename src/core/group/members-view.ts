// What keys, history and gossip ask of a group's members: that part of membership/members.ts, as a structure, so that neither
// room needs the other to be built or tested.

/** Fingerprint, 64 hexadecimal digits, lower case. */
export type MemberId = string;

export interface ViewMember {
  readonly id: MemberId;
  readonly role: 'admin' | 'member';
  /** Ed25519 key made for this group, 32 bytes; empty while the person is invited. */
  readonly signKey: Uint8Array;
  readonly state: 'invited' | 'joined';
}

/** The members in the eyes of somebody who knows the operations that `heads` follow from. Never changes. */
export interface MembersView {
  /** 32 bytes. */
  readonly groupId: Uint8Array;
  /** Hashes (32 bytes) of operations, in bytewise order. */
  readonly heads: readonly Uint8Array[];
  /** SHA-256 of the heads, 32 bytes. */
  readonly headsHash: Uint8Array;
  members(): readonly ViewMember[];
  has(id: MemberId): boolean;
  member(id: MemberId): ViewMember | undefined;
}

export interface StandingRemoval {
  readonly hash: Uint8Array;
  /** Who removed; the same as the removed for a leave. */
  readonly by: MemberId;
  /** Heads of the messages (32-byte hashes) that whoever removed had. */
  readonly messages: readonly Uint8Array[];
}

export type Judgement =
  | { readonly is: 'member' }
  | { readonly is: 'unknown-heads'; readonly missing: readonly Uint8Array[] }
  | { readonly is: 'not-a-member' }
  | { readonly is: 'void' }
  | { readonly is: 'removed'; readonly removals: readonly StandingRemoval[] };

/** What is known of the members at one moment. Never changes: a new operation makes a new one. */
export interface Members {
  readonly view: MembersView;
  /** undefined while operations are missing. */
  viewAt(heads: readonly Uint8Array[]): Promise<MembersView | undefined>;
  judge(author: MemberId, signKey: Uint8Array, heads: readonly Uint8Array[]): Judgement;
  /** Whether, in the view at `heads`, that person had been removed or had left and is not back. */
  wasRemovedBefore(id: MemberId, heads: readonly Uint8Array[]): boolean;
}

/** Those of a view who have accepted. */
export const hasJoined = (view: MembersView, id: MemberId): boolean => view.member(id)?.state === 'joined';
