// What keys, history and gossip ask of a group's members, as a structure: neither they nor their tests need the log of operations
// that tells it (membership/members.ts adds what only the group and its pages ask).
import { type Bytes, equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { MAX_VIEW_HEADS } from '../wire/group-limits.ts';

/** Fingerprint: SHA-256 of the bundle, 64 hexadecimal digits, lower case. */
export type MemberId = string;

export type Role = 'admin' | 'member';

export interface ViewMember {
  readonly id: MemberId;
  readonly role: Role;
  /**
   * Ed25519 public key made for this group (32 bytes), which the identity signed (R-bound-key); it signs operations and messages.
   * Empty while the person is invited and has not answered.
   */
  readonly signKey: Bytes;
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
  members(): readonly ViewMember[];
  /** Whether `members()` lists that id, invited or joined. */
  has(id: MemberId): boolean;
  /** The member, or undefined when nobody of that id is listed. */
  member(id: MemberId): ViewMember | undefined;
}

/** A removal (or leave) that stands today. */
export interface StandingRemoval {
  /** Hash of the operation, 32 bytes. */
  readonly hash: Bytes;
  /** Who removed; the same as the removed for a leave. */
  readonly by: MemberId;
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
  /** The view of somebody who knows what these heads follow from, and nothing else. Undefined when one of them is not known. */
  viewAt(heads: readonly Uint8Array[]): Promise<MembersView | undefined>;
  /** Judges a message by `author`, signed with `signKey`, that names `heads`. */
  judge(author: MemberId, signKey: Uint8Array, heads: readonly Uint8Array[]): Judgement;
  /** Whether everything that `earlier` follows from is among what `later` follows from; false when one of them is not known. */
  includes(later: readonly Uint8Array[], earlier: readonly Uint8Array[]): boolean;
  /** Whether, in the view at `heads`, that person had been removed or had left and is not back. False for unknown heads. */
  wasRemovedBefore(id: MemberId, heads: readonly Uint8Array[]): boolean;
}

/** Those of a view who have accepted. */
export const hasJoined = (view: MembersView, id: MemberId): boolean => view.member(id)?.state === 'joined';

/** They speak with one key in both: nothing ended in between what they wrote. */
export const isSameSeat = (one: MembersView, other: MembersView, id: MemberId): boolean =>
  equalBytes(one.member(id)?.signKey ?? NO_KEY, other.member(id)?.signKey ?? NO_KEY);

const NO_KEY = new Uint8Array(0);

/** Whether messages and receipts can name it: more heads than that are joined by the next operation of anybody. */
export const isNamable = ({ heads }: MembersView): boolean => heads.length <= MAX_VIEW_HEADS;

const names = new WeakMap<MembersView, string>();

/** Equal views have one name, their heads' hash as text: every message is asked for that of its view often. */
export function nameOf(view: MembersView): string {
  let name = names.get(view);
  if (name === undefined) {
    name = toHex(view.headsHash);
    names.set(view, name);
  }
  return name;
}
