// Whether an operation is allowed in the eyes of its author: by what it follows from and nothing else (R-own-view). So everybody
// says the same of it, whatever else they know, and what is refused is kept by nobody.
import { compareBytes, equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { ErrorKind } from '../../errors.ts';
import type { BodyOf } from '../../wire/group-operations.ts';
import { type Bits, countBits, hasBit } from './bits.ts';
import { type Board, isForAdmins, type Person } from './board.ts';
import { evaluate, personOn, seatsOn } from './evaluate.ts';
import { MAX_GROUP_MEMBERS, MAX_LOG, MAX_SEQUENCE } from './limits.ts';
import { closure, type Entry, entryAt, find, type Genuine, keyBroughtBy, type Log, listed } from './log.ts';

interface Case {
  readonly log: Log;
  readonly past: Bits;
  readonly board: Board;
  readonly op: Genuine;
}

/**
 * Why the operation may not be taken in; undefined when it may. Its parents are all in the log.
 * 'group-refused': against the rules in a way that no honest page does.
 */
export function objection(log: Log, op: Genuine, groupId: string): ErrorKind | undefined {
  const { operation } = op;
  if (operation.body.do === 'create') {
    const first = op.id === groupId && operation.parents.length === 0 && operation.seq === 1;
    return first && operation.group === undefined ? undefined : 'group-refused';
  }
  const parents = operation.parents.map((parent) => find(log, toHex(parent)) as Entry);
  if (parents.length === 0 || operation.group === undefined || toHex(operation.group) !== groupId)
    return 'group-refused';
  const past = closure(
    log,
    parents.map(({ index }) => index),
  );
  if (!inForm(log, op, parents, past)) return 'group-refused';
  return mayAct({ log, past, board: evaluate(log, past), op });
}

/** Parents sorted and none behind another, the author's next place, a new key, something new to have seen. */
function inForm(log: Log, { operation }: Genuine, parents: readonly Entry[], past: Bits): boolean {
  const sorted = operation.parents.every(
    (parent, at) => at === 0 || compareBytes(operation.parents[at - 1] as Uint8Array, parent) < 0,
  );
  if (!sorted || parents.some(({ past: older }) => parents.some(({ index }) => hasBit(older, index)))) return false;
  const author = toHex(operation.author);
  if (operation.seq !== nextSequence(log, author, past) || operation.seq > MAX_SEQUENCE) return false;
  if (countBits(past) >= MAX_LOG) return false;
  const key = keyBroughtBy(operation);
  if (key !== undefined && listed(log, log.keys, key).some((index) => hasBit(past, index))) return false;
  return operation.body.do !== 'seen' || parents.some((parent) => parent.author !== author);
}

/** One more than the highest of the author's sequences in that past. */
export function nextSequence(log: Log, author: string, past: Bits): number {
  let highest = 0;
  for (const index of listed(log, log.byAuthor, author)) {
    if (hasBit(past, index)) highest = Math.max(highest, entryAt(log, index).operation.seq);
  }
  return highest + 1;
}

function mayAct(one: Case): ErrorKind | undefined {
  const { log, board, op } = one;
  const { body, author, key } = op.operation;
  const me = personOn(log, board, toHex(author));
  if (body.do === 'join') return mayJoin(one, me, body);
  const seats =
    me === undefined
      ? []
      : seatsOn(log, board, me).filter(({ joins }) => joins.some((join) => join.key === toHex(key)));
  if (body.do === 'leave') return mayLeave(one, me, seats.length > 0, body);
  if (seats.length === 0) return 'group-not-member';
  if (isForAdmins(body) && !seats.some(({ admin }) => admin.length > 0)) return 'group-not-admin';
  return fits(one);
}

function mayJoin({ log, board }: Case, me: Person | undefined, { add }: BodyOf<'join'>): ErrorKind | undefined {
  const invitation = find(log, toHex(add));
  const seat = me && seatsOn(log, board, me).find((one) => one.add === invitation?.index);
  if (seat === undefined) return 'group-not-member';
  return seat.joins.length > 0 ? 'group-member' : undefined;
}

function mayLeave(
  { log, board, op }: Case,
  me: Person | undefined,
  joined: boolean,
  { successor }: BodyOf<'leave'>,
): ErrorKind | undefined {
  const invited = me !== undefined && equalBytes(me.bundle.subarray(1, 33), op.operation.key);
  if (!joined && !invited) return 'group-not-member';
  if (successor === undefined) return undefined;
  const admin = me !== undefined && seatsOn(log, board, me).some((seat) => joined && seat.admin.length > 0);
  if (!admin) return 'group-not-admin';
  return toHex(successor) !== toHex(op.operation.author) && hasJoined(log, board, toHex(successor))
    ? undefined
    : 'group-not-member';
}

function hasJoined(log: Log, board: Board, id: string): boolean {
  const person = personOn(log, board, id);
  return person !== undefined && seatsOn(log, board, person).some(({ joins }) => joins.length > 0);
}

/** Whether what an admin does fits the group as they see it. */
function fits(one: Case): ErrorKind | undefined {
  const { log, board, op } = one;
  const { body, author } = op.operation;
  if (body.do === 'add') return mayAdd(one, body);
  if (body.do === 'remove') {
    // Whoever goes by themselves leaves: then it says who did it.
    return op.subject !== toHex(author) && personOn(log, board, op.subject) !== undefined
      ? undefined
      : 'group-not-member';
  }
  if (body.do === 'promote') return hasJoined(log, board, op.subject) ? undefined : 'group-not-member';
  if (body.do === 'revoke') return board.cards.has(toHex(body.card)) ? undefined : 'group-card-over';
  return undefined;
}

function mayAdd({ log, board, op }: Case, { by }: BodyOf<'add'>): ErrorKind | undefined {
  if (personOn(log, board, op.subject) !== undefined) return 'group-member';
  const listedPeople = [...board.people.keys()].filter((id) => personOn(log, board, id) !== undefined);
  if (listedPeople.length >= MAX_GROUP_MEMBERS) return 'group-full';
  if (by === undefined) return undefined;
  const card = board.cards.get(toHex(by.card));
  if (card === undefined || card.revoked.length > 0) return 'group-card-over';
  const issued = entryAt(log, card.at).operation.body as BodyOf<'card'>;
  if (!equalBytes(issued.key, by.cardKey)) return 'group-refused';
  return card.used < issued.uses ? undefined : 'group-card-over';
}
