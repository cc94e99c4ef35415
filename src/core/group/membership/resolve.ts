// Which removals stand when some are concurrent (GROUP.md, "Conflicts"). A removal threatens what rests on acts that it voids; one that
// nothing threatens is decided, then what it threatened, and so on. Where removals threaten one another in a circle, that stands which
// more of the others saw first, and all of them at a draw.
import { toHex } from '../../bytes/hex.ts';
import { type Bits, hasBit, intersection } from './bits.ts';
import { type Board, holds, place, type Sheet, sheetFrom } from './board.ts';
import { concurrent, type Entry, entryAt, follows, isNamed, type Log, listed, slotOf } from './log.ts';

/** The board of the operations in a set that is closed: whatever one follows from is in it as well. */
export type Evaluate = (within: Bits) => Board;

interface Piece {
  readonly log: Log;
  readonly base: Board;
  /** In order, all behind `base`; what has no effect is left out. */
  readonly entries: readonly Entry[];
  readonly within: Bits;
  readonly evaluate: Evaluate;
}

/**
 * The sheet of these operations, laid behind `base`.
 * @param within everything known, the operations behind `base` included
 */
export function resolve(log: Log, base: Board, all: readonly Entry[], within: Bits, evaluate: Evaluate): Sheet {
  const entries = log.forked.size === 0 ? all : all.filter((entry) => isEffective(log, entry, within));
  const piece: Piece = { log, base, entries, within, evaluate };
  const victims = entries.length === 1 ? new Map<number, number[]>() : threats(piece);
  return sweep(piece, victims.size === 0 ? new Set() : standingOf(piece, victims));
}

/** R-fork: of several operations in one place of an author's sequence only those count that somebody else built on. */
export function isEffective(log: Log, { index, key, operation }: Entry, within: Bits): boolean {
  const slot = slotOf(key, operation.seq);
  if (!log.forked.has(slot)) return true;
  const siblings = listed(log, log.slots, slot).filter((sibling) => hasBit(within, sibling));
  return siblings.length < 2 || isNamed(log, index, log.size - 1, within);
}

function sweep({ log, base, entries }: Piece, standing: ReadonlySet<number>): Sheet {
  const sheet = sheetFrom(log, base, standing);
  for (const entry of entries) place(sheet, entry);
  return sheet;
}

const cardOf = ({ operation: { body } }: Entry): string | undefined => {
  if (body.do === 'revoke') return toHex(body.card);
  return body.do === 'add' && body.by !== undefined ? toHex(body.by.card) : undefined;
};

const isRemoval = ({ operation: { body } }: Entry): boolean => body.do === 'remove' || body.do === 'leave';

function grouped(entries: readonly Entry[], key: (entry: Entry) => string | undefined): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = key(entry);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** Removals and revocations by the operations that each of them would void: those concurrent with it. */
function threats({ log, entries }: Piece): Map<number, number[]> {
  const removing = entries.filter((entry) => isRemoval(entry) || entry.operation.body.do === 'revoke');
  const by = new Map<number, number[]>();
  if (removing.length === 0) return by;
  const byAuthor = grouped(entries, ({ author }) => author);
  const byCard = grouped(entries, (entry) => (entry.operation.body.do === 'add' ? cardOf(entry) : undefined));
  for (const entry of removing) {
    const targets = isRemoval(entry) ? byAuthor.get(entry.subject) : byCard.get(cardOf(entry) as string);
    for (const target of targets ?? []) {
      if (!concurrent(log, entry.index, target.index)) continue;
      const list = by.get(target.index);
      if (list === undefined) by.set(target.index, [entry.index]);
      else list.push(entry.index);
    }
  }
  return by;
}

/** What an operation's validity may rest on, itself included: what gave its author a seat or power, and what may have taken them. */
function bases(piece: Piece): (index: number) => Set<number> {
  const { log, entries } = piece;
  const about = grouped(entries, (entry) => (changesStanding(entry) ? entry.subject : undefined));
  const succeeding = grouped(entries, ({ operation: { body } }) =>
    body.do === 'leave' && body.successor !== undefined ? toHex(body.successor) : undefined,
  );
  const onCard = grouped(entries, (entry) =>
    entry.operation.body.do === 'card' ? entry.id : entry.operation.body.do === 'revoke' ? cardOf(entry) : undefined,
  );
  return (index) => {
    const found = new Set([index]);
    for (const next of found) {
      const entry = entryAt(log, next);
      const card = entry.operation.body.do === 'add' ? cardOf(entry) : undefined;
      const rests = [about.get(entry.author), succeeding.get(entry.author), card === undefined ? [] : onCard.get(card)];
      for (const one of rests.flatMap((list) => list ?? [])) if (follows(log, next, one.index)) found.add(one.index);
    }
    return found;
  };
}

