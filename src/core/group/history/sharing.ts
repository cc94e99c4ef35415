// An admin lets a member read what was written before they came (HISTORY.md, "Who may read").
import { concat, equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { verify } from '../../crypto/sign.ts';
import { KithError } from '../../errors.ts';
import { decode, encode } from '../../wire/cbor.ts';
import {
  MAX_SHARE_BYTES,
  type ShareMessage,
  type ShareStatement,
  shareStatementSchema,
} from '../../wire/group-history.ts';
import type { MemberId, Members } from '../members-view.ts';
import type { MessageHash } from './entry.ts';
import type { Sign } from './signing.ts';

const PURPOSE = utf8('kith group share v1');

/** A share that its admin signed. */
export interface Share {
  readonly to: MemberId;
  readonly upTo: readonly MessageHash[];
  readonly message: ShareMessage;
}

export async function signShare(statement: ShareStatement, sign: Sign): Promise<ShareMessage> {
  const content = encode(statement);
  return { type: 'group-share', group: statement.group, content, signature: await sign(concat(PURPOSE, content)) };
}

/**
 * The share, 'unknown-heads' while operations are missing.
 * @throws KithError 'frame-malformed' | 'group-forged' | 'group-stranger' when its signer is no admin or the other no member
 */
export async function readShare(message: ShareMessage, members: Members): Promise<Share | 'unknown-heads'> {
  const statement = decode(message.content, shareStatementSchema, MAX_SHARE_BYTES);
  const isOurs = [statement.group, message.group].every((group) => equalBytes(group, members.view.groupId));
  if (!isOurs) throw new KithError('group-forged');
  const view = await members.viewAt(statement.view);
  if (view === undefined) return 'unknown-heads';
  const [from, to] = [toHex(statement.from), toHex(statement.to)];
  const admin = view.member(from);
  if (admin?.state !== 'joined' || admin.role !== 'admin' || !view.has(to)) throw new KithError('group-stranger');
  if (!(await verify(admin.signKey, concat(PURPOSE, message.content), message.signature))) {
    throw new KithError('group-forged');
  }
  return { to, upTo: statement.upTo.map(toHex), message };
}
