// Range-based set reconciliation (A. Meyer, "Range-Based Set Reconciliation", 2023) over messages in the order of (time, hash):
// two members find what the other lacks in a few rounds, paying for the difference and not for the whole (HISTORY.md, "Exchange").
import { type Bytes, compareBytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { sha256 } from '../../crypto/kdf.ts';
import type { Bound, CompareMessage, ListMessage, Range } from '../../wire/group-history.ts';
import { MAX_LISTED, MAX_RANGES, MAX_TIME_MS } from '../../wire/group-limits.ts';
import { type Entry, SHORT_DIGITS, type ShortId } from './entry.ts';

const PURPOSE = utf8('kith group range v1');
const PRINT_BYTES = 16;
/** Pieces into which a range that differs is cut. */
const PIECES = 16;
/** Up to so many ids are told instead of cutting further: 16 ranges take as many bytes as 60 ids, and a round more. */
const FEW = 48;
const TIME_DIGITS = 13;

/** A message in the order of reconciliation. Time is the author's, from the message itself, so that a place never changes. */
export interface Item {
  /** Time and short id: compares as text. */
  readonly key: string;
  readonly short: ShortId;
  readonly hash: Uint8Array;
}

const keyOf = (at: number, short: ShortId): string => at.toString(16).padStart(TIME_DIGITS, '0') + short;

export const itemOf = ({ message, short, hashBytes }: Entry): Item => ({
  key: keyOf(message.at, short),
  short,
  hash: hashBytes,
});

/** In the order of keys, then of whole hashes. */
export const sortItems = (items: Item[]): Item[] =>
  items.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
    return compareBytes(a.hash, b.hash);
  });

const LOWEST = keyOf(0, '0'.repeat(SHORT_DIGITS));
const HIGHEST = keyOf(MAX_TIME_MS + 1, '0'.repeat(SHORT_DIGITS));

const boundOf = (key: string): Bound => ({
  at: Number.parseInt(key.slice(0, TIME_DIGITS), 16),
  short: fromHex(key.slice(TIME_DIGITS)),
});

const keyOfBound = ({ at, short }: Bound): string => keyOf(at, toHex(short));

/** Place of the first item whose key is not below `key`. */
function placeOf(items: readonly Item[], key: string): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Item).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const within = (items: readonly Item[], from: string, until: string): readonly Item[] =>
  items.slice(placeOf(items, from), placeOf(items, until));

/** `from` is left out where the range before ended. */
export type Span = Pick<Range, 'from' | 'until'>;

/** How many of my messages a comparison or list of these ranges makes me go through. */
export function costOf(items: readonly Item[], ranges: readonly Span[]): number {
  let [cost, from] = [0, LOWEST];
  for (const range of ranges) {
    from = range.from === undefined ? from : keyOfBound(range.from);
    const until = keyOfBound(range.until);
    cost += Math.max(0, placeOf(items, until) - placeOf(items, from));
    from = until;
  }
  return cost;
}

async function printOf(salt: Uint8Array, items: readonly Item[]): Promise<Bytes> {
  return (await sha256(concat(PURPOSE, salt, ...items.map(({ hash }) => hash)))).slice(0, PRINT_BYTES);
}

interface Piece {
  readonly from: string;
  readonly until: string;
  readonly items: readonly Item[];
}

/** Cuts [from, until) into pieces of about the same number of messages; messages with one key stay together. */
function cut(items: readonly Item[], from: string, until: string, pieces: number): Piece[] {
  const cuts: Piece[] = [];
  let [start, lower] = [0, from];
  for (let piece = 1; piece <= pieces; piece += 1) {
    const planned = Math.ceil((items.length * piece) / pieces);
    const upper = piece === pieces ? until : (items[planned]?.key ?? until);
    if (upper <= lower) continue;
    const end = placeOf(items, upper);
    cuts.push({ from: lower, until: upper, items: items.slice(start, end) });
    [start, lower] = [end, upper];
  }
  return cuts;
}

async function rangeOf(salt: Uint8Array, { from, until, items }: Piece, goesOn: boolean): Promise<Range> {
  return {
    ...(goesOn ? {} : { from: boundOf(from) }),
    until: boundOf(until),
    count: items.length,
    ...(items.length === 0 ? {} : { print: await printOf(salt, items) }),
  };
}

const rangesOf = (salt: Uint8Array, pieces: readonly Piece[]): Promise<Range[]> =>
  Promise.all(pieces.map((piece, at) => rangeOf(salt, piece, at > 0 && pieces[at - 1]?.until === piece.from)));

