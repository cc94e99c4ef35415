// Reads what a member said on a link: messages under sender keys, the keys themselves, and what the history exchange brings.
import { equalBytes } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError } from '../errors.ts';
import type { FillMessage, ShareMessage } from '../wire/group-history.ts';
import type { SenderKeyMessage } from '../wire/group-key.ts';
import type { SealedMessage, SignedMessage } from '../wire/group-message.ts';
import type { GroupTalk } from '../wire/group-talk.ts';
import type { GroupEffect } from './events.ts';
import { type Entry, shortOf } from './history/entry.ts';
import { readShare } from './history/sharing.ts';
import { messageHash } from './history/signing.ts';
import { hasJoined, type MemberId } from './members-view.ts';
import { type Parts, send } from './parts.ts';

/** Sender keys held until the operations of their view are here. */
const MAX_HELD_KEYS = 64;

const refused = (from: MemberId, kind: ErrorKind): GroupEffect => ({ type: 'refused', from, kind });

/** Everything but receipts. @throws whatever is wrong with it, as a KithError */
export async function read(parts: Parts, from: MemberId, talk: GroupTalk): Promise<GroupEffect[]> {
  const now = parts.now();
  const { exchange, broadcast } = parts;
  switch (talk.type) {
    case 'group-sealed':
      return readSealed(parts, from, talk);
    case 'group-key':
      return readKey(parts, from, talk);
    case 'group-compare':
      return (await exchange.compared(from, talk, now)).map((answer) => send(from, answer));
    case 'group-list':
      return [...exchange.listed(from, talk, now).map((answer) => send(from, answer)), ...ask(parts)];
    case 'group-want':
      return exchange.serve(from, talk.ids, now).map((fill) => send(from, fill));
    case 'group-graft':
      broadcast.grafted(from);
      return exchange.serve(from, talk.ids, now).map((fill) => send(from, fill));
    case 'group-fill':
      return readFill(parts, from, talk);
    case 'group-share':
      return readGrant(parts, from, talk);
    case 'group-have':
      return readHave(parts, from, talk.ids);
    case 'group-prune':
      broadcast.pruned(from);
      return [];
    default:
      return [];
  }
}

/** Requests that may leave now. */
export const ask = (parts: Parts): GroupEffect[] =>
  parts.exchange.wants(parts.now()).map(({ to, message }) => send(to, message));

async function readSealed(parts: Parts, from: MemberId, envelope: SealedMessage): Promise<GroupEffect[]> {
  const author = toHex(envelope.from);
  const hash = toHex(envelope.hash);
  // Whoever was removed and keeps sending: what counts of theirs comes with the history.
  const member = parts.members.view.member(author);
  if (member?.state !== 'joined') return [refused(from, 'group-stranger')];
  const name = `${author}/${hash}`;
  if (parts.history.find(hash) !== undefined || parts.intake.holds(hash)) return repeated(parts, from);
  const short = shortOf(hash);
  if (parts.passed.has(name)) {
    // Not readable here: whoever sends it as well is asked what it says, should the first one go without having told.
    parts.exchange.fetching.passed(from, [short]);
    return [...repeated(parts, from), ...ask(parts)];
  }
  const outcome = await parts.receiving.open(envelope, member.signKey);
  parts.passed.add(name);
  const onwards = parts.broadcast.spread(short, from).map((peer) => send(peer, envelope));
  if (outcome.is !== 'opened') {
    // No key, or not any more: whoever sent it may be able to say what it says.
    parts.exchange.fetching.passed(from, [short]);
    return [...onwards, ...ask(parts)];
  }
  const agrees = (entry: Entry) => entry.from === author && equalBytes(entry.view.headsHash, envelope.view);
  const keys = parts.receiving.snapshot();
  return [...onwards, ...(await take(parts, from, outcome.signed, agrees, keys))];
}

function repeated(parts: Parts, from: MemberId): GroupEffect[] {
  return parts.broadcast.repeated(from) ? [send(from, { type: 'group-prune', group: parts.group })] : [];
}

/** Into the history, and onto the disk together with the keys as they are now: a key that is gone gave a message that is here. */
async function take(
  parts: Parts,
  from: MemberId,
  signed: SignedMessage,
  agrees?: (entry: Entry) => boolean,
  keys?: Uint8Array,
): Promise<GroupEffect[]> {
  const taken = await parts.intake.take(signed, from, parts.members, agrees);
  if (taken.is === 'refused') return [refused(from, taken.kind)];
  if (taken.is === 'held') return [{ type: 'fetch-operations', from, hashes: taken.missing }];
  if (taken.is === 'known') return [];
  const { entry } = taken;
  parts.readers.arrived(entry);
  parts.exchange.fetching.arrived(entry.short);
  parts.broadcast.arrived(entry.short);
  parts.receipts.changed();
  return [
    { type: 'store', messages: [signed], ...(keys === undefined ? {} : { keys }) },
    { type: 'changed', arrived: [entry.hash] },
  ];
}

