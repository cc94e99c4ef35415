// The group in the eyes of somebody who knows certain operations. Costs what was added since the last operation that everything else
// follows from or leads to; what lies before that is condensed and kept.
import { type Bits, each, hasBit } from './bits.ts';
import { type Board, condensed, emptyBoard, holds, isListed, type Person, type Seat, type Sheet } from './board.ts';
import { type Choke, closure, type Entry, entryAt, inOrder, type Log } from './log.ts';
import { resolve } from './resolve.ts';

/** How many operations lie between two boards that are kept: memory against time. */
const KEPT_EVERY = 16;

/** Boards follow from the log alone, so keeping them changes nothing but time. */
const kept = new WeakMap<Choke, Board>();

/** The board of a closed set of operations. */
export const evaluate = (log: Log, within: Bits): Board => sheetOf(log, within);

/** The same with what had effect behind the last choke point. */
export function sheetOf(log: Log, within: Bits): Sheet {
  const { base, from } = before(log, within);
  return laid(log, base, [...each(within, from)], within);
}

/** The board of everything known. */
export const evaluateAll = (log: Log): Board => evaluate(log, closure(log, log.heads));

function laid(log: Log, base: Board, indices: readonly number[], within: Bits): Sheet {
  const entries: Entry[] = indices.map((index) => entryAt(log, index));
  if (entries.length > 1) entries.sort(inOrder);
  return resolve(log, base, entries, within, (part) => evaluate(log, part));
}

/** The board at the last choke point within the set, and the first entry behind it. */
function before(log: Log, within: Bits): { base: Board; from: number } {
  const ahead: Choke[] = [];
  let choke = log.chokes;
  while (choke !== undefined && !hasBit(within, choke.index)) choke = choke.before;
  while (choke !== undefined && !kept.has(choke)) {
    ahead.push(choke);
    choke = choke.before;
  }
  let base = choke === undefined ? emptyBoard : (kept.get(choke) as Board);
  let from = choke === undefined ? 0 : choke.index + 1;
  let last = from - 1;
  for (const next of ahead.reverse()) {
    const indices = Array.from({ length: next.index + 1 - from }, (_, place) => from + place);
    base = condensed(laid(log, base, indices, indices.length === 1 ? within : closure(log, [next.index])));
    from = next.index + 1;
    if (next.index - last < KEPT_EVERY) continue;
    kept.set(next, base);
    last = next.index;
  }
  return { base, from };
}

/** The person, if they belong to the group on this board. */
export function personOn(log: Log, board: Board, id: string): Person | undefined {
  const person = board.people.get(id);
  return person !== undefined && isListed({ log, gone: board.gone }, person) ? person : undefined;
}

/** Seats that hold in the end. */
export const seatsOn = (log: Log, board: Board, person: Person): Seat[] =>
  person.seats.filter((seat) => holds({ log, gone: board.gone }, person.id, seat));
