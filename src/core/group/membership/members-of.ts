// A group's members as the other rooms see them (members.ts), from its log.
import { type Bytes, concat } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { BodyOf } from '../../wire/group-operations.ts';
import { type Bits, hasBit } from './bits.ts';
import { type Board, type Person, type Seat, takenBy } from './board.ts';
import { evaluate, personOn, seatsOn } from './evaluate.ts';
import { closure, type Entry, entryAt, find, type Log, newest } from './log.ts';
import type { Judgement, Member, Members, MembersView, StandingRemoval } from './members.ts';
import { headsOf } from './membership.ts';

type Digest = (data: Uint8Array) => Promise<Bytes>;

/** Earlier views kept, those named last: every message holds the one of its author, and few in a row differ. Heads are anybody's to choose. */
const MAX_KEPT_VIEWS = 64;

/** What is known of the members of a group now; later operations change nothing in it. */
export async function membersOf(groupId: Bytes, log: Log, sha256: Digest): Promise<Members> {
  const today = evaluate(log, closure(log, log.heads));
  const view = await viewOf(groupId, log, log.heads, today, sha256);
  const kept = new Map<string, Promise<MembersView>>([[log.heads.toSorted().join(), Promise.resolve(view)]]);
  return {
    view,
    knows: (heads) => indicesOf(log, heads) !== undefined,
    viewAt: async (named) => {
      const found = indicesOf(log, named);
      if (found === undefined) return undefined;
      const heads = newest(log, found);
      const name = heads.toSorted().join();
      const known = kept.get(name) ?? viewOf(groupId, log, heads, evaluate(log, closure(log, found)), sha256);
      kept.delete(name);
      kept.set(name, known);
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT_VIEWS && oldest !== undefined) kept.delete(oldest);
      return known;
    },
    includes: (later, earlier) => includes(log, later, earlier),
    judge: (author, signKey, heads) => judge(log, today, author, toHex(signKey), heads),
    removedAfter: (id, heads) => removedAfter(log, today, id, heads),
    partedBy: (id) => partedBy(log, today, id),
    wasRemovedBefore: (id, heads) => wasRemovedBefore(log, id, heads),
  };
}

function indicesOf(log: Log, heads: readonly Uint8Array[]): number[] | undefined {
  const found = heads.map((head) => find(log, toHex(head))?.index);
  return found.some((index) => index === undefined) || found.length === 0 ? undefined : (found as number[]);
}

async function viewOf(
  groupId: Bytes,
  log: Log,
  heads: readonly number[],
  board: Board,
  sha256: Digest,
): Promise<MembersView> {
  const hashes = headsOf({ ...log, heads }) as Bytes[];
  const members = new Map(
    [...board.people.keys()]
      .sort()
      .flatMap((id) => personOn(log, board, id) ?? [])
      .map((person) => [person.id, memberOf(log, board, person)]),
  );
  return {
    groupId,
    heads: hashes,
    headsHash: await sha256(concat(...hashes)),
    members: () => [...members.values()],
    has: (id) => members.has(id),
    member: (id) => members.get(id),
  };
}

/** Two invitations may have been taken, with a key each: the one that was taken first in order is shown; messages may use either. */
function memberOf(log: Log, board: Board, person: Person): Member {
  const seats = seatsOn(log, board, person);
  const [first] = seats.flatMap(({ joins }) => joins);
  return {
    id: person.id,
    role: seats.some(({ admin }) => admin.length > 0) ? 'admin' : 'member',
    signKey: first === undefined ? new Uint8Array(0) : fromHex(first.key),
    bundle: Uint8Array.from(person.bundle),
    name: first?.name ?? person.name,
    state: first === undefined ? 'invited' : 'joined',
  };
}

function includes(log: Log, later: readonly Uint8Array[], earlier: readonly Uint8Array[]): boolean {
  const [after, before] = [indicesOf(log, later), indicesOf(log, earlier)];
  if (after === undefined || before === undefined) return false;
  const known = closure(log, after);
  return before.every((index) => hasBit(known, index));
}

interface Held {
  readonly seat: Seat;
  /** Removals that take it, today. */
  readonly by: readonly number[];
}