const changesStanding = ({ operation: { body } }: Entry): boolean =>
  body.do === 'add' || body.do === 'join' || body.do === 'promote' || body.do === 'remove' || body.do === 'leave';

function standingOf(piece: Piece, victims: ReadonlyMap<number, readonly number[]>): Set<number> {
  const open = new Set([...victims.values()].flat());
  const threatened = threatenedBy(piece, victims, open);
  const standing = new Set<number>();
  while (open.size > 0) {
    const free = [...open].filter((one) => ![...(threatened.get(one) ?? [])].some((by) => open.has(by)));
    const decided = free.length > 0 ? free : firstSeen(piece, victims, smallestCircle(threatened, open));
    const { valid } = sweep(piece, standing);
    for (const one of decided) {
      open.delete(one);
      if (valid.has(one)) standing.add(one);
    }
  }
  return standing;
}

/** For each open removal the other open ones that bear on it. */
function threatenedBy(
  piece: Piece,
  victims: ReadonlyMap<number, readonly number[]>,
  open: ReadonlySet<number>,
): Map<number, Set<number>> {
  const basisOf = bases(piece);
  const threatened = new Map<number, Set<number>>();
  for (const one of open) {
    const by = new Set<number>();
    for (const rest of basisOf(one)) {
      if (open.has(rest)) by.add(rest);
      for (const threat of victims.get(rest) ?? []) by.add(threat);
    }
    by.delete(one);
    threatened.set(one, by);
  }
  return threatened;
}

/** Open removals that threaten one another while no other open one threatens them: a strongly connected component without entry. */
function smallestCircle(threatened: ReadonlyMap<number, ReadonlySet<number>>, open: ReadonlySet<number>): number[] {
  let smallest: Set<number> | undefined;
  for (const one of open) {
    const reached = new Set([one]);
    for (const next of reached) {
      for (const by of threatened.get(next) ?? []) if (open.has(by)) reached.add(by);
      if (smallest !== undefined && reached.size >= smallest.size) break;
    }
    if (smallest === undefined || reached.size < smallest.size) smallest = reached;
  }
  return [...(smallest ?? [])];
}

/** R-first-seen: of removals in a circle those that most witnesses saw first; all of them at a draw. */
function firstSeen(piece: Piece, victims: ReadonlyMap<number, readonly number[]>, circle: readonly number[]): number[] {
  const votes = new Map(circle.map((one) => [one, 0]));
  for (const witness of witnesses(piece, circle)) {
    for (const one of voteOf(piece, victims, circle, witness)) votes.set(one, (votes.get(one) ?? 0) + 1);
  }
  const most = Math.max(...votes.values());
  return circle.filter((one) => votes.get(one) === most);
}

/** Who had joined before any of it, and is no party to it. */
function witnesses({ log, evaluate }: Piece, circle: readonly number[]): string[] {
  const common = circle.map((one) => entryAt(log, one).past).reduce(intersection);
  const parties = new Set(circle.flatMap((one) => [entryAt(log, one).author, entryAt(log, one).subject]));
  const { people, gone } = evaluate(common);
  return [...people.values()]
    .filter(
      ({ id, seats }) => !parties.has(id) && seats.some((one) => one.joins.length > 0 && holds({ log, gone }, id, one)),
    )
    .map(({ id }) => id);
}

/** What a witness's first operation after any of it followed from. Nothing when it had seen both sides, or there are two firsts. */
function voteOf(
  { log, entries }: Piece,
  victims: ReadonlyMap<number, readonly number[]>,
  circle: readonly number[],
  witness: string,
): number[] {
  const own = entries.filter(
    ({ author, index }) => author === witness && circle.some((one) => follows(log, index, one)),
  );
  const firsts = own.filter(({ index }) => !own.some((other) => follows(log, index, other.index)));
  const [first] = firsts;
  if (first === undefined || firsts.length > 1) return [];
  const seen = circle.filter((one) => follows(log, first.index, one));
  const opposed = seen.some((one) => (victims.get(one) ?? []).some((by) => seen.includes(by)));
  return opposed ? [] : seen;
}
