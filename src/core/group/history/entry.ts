// A message whose author is proven: what the history keeps of it. Whatever cannot be proven is refused here (HISTORY.md, "Checks").
import { equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { type ErrorKind, kindOf } from '../../errors.ts';
import { SHORT_ID_BYTES } from '../../wire/group-limits.ts';
import { decodeGroupMessage, type GroupMessage, type SignedMessage } from '../../wire/group-message.ts';
import type { MemberId, Members, MembersView } from '../members-view.ts';
import { isSignedBy, messageHash } from './signing.ts';

/** SHA-256 of the content, 64 hexadecimal digits: what a message is called inside the history. */
export type MessageHash = string;
/** The first 8 bytes of it, 16 hexadecimal digits. */
export type ShortId = string;

export interface Entry {
  readonly hash: MessageHash;
  readonly hashBytes: Uint8Array;
  readonly short: ShortId;
  readonly from: MemberId;
  readonly message: GroupMessage;
  readonly signed: SignedMessage;
  /** Hashes of its parents, the author's own message before it among them. */
  readonly follows: readonly MessageHash[];
  readonly prev: MessageHash | undefined;
  /** The members in the author's eyes: its readers. */
  readonly view: MembersView;
}

export type Examined =
  | { readonly is: 'genuine'; readonly entry: Entry }
  /** Operations of the membership are missing: try again when they are there. */
  | { readonly is: 'unknown-heads'; readonly missing: readonly Uint8Array[] }
  | { readonly is: 'refused'; readonly kind: ErrorKind };

export const SHORT_DIGITS = 2 * SHORT_ID_BYTES;
export const shortOf = (hash: MessageHash): ShortId => hash.slice(0, SHORT_DIGITS);

const refused = (kind: ErrorKind): Examined => ({ is: 'refused', kind });

/** Never rejects for what is wrong with the message. */
export async function examine(signed: SignedMessage, members: Members): Promise<Examined> {
  let message: GroupMessage;
  try {
    message = decodeGroupMessage(signed.content);
  } catch (error) {
    return refused(kindOf(error));
  }
  if (!equalBytes(message.group, members.view.groupId)) return refused('group-forged');
  if (!hasPlace(message)) return refused('frame-malformed');
  const view = await members.viewAt(message.view);
  if (view === undefined) return unknownHeads(message, members);
  const from = toHex(message.from);
  const author = view.member(from);
  if (author?.state !== 'joined') return refused('group-stranger');
  const hashBytes = await messageHash(signed.content);
  if (!(await isSignedBy(hashBytes, signed.signature, author.signKey))) return refused('group-forged');
  return { is: 'genuine', entry: entryOf(message, signed, hashBytes, view) };
}

function unknownHeads(message: GroupMessage, members: Members): Examined {
  const judgement = members.judge(toHex(message.from), new Uint8Array(32), message.view);
  return { is: 'unknown-heads', missing: judgement.is === 'unknown-heads' ? judgement.missing : message.view };
}

/** The first place follows nothing of its author, every other one does; nobody follows a message twice. */
function hasPlace({ seq, prev, parents }: GroupMessage): boolean {
  if ((seq === 1) !== (prev === undefined)) return false;
  return prev === undefined || !parents.some((parent) => equalBytes(parent, prev));
}

function entryOf(message: GroupMessage, signed: SignedMessage, hashBytes: Uint8Array, view: MembersView): Entry {
  const prev = message.prev === undefined ? undefined : toHex(message.prev);
  const hash = toHex(hashBytes);
  return {
    hash,
    hashBytes,
    short: shortOf(hash),
    from: toHex(message.from),
    message,
    signed,
    follows: [...(prev === undefined ? [] : [prev]), ...message.parents.map(toHex)],
    prev,
    view,
  };
}

/** Bytes of a message as it is stored and handed over. */
export const sizeOf = ({ content, signature }: SignedMessage): number => content.length + signature.length;