/** Every seat that a person has or had. */
function seatsEver(log: Log, board: Board, id: string): Held[] {
  const person = board.people.get(id);
  const held: Held[] = (person?.seats ?? []).map((seat) => ({
    seat,
    by: takenBy({ log, gone: board.gone }, id, seat),
  }));
  for (let one = board.former; one !== undefined; one = one.before) if (one.id === id) held.push(one);
  return held;
}

function judge(log: Log, today: Board, author: string, key: string, heads: readonly Uint8Array[]): Judgement {
  const missing = heads.filter((head) => find(log, toHex(head)) === undefined);
  if (missing.length > 0) return { is: 'unknown-heads', missing: missing.map((head) => Uint8Array.from(head)) };
  const seen = closure(log, indicesOf(log, heads) ?? []);
  const then = evaluate(log, seen);
  const me = personOn(log, then, author);
  const joined = ({ joins }: Seat) => joins.some((join) => join.key === key && hasBit(seen, join.at));
  if (me === undefined || !seatsOn(log, then, me).some(joined)) return { is: 'not-a-member' };
  return standing(
    log,
    seatsEver(log, today, author).filter(({ seat }) => hasBit(seen, seat.add) && joined(seat)),
    seen,
  );
}

function standing(log: Log, held: readonly Held[], seen: Bits): Judgement {
  let fewest: readonly number[] | undefined;
  for (const { by } of held) {
    // What their own view holds did not count there, or they would not have been a member: it counts today.
    if (by.some((index) => hasBit(seen, index))) continue;
    if (fewest === undefined || by.length < fewest.length) fewest = by;
  }
  if (fewest === undefined) return { is: 'void' };
  return fewest.length === 0
    ? { is: 'member' }
    : { is: 'removed', removals: fewest.map((index) => standingRemoval(log, index)) };
}

function standingRemoval(log: Log, index: number): StandingRemoval {
  const { hash, author, operation } = entryAt(log, index);
  const { messages } = operation.body as BodyOf<'remove' | 'leave'>;
  return { hash, by: author, messages: messages.map((message) => Uint8Array.from(message)) };
}

function removedAfter(log: Log, today: Board, id: string, heads: readonly Uint8Array[]): StandingRemoval[] {
  const found = indicesOf(log, heads);
  if (found === undefined) return [];
  const seen = closure(log, found);
  const removals = new Set(seatsEver(log, today, id).flatMap(({ by }) => by));
  return [...removals].filter((index) => !hasBit(seen, index)).map((index) => standingRemoval(log, index));
}

function partedBy(log: Log, today: Board, id: string): Bytes[] {
  const entries = log.entries.slice(0, log.size);
  const isTo = (who: string) => (entry: Entry) => entry.subject === who && gives.has(entry.operation.body.do);
  const added = entries.filter((entry) => entry.subject === id && entry.operation.body.do === 'add');
  const givers = new Set([id]);
  const cards = new Set<string>();
  for (const who of givers) {
    for (const { author, operation } of entries.filter(isTo(who))) {
      givers.add(author);
      if (operation.body.do === 'add' && operation.body.by !== undefined) cards.add(toHex(operation.body.by.card));
    }
  }
  const known = closure(
    log,
    added.map(({ index }) => index),
  );
  const own = [...new Set(seatsEver(log, today, id).flatMap(({ by }) => by))].filter((index) => !hasBit(known, index));
  if (own.length > 0) return own.map((index) => entryAt(log, index).hash);
  if (added.length === 0) return []; // the creator, or nobody
  const takes = ({ index, subject, author, operation: { body } }: Entry) => {
    if (hasBit(known, index)) return false;
    if (body.do === 'remove') return givers.has(subject);
    if (body.do === 'revoke') return cards.has(toHex(body.card));
    return body.do === 'leave' && givers.has(author);
  };
  return entries.filter(takes).map(({ hash }) => hash);
}

/** What gives a seat, or power. */
const gives: ReadonlySet<string> = new Set(['add', 'promote']);

function wasRemovedBefore(log: Log, id: string, heads: readonly Uint8Array[]): boolean {
  const found = indicesOf(log, heads);
  if (found === undefined) return false;
  const then = evaluate(log, closure(log, found));
  return personOn(log, then, id) === undefined && seatsEver(log, then, id).length > 0;
}
