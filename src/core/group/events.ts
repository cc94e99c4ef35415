// What may happen to a group's conversation, and what is to be done then.
import type { ErrorKind } from '../errors.ts';
import type { RefusalOfMember, SignedReceipt } from '../wire/group-gossip.ts';
import type { ShareMessage } from '../wire/group-history.ts';
import type { MessageBody, SignedMessage } from '../wire/group-message.ts';
import type { GroupTalk } from '../wire/group-talk.ts';
import type { MessageHash } from './history/entry.ts';
import type { MemberId, Members } from './members-view.ts';

/** Written, and not signed yet: what it follows and who may read it is settled when it leaves. */
export interface Draft {
  /** 16 bytes, for ever. */
  readonly id: Uint8Array;
  readonly body: MessageBody;
  /** When it was written, ms since the epoch; unknown of what an earlier version kept. */
  readonly at?: number | undefined;
  /** I was outside when it waited: it stays here until I say that it shall go after all. */
  readonly dropped?: true | undefined;
}

export type GroupEvent =
  /** A session with a member is there, and operations of the membership were exchanged on it. */
  | { readonly type: 'linked'; readonly peer: MemberId }
  | { readonly type: 'unlinked'; readonly peer: MemberId }
  /** A link that was to be made did not come about. */
  | { readonly type: 'unreachable'; readonly peer: MemberId }
  | { readonly type: 'received'; readonly from: MemberId; readonly talk: GroupTalk }
  | { readonly type: 'write'; readonly draft: Draft }
  /** What was dropped shall go after all: a draft, or a message of mine that does not count. 16 bytes. */
  | { readonly type: 'retry'; readonly id: Uint8Array }
  /** Of a draft: 16 bytes. */
  | { readonly type: 'withdraw'; readonly id: Uint8Array }
  | { readonly type: 'members'; readonly members: Members }
  /** A person has seen everything that is shown. */
  | { readonly type: 'seen' }
  /** I will never take the message at this place of an author. */
  | { readonly type: 'refuse'; readonly author: MemberId; readonly seq: number; readonly reason: RefusalOfMember }
  /** An admin lets `to` read everything written so far. */
  | { readonly type: 'share'; readonly to: MemberId }
  /** Several times a second while a link is up, else now and then. */
  | { readonly type: 'tick' };

export type GroupEffect =
  /** On the disk (strict) before any effect behind it happens. `keys`: all sender keys of others, replacing what was there. */
  | {
      readonly type: 'store';
      readonly messages?: readonly SignedMessage[];
      readonly keys?: Uint8Array;
      readonly receipt?: SignedReceipt;
      readonly share?: ShareMessage;
      /** Written and not sent yet, replacing what was there. */
      readonly drafts?: readonly Draft[];
    }
  | { readonly type: 'send'; readonly to: MemberId; readonly talk: GroupTalk }
  /** Sessions with these, and with nobody else, are of use to the group. */
  | { readonly type: 'seek'; readonly peers: ReadonlySet<MemberId> }
  | { readonly type: 'dial'; readonly peer: MemberId }
  | { readonly type: 'drop'; readonly peer: MemberId }
  /** Operations with these hashes are missing; `from` may have them. */
  | { readonly type: 'fetch-operations'; readonly from: MemberId; readonly hashes: readonly Uint8Array[] }
  /** What is shown has changed. */
  | { readonly type: 'changed'; readonly arrived: readonly MessageHash[] }
  /** Something was thrown away; for the log and, when it repeats, for the person. */
  | { readonly type: 'refused'; readonly from: MemberId; readonly kind: ErrorKind };
