// What the app may ask of the node about groups, and what it is told (re-exported by node-api.ts). Survives structured cloning.
import type { ConversationBase, DropReason, Result } from './node-api.ts';

/** invited: I have not answered. active. left: by me. removed: by an admin. */
export type GroupStanding = 'invited' | 'active' | 'left' | 'removed';
export type GroupRole = 'admin' | 'member';
export type GroupAdmission = 'by-itself' | 'ask';

/** A group as the list shows it. `unread` counts no system lines; `route` is 'none'. */
export interface GroupConversationView extends ConversationBase {
  readonly kind: 'group';
  readonly trust: 'group';
  /** The same at every member: what the colour of its face comes from. */
  readonly face: string;
  readonly standing: GroupStanding;
  readonly role: GroupRole;
  /** Joined members, me among them; of them other than me linked now. */
  readonly joined: number;
  readonly online: number;
  readonly muted: boolean;
  /** Unread messages that mention me: they count even where `muted`. */
  readonly mentions: number;
  /** How many ask to join and wait for my answer. */
  readonly requests: number;
  /** Who invited me, while `invited`. */
  readonly invitedBy: null | { readonly number: string; readonly name: string };
  /** Something in the group's log contradicts itself (GROUP.md): said on the group's page. */
  readonly conflict: boolean;
}

export interface GroupMemberView {
  /** Fingerprint, 64 hexadecimal digits. */
  readonly id: string;
  /** Digits; '' while being derived. */
  readonly number: string;
  /** Cleaned; a contact's nickname where they are a contact. May be ''. */
  readonly name: string;
  /** What they call themselves in the group, cleaned: a text that mentions them must not give away a nickname. May be ''. */
  readonly theirName: string;
  readonly role: GroupRole;
  readonly state: 'invited' | 'joined';
  readonly me: boolean;
  readonly online: boolean;
  /** The conversation with my contact, or null: met in the group alone, and cannot be messaged until both agree. */
  readonly contactId: string | null;
  /** I asked them to be a contact and wait. */
  readonly asked: boolean;
  /** They signed two things that exclude each other, or different texts for different members. */
  readonly twoFaced: boolean;
}

export interface GroupCardView {
  readonly id: string;
  readonly text: string;
  readonly usesLeft: number;
  readonly uses: number;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** Somebody who holds a card of the group and waits for my answer. */
export interface JoinRequestView {
  readonly id: string;
  readonly number: string;
  readonly name: string;
}

export interface GroupView {
  readonly conversationId: string;
  readonly name: string;
  /** JPEG, PNG or WebP, at most 32 KiB; null: none, or not here yet. */
  readonly picture: Uint8Array | null;
  /** Joined and invited; me among them unless I left or was removed. */
  readonly members: readonly GroupMemberView[];
  readonly role: GroupRole;
  readonly standing: GroupStanding;
  readonly muted: boolean;
  /** Mine that are valid; admins only. */
  readonly cards: readonly GroupCardView[];
  /** My page lets whoever holds a valid card in by itself, or asks me. */
  readonly admission: GroupAdmission;
  readonly requests: readonly JoinRequestView[];
  /** Messages of mine that have not left, and files of mine that no other member is known to have: what leaving keeps from everybody. */
  readonly unreached: number;
}

/** A line that the group's log makes: *Ana removed Ben*. Names cleaned; me: null. */
export type SystemLine =
  | { readonly what: 'created' | 'joined' | 'left' | 'conflict' | 'picture'; readonly who: string | null }
  | {
      readonly what: 'invited' | 'removed' | 'made-admin';
      readonly who: string | null;
      readonly whom: string | null;
    }
  | { readonly what: 'renamed'; readonly who: string | null; readonly name: string };

/** A member named in a text, the @ included. `start` and `length` in UTF-16 units of the text; spans never overlap. */
export interface Mention {
  readonly start: number;
  readonly length: number;
  /** Fingerprint, 64 hexadecimal digits. */
  readonly memberId: string;
}

/** How many of the members that a message of mine is for have it, and have read it. Who read it has it. */
export interface ReceiptCounts {
  readonly delivered: number;
  readonly read: number;
  readonly of: number;
}

export interface MemberReceipt {
  /** Fingerprint, 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly state: 'waiting' | 'delivered' | 'read' | 'dropped';
  /** Why it was dropped; else null. */
  readonly reason: DropReason | null;
}

/**
 * only-here: a file of mine of which no other member is known to have all, though somebody may; until then its message is *sent* at most, whoever
 * has read that. sender-gone: somebody else's that waits, and whoever sent it does not belong to the group any more: others may have it.
 */
export type FileStanding = 'only-here' | 'sender-gone';

/** What a message of a group has and one between two has not. */
export interface GroupMessagePart {
  /** Fingerprint of the author, 64 hexadecimal digits; '' between two. */
  readonly fromId: string;
  /** Name of the author, cleaned; '' between two. */
  readonly fromName: string;
  /** Not a message but what the group's log tells; then `text` is ''. */
  readonly system: SystemLine | null;
  /** Of my own messages; else null. */
  readonly receipts: ReceiptCounts | null;
  /** Its author sent other members another text in its place. */
  readonly twoFaced: boolean;
  /** Of a file; null: nothing to say. */
  readonly fileStanding: FileStanding | null;
  readonly mentions: readonly Mention[];
  readonly mentionsMe: boolean;
}

export interface GroupActions {
  /** Invites those contacts; at most 49. */
  createGroup(name: string, contactIds: readonly string[]): Promise<Result<{ readonly conversationId: string }>>;
  answerGroup(conversationId: string, answer: 'accept' | 'refuse'): Promise<Result>;
  group(conversationId: string): Promise<Result<GroupView>>;
  /** `shareHistory`: whoever is added sees what was written before; 256 people in the life of a group ('group-shares-full': nobody is added). */
  addMembers(conversationId: string, contactIds: readonly string[], shareHistory: boolean): Promise<Result>;
  removeMember(conversationId: string, memberId: string): Promise<Result>;
  makeAdmin(conversationId: string, memberId: string): Promise<Result>;
  renameGroup(conversationId: string, name: string): Promise<Result>;
  /** JPEG, PNG or WebP, at most 32 KiB; null takes it away. */
  setGroupPicture(conversationId: string, picture: Uint8Array | null): Promise<Result>;
  /** `successorId`: the member who becomes an admin with it; for admins only. */
  leaveGroup(conversationId: string, successorId?: string): Promise<Result>;
  /** Deletes it from this device; leaves first where I still belong. */
  deleteGroup(conversationId: string): Promise<Result>;
  setMuted(conversationId: string, muted: boolean): Promise<Result>;
  /** @param milliseconds for which it is valid from now. */
  newGroupCard(conversationId: string, uses: number, milliseconds: number): Promise<Result<GroupCardView>>;
  revokeGroupCard(conversationId: string, cardId: string): Promise<Result>;
  setAdmission(conversationId: string, admission: GroupAdmission): Promise<Result>;
  answerJoin(conversationId: string, requestId: string, answer: 'accept' | 'refuse'): Promise<Result>;
  /** Asks somebody met in the group to be a contact: an attempt as with `takeCard`; unverified at both sides. */
  askMember(conversationId: string, memberId: string): Promise<Result<{ readonly attemptId: string }>>;
  messageReceipts(conversationId: string, messageId: string): Promise<Result<readonly MemberReceipt[]>>;
}