/** What one member says to begin: everything it has, in pieces. `salt`: 16 random bytes, for this exchange alone. */
export async function beginning(group: Uint8Array, salt: Uint8Array, items: readonly Item[]): Promise<CompareMessage> {
  const pieces = cut(items, LOWEST, HIGHEST, items.length <= FEW ? 1 : PIECES);
  return { type: 'group-compare', group, salt, ranges: await rangesOf(salt, pieces) };
}

export type Answer = CompareMessage | ListMessage;

/** What to say to a comparison: nothing where both have the same. `items`: mine, as far as the other may read them, in order. */
export async function answerCompare(message: CompareMessage, items: readonly Item[]): Promise<Answer[]> {
  const { group, salt } = message;
  const lists: ListMessage[] = [];
  const open: Piece[] = [];
  let from = LOWEST;
  for (const range of message.ranges) {
    from = range.from === undefined ? from : keyOfBound(range.from);
    const until = keyOfBound(range.until);
    const mine = within(items, from, until);
    const piece = { from, until, items: mine };
    if (!(await isSame(salt, range, mine))) {
      if (range.count === 0) lists.push(...listed(group, 'lacking', piece));
      else if (mine.length <= FEW) askFor(lists, group, piece);
      else if (range.count <= FEW) open.push(piece);
      else open.push(...cut(mine, from, until, PIECES));
    }
    from = until;
  }
  return [...lists, ...(await comparisons(group, salt, open))];
}

async function isSame(salt: Uint8Array, range: Range, mine: readonly Item[]): Promise<boolean> {
  if (range.count !== mine.length) return false;
  return range.print === undefined || mine.length === 0 || equalBytes(range.print, await printOf(salt, mine));
}

/** Neighbouring pieces of which I have little become one list, as long as it may. */
function askFor(lists: ListMessage[], group: Uint8Array, piece: Piece): void {
  const last = lists.at(-1);
  const joins = last?.kind === 'all' && keyOfBound(last.until) === piece.from;
  const ids = piece.items.map(({ short }) => fromHex(short));
  if (joins && last.ids.length + ids.length <= MAX_LISTED) {
    lists[lists.length - 1] = { ...last, until: boundOf(piece.until), ids: [...last.ids, ...ids] };
  } else
    lists.push({ type: 'group-list', group, from: boundOf(piece.from), until: boundOf(piece.until), kind: 'all', ids });
}

async function comparisons(group: Uint8Array, salt: Uint8Array, pieces: readonly Piece[]): Promise<CompareMessage[]> {
  const messages: CompareMessage[] = [];
  for (let at = 0; at < pieces.length; at += MAX_RANGES) {
    messages.push({
      type: 'group-compare',
      group,
      salt,
      ranges: await rangesOf(salt, pieces.slice(at, at + MAX_RANGES)),
    });
  }
  return messages;
}

/** The piece as lists of at most 1,024 ids. */
function listed(group: Uint8Array, kind: ListMessage['kind'], { from, until, items }: Piece): ListMessage[] {
  const lists: ListMessage[] = [];
  let [lower, rest] = [from, items];
  while (rest.length > 0) {
    const now = rest.slice(0, MAX_LISTED);
    rest = rest.slice(MAX_LISTED);
    const upper = rest.length === 0 ? until : (rest[0] as Item).key;
    const ids = now.map(({ short }) => fromHex(short));
    lists.push({ type: 'group-list', group, from: boundOf(lower), until: boundOf(upper), kind, ids });
    lower = upper;
  }
  return lists;
}

/**
 * What a list tells: ids to ask for, and, when it was complete, what to tell in turn. `items`: mine when the exchange began; `have`:
 * how many messages with that id are here by now.
 */
export function readList(
  message: ListMessage,
  items: readonly Item[],
  have: (id: ShortId) => number,
): { readonly wanted: readonly ShortId[]; readonly answers: readonly ListMessage[] } {
  const theirs = message.ids.map((id): ShortId => toHex(id));
  const wanted = without(theirs, have);
  if (message.kind === 'lacking') return { wanted, answers: [] };
  const [from, until] = [keyOfBound(message.from), keyOfBound(message.until)];
  const mine = within(items, from, until);
  const told = counted(theirs);
  const surplus = new Set(
    without(
      mine.map(({ short }) => short),
      (id) => told.get(id) ?? 0,
    ),
  );
  const lacking = mine.filter(({ short }) => surplus.has(short));
  return { wanted, answers: listed(message.group, 'lacking', { from, until, items: lacking }) };
}

function counted(ids: readonly ShortId[]): Map<ShortId, number> {
  const counts = new Map<ShortId, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Ids that stand in `all` more often than there are: two messages with one short id are two. */
function without(all: readonly ShortId[], there: (id: ShortId) => number): ShortId[] {
  return [...counted(all)].flatMap(([id, count]) => (count > there(id) ? [id] : []));
}
