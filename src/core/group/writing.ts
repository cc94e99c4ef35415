// Writes into a group: signed, stored and only then sealed and sent, under the membership of this moment. What waits for it: drafts.ts.
import { compareBytes } from '../bytes/bytes.ts';
import { fromHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { MAX_LOGICAL_TIME_MS, MAX_PARENTS, MAX_TIME_MS } from '../wire/group-limits.ts';
import type { GroupMessage, SignedMessage } from '../wire/group-message.ts';
import type { Draft, GroupEffect } from './events.ts';
import type { Entry } from './history/entry.ts';
import { readShare, signShare } from './history/sharing.ts';
import { signMessage } from './history/signing.ts';
import { hasJoined, type MemberId } from './members-view.ts';
import { type Parts, send } from './parts.ts';

/** A message of mine, signed and in the history. */
export interface Written {
  readonly signed: SignedMessage;
  readonly entry: Entry;
}

/** Signs a text of mine as the next of my messages. I belong to the group. */
export async function sign(parts: Parts, draft: Draft): Promise<Written> {
  const { kit, members, intake } = parts;
  if (!hasJoined(members.view, kit.self)) throw new KithError('internal');
  const signed = await signMessage(next(parts, draft), kit.sign);
  const taken = await intake.take(signed, kit.self, members);
  if (taken.is !== 'new') throw new KithError('internal');
  return { signed, entry: taken.entry };
}

/** Stores, seals and sends it. `drafts`: what waits besides. */
export async function publish(
  parts: Parts,
  { signed, entry }: Written,
  drafts: readonly Draft[],
): Promise<GroupEffect[]> {
  const { view } = parts.members;
  parts.passed.add(`${entry.from}/${entry.hash}`);
  // On the disk first, as one: after a crash the same bytes go out, never others in their place and never twice.
  const effects: GroupEffect[] = [{ type: 'store', messages: [signed], drafts: [...drafts] }];
  const { envelope, newKey } = await parts.sending.seal(signed, entry.hashBytes, view);
  const eager = parts.broadcast.spread(entry.short);
  for (const peer of eager) {
    if (newKey !== undefined && hasJoined(view, peer)) effects.push(send(peer, newKey));
    effects.push(send(peer, envelope));
  }
  return [...effects, { type: 'changed', arrived: [entry.hash] }];
}

/** A clock may stand anywhere; what it says stays within what everybody takes, ms since the epoch. */
export const stampOf = (clock: Clock): number => Math.min(Math.max(0, Math.floor(clock.now())), MAX_TIME_MS);

function next({ kit, members, history }: Parts, { id, body }: Draft): GroupMessage {
  const last = history.lastOf(kit.self);
  const heads = history.heads();
  const at = stampOf(kit.clock);
  const behind = Math.max(
    ...[...heads, ...(last === undefined ? [] : [last])].map((entry) => history.timeOf(entry) + 1),
  );
  const parents = heads.filter(({ hash }) => hash !== last?.hash).map(({ hashBytes }) => hashBytes);
  return {
    group: members.view.groupId,
    id,
    from: fromHex(kit.self),
    seq: (last?.message.seq ?? 0) + 1,
    at,
    ...(behind > at ? { time: Math.min(behind, MAX_LOGICAL_TIME_MS) } : {}),
    ...(last === undefined ? {} : { prev: last.hashBytes }),
    parents: parents.sort(compareBytes).slice(0, MAX_PARENTS),
    view: [...members.view.heads],
    body,
  };
}

/**
 * An admin lets `to` read everything that is here now.
 * @throws KithError 'group-stranger' when one of the two is not what it takes, 'group-shares-full' when nobody would take it
 */
export async function shareHistory(parts: Parts, to: MemberId): Promise<GroupEffect[]> {
  const { kit, members, history } = parts;
  const upTo = history.heads().map(({ hashBytes }) => hashBytes);
  if (upTo.length === 0) return [];
  const statement = {
    group: members.view.groupId,
    from: fromHex(kit.self),
    to: fromHex(to),
    view: [...members.view.heads],
    upTo: upTo.sort(compareBytes),
  };
  const share = await readShare(await signShare(statement, kit.sign), members);
  if (share === 'unknown-heads') throw new KithError('internal');
  if (parts.readers.knows(share.message)) return []; // asked for twice, and nothing was written meanwhile
  if (parts.readers.room <= 0) throw new KithError('group-shares-full');
  parts.grant(share);
  const sent = parts.broadcast.peers().map((peer) => send(peer, share.message));
  return [{ type: 'store', share: share.message }, ...sent];
}