async function readKey(parts: Parts, from: MemberId, key: SenderKeyMessage): Promise<GroupEffect[]> {
  const view = await parts.members.viewAt(key.view);
  if (view === undefined) {
    if (parts.heldKeys.size < MAX_HELD_KEYS) parts.heldKeys.set(toHex(key.chain), { talk: key, from });
    return [{ type: 'fetch-operations', from, hashes: key.view }];
  }
  const outcome = await parts.receiving.take(key, from, view, parts.now());
  if (outcome === 'refused') return [refused(from, 'group-forged')];
  if (outcome === 'known') return [];
  // On at once, before a message moves the chain: for members of its view who still belong, and nobody else.
  const onwards = parts.broadcast
    .peers()
    .filter((peer) => peer !== from && peer !== toHex(key.from) && parts.broadcast.isEager(peer))
    .filter((peer) => hasJoined(view, peer) && hasJoined(parts.members.view, peer));
  return [{ type: 'store', keys: parts.receiving.snapshot() }, ...onwards.map((peer) => send(peer, key))];
}

async function readFill(parts: Parts, from: MemberId, { messages, none }: FillMessage): Promise<GroupEffect[]> {
  const { fetching } = parts.exchange;
  const effects: GroupEffect[] = [];
  fetching.denied(
    from,
    none.map((id) => toHex(id)),
  );
  for (const [content, signature] of messages) {
    const signed = { content, signature };
    const short = shortOf(toHex(await messageHash(signed.content)));
    // Nobody makes us check what we did not ask for.
    if (!fetching.isAsked(from, short)) continue;
    const owners = fetching.whoHas(short);
    const results = await take(parts, from, signed);
    if (results.some(({ type }) => type === 'changed')) parts.broadcast.announce(short, owners);
    if (results.some(({ type }) => type === 'refused')) fetching.wrong(from, short);
    else fetching.gave(from, short);
    effects.push(...results);
  }
  return [...merged(effects), ...ask(parts)];
}

/** One commit for everything a filling brought. */
function merged(effects: readonly GroupEffect[]): GroupEffect[] {
  const messages = effects.flatMap((effect) => (effect.type === 'store' ? (effect.messages ?? []) : []));
  const arrived = effects.flatMap((effect) => (effect.type === 'changed' ? effect.arrived : []));
  const rest = effects.filter(({ type }) => type !== 'store' && type !== 'changed');
  if (messages.length === 0) return rest;
  return [{ type: 'store', messages }, { type: 'changed', arrived }, ...rest];
}

async function readGrant(parts: Parts, from: MemberId, message: ShareMessage): Promise<GroupEffect[]> {
  if (parts.readers.knows(message) || parts.readers.room <= 0) return [];
  const share = await readShare(message, parts.members);
  if (share === 'unknown-heads') return [{ type: 'fetch-operations', from, hashes: [] }];
  parts.grant(share);
  const others = parts.broadcast.peers().filter((peer) => peer !== from);
  return [{ type: 'store', share: message }, ...others.map((peer) => send(peer, message))];
}

function readHave(parts: Parts, from: MemberId, ids: readonly Uint8Array[]): GroupEffect[] {
  const unknown = ids.map((id) => toHex(id)).filter((short) => parts.history.byShort(short).length === 0);
  parts.broadcast.announced(from, unknown, parts.now());
  return [];
}

/** Operations have come: what waited for them is read again. */
export async function readHeld(parts: Parts): Promise<GroupEffect[]> {
  const effects: GroupEffect[] = [];
  const keys = [...parts.heldKeys.values()];
  parts.heldKeys.clear();
  for (const { talk, from } of keys) effects.push(...(await attempt(() => read(parts, from, talk), from)));
  for (const { signed, source } of parts.intake.waiting()) {
    const results = await take(parts, source, signed);
    effects.push(...results.filter(({ type }) => type !== 'fetch-operations'));
  }
  return effects;
}

/** What is wrong with something that arrived is an effect, never an end. */
export async function attempt(work: () => Promise<GroupEffect[]>, from: MemberId): Promise<GroupEffect[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KithError)) throw error;
    return [refused(from, error.kind === 'frame-authentication' ? 'group-forged' : error.kind)];
  }
}

export const shortBytes = (ids: readonly string[]): Uint8Array[] => ids.map((id) => fromHex(id));
