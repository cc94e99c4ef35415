// A group at some moment: its people, its cards, its name. Operations are put on a board one after another, in `inOrder`.
import { toHex } from '../../bytes/hex.ts';
import type { BodyOf, OperationBody } from '../../wire/group-operations.ts';
import { MAX_GROUP_MEMBERS } from '../../wire/limits.ts';
import { type Entry, entryAt, follows, type Log } from './log.ts';

/** An invitation that was taken: when (entry), with which key and under which name. */
export interface Joined {
  readonly at: number;
  readonly key: string;
  readonly name: string;
}

/** What one `add` gave to a person. Numbers are entries. */
export interface Seat {
  readonly add: number;
  readonly joins: readonly Joined[];
  /** What made an admin of them. */
  readonly admin: readonly number[];
}

export interface Person {
  readonly id: string;
  readonly bundle: Uint8Array;
  readonly name: string;
  readonly seats: readonly Seat[];
}

export interface CardOnBoard {
  readonly at: number;
  readonly used: number;
  readonly revoked: readonly number[];
}

/** A seat that was lost for good, with the removals that took it; then the one before. */
export interface Former {
  readonly id: string;
  readonly seat: Seat;
  readonly by: readonly number[];
  readonly before: Former | undefined;
}

export interface Board {
  readonly people: ReadonlyMap<string, Person>;
  readonly cards: ReadonlyMap<string, CardOnBoard>;
  /** Removals and leaves by whom they are about. */
  readonly gone: ReadonlyMap<string, readonly number[]>;
  readonly former: Former | undefined;
  readonly name: string;
  readonly picture: { readonly sha256: Uint8Array; readonly size: number } | null;
}

export const emptyBoard: Board = {
  people: new Map(),
  cards: new Map(),
  gone: new Map(),
  former: undefined,
  name: '',
  picture: null,
};

/** A board being filled. */
export interface Sheet {
  readonly log: Log;
  people: Map<string, Person>;
  cards: Map<string, CardOnBoard>;
  gone: Map<string, number[]>;
  readonly former: Former | undefined;
  name: string;
  picture: Board['picture'];
  /** Removals and revocations that count against what is concurrent with them. */
  readonly standing: ReadonlySet<number>;
  /** What had effect. */
  readonly valid: Set<number>;
}

export function sheetFrom(log: Log, base: Omit<Board, 'gone'>, standing: ReadonlySet<number>): Sheet {
  const sheet: Sheet = {
    log,
    people: new Map(base.people),
    cards: new Map(base.cards),
    gone: new Map(), // whoever is gone from a base is in `former`
    former: base.former,
    name: base.name,
    picture: base.picture,
    standing,
    valid: new Set(),
  };
  for (const index of standing) {
    const { operation, subject } = entryAt(log, index);
    if (operation.body.do !== 'revoke') removal(sheet, subject, index);
  }
  return sheet;
}

function removal(sheet: Sheet, id: string, index: number): void {
  const list = sheet.gone.get(id);
  if (list === undefined) sheet.gone.set(id, [index]);
  else if (!list.includes(index)) list.push(index);
}

interface Scene {
  readonly log: Log;
  readonly gone: ReadonlyMap<string, readonly number[]>;
  readonly standing?: ReadonlySet<number>;
}

/** Whether the seat still holds for the operation at `at` (R-removal-wins, R-removal-voids); without `at`: in the end. */
export function holds({ log, gone, standing }: Scene, id: string, seat: Seat, at?: number): boolean {
  return (gone.get(id) ?? []).every((out) => {
    if (follows(log, seat.add, out)) return true;
    if (at === undefined) return false;
    if (at === out || follows(log, out, at)) return true;
    return standing !== undefined && !standing.has(out) && !follows(log, at, out);
  });
}

export const isListed = (scene: Scene, person: Person): boolean =>
  person.seats.some((seat) => holds(scene, person.id, seat));

/** The seat in which the author of `x` may act, if any; as an admin when `admin`. */
function seatOf(sheet: Sheet, x: Entry, admin: boolean): Seat | undefined {
  const { log } = sheet;
  const before = (index: number) => follows(log, x.index, index);
  return sheet.people
    .get(x.author)
    ?.seats.find(
      (seat) =>
        before(seat.add) &&
        seat.joins.some(({ at, key }) => key === x.key && before(at)) &&
        (!admin || seat.admin.some(before)) &&
        holds(sheet, x.author, seat, x.index),
    );
}

function changeSeats(sheet: Sheet, id: string, change: (seat: Seat) => Seat): void {
  const person = sheet.people.get(id);
  if (person !== undefined) sheet.people.set(id, { ...person, seats: person.seats.map(change) });
}

function makeAdmin(sheet: Sheet, id: string, by: Entry): void {
  changeSeats(sheet, id, (seat) =>
    follows(sheet.log, by.index, seat.add) ? { ...seat, admin: [...seat.admin, by.index] } : seat,
  );
}

/** A card's use, or undefined when it was revoked, used up or never issued (R-card-limits, R-revoke-wins). */
function useOfCard(sheet: Sheet, x: Entry, id: string): CardOnBoard | undefined {
  const card = sheet.cards.get(id);
  if (card === undefined) return undefined;
  const issued = entryAt(sheet.log, card.at).operation.body as BodyOf<'card'>;
  if (card.used >= issued.uses || revokedFor(sheet, card, x)) return undefined;
  return { ...card, used: card.used + 1 };
}

function revokedFor(sheet: Sheet, card: CardOnBoard, x: Entry): boolean {
  if (card.revoked.some((index) => follows(sheet.log, x.index, index))) return true;
  const id = entryAt(sheet.log, card.at).id;
  for (const index of sheet.standing) {
    const { body } = entryAt(sheet.log, index).operation;
    if (body.do === 'revoke' && toHex(body.card) === id && !follows(sheet.log, index, x.index)) return true;
  }
  return false;
}

const seatsTaken = (sheet: Sheet): number => {
  let taken = 0;
  for (const person of sheet.people.values()) if (isListed(sheet, person)) taken += 1;
  return taken;
};

function add(sheet: Sheet, x: Entry, { bundle, person: name, by }: BodyOf<'add'>): boolean {
  const known = sheet.people.get(x.subject);
  const joins = by === undefined ? [] : [{ at: x.index, key: toHex(by.key), name }];
  const seat: Seat = { add: x.index, joins, admin: [] };
  const listed = known !== undefined && isListed(sheet, known);
  if (!listed && holds(sheet, x.subject, seat) && seatsTaken(sheet) >= MAX_GROUP_MEMBERS) return false;
  if (by !== undefined) {
    const id = toHex(by.card);
    const used = useOfCard(sheet, x, id);
    if (used === undefined) return false;
    sheet.cards.set(id, used);
  }
  const seats = [...(known?.seats ?? []), seat];
  sheet.people.set(x.subject, { id: x.subject, bundle, name: listed ? known.name : name, seats });
  return true;
}

function join(sheet: Sheet, x: Entry, { add, person: name }: BodyOf<'join'>): boolean {
  const invitation = sheet.log.indexOf.get(toHex(add));
  const seat = sheet.people.get(x.author)?.seats.find((one) => one.add === invitation);
  if (seat === undefined || !holds(sheet, x.author, seat, x.index)) return false;
  const joined: Joined = { at: x.index, key: x.key, name };
  changeSeats(sheet, x.author, (one) => (one === seat ? { ...one, joins: [...one.joins, joined] } : one));
  return true;
}

/** Whether `x` is signed with the identity's key of somebody who is invited. */
function isInvited(sheet: Sheet, x: Entry): boolean {
  const person = sheet.people.get(x.author);
  if (person === undefined || toHex(person.bundle.subarray(1, 33)) !== x.key) return false;
  return person.seats.some((seat) => follows(sheet.log, x.index, seat.add) && holds(sheet, x.author, seat, x.index));
}

function create(sheet: Sheet, x: Entry, { bundle, name, person }: BodyOf<'create'>): boolean {
  const seat: Seat = { add: x.index, joins: [{ at: x.index, key: x.key, name: person }], admin: [x.index] };
  sheet.people.set(x.author, { id: x.author, bundle, name: person, seats: [seat] });
  sheet.name = name;
  return true;
}

function leave(sheet: Sheet, x: Entry, { successor }: BodyOf<'leave'>): void {
  removal(sheet, x.author, x.index);
  if (successor !== undefined) makeAdmin(sheet, toHex(successor), x);
}

/** What only admins may do. */
function act(sheet: Sheet, x: Entry, body: OperationBody): boolean {
  if (body.do === 'add') return add(sheet, x, body);
  if (body.do === 'remove') removal(sheet, x.subject, x.index);
  else if (body.do === 'promote') makeAdmin(sheet, x.subject, x);
  else if (body.do === 'rename') sheet.name = body.name;
  else if (body.do === 'picture') sheet.picture = body.picture;
  else if (body.do === 'card') sheet.cards.set(x.id, { at: x.index, used: 0, revoked: [] });
  else if (body.do === 'revoke') {
    const id = toHex(body.card);
    const card = sheet.cards.get(id);
    if (card !== undefined) sheet.cards.set(id, { ...card, revoked: [...card.revoked, x.index] });
  }
  return true;
}

const forAdmins: ReadonlySet<OperationBody['do']> = new Set([
  'add',
  'remove',
  'promote',
  'rename',
  'picture',
  'card',
  'revoke',
]);

/** Whether only admins may do what this operation does (R-only-admins). */
export const isForAdmins = (body: OperationBody): boolean => forAdmins.has(body.do);

function hasEffect(sheet: Sheet, x: Entry): boolean {
  const { body } = x.operation;
  if (body.do === 'create') return create(sheet, x, body);
  if (body.do === 'join') return join(sheet, x, body);
  if (isForAdmins(body)) {
    return (sheet.standing.has(x.index) || seatOf(sheet, x, true) !== undefined) && act(sheet, x, body);
  }
  if (body.do === 'leave') {
    if (!sheet.standing.has(x.index) && seatOf(sheet, x, false) === undefined && !isInvited(sheet, x)) return false;
    leave(sheet, x, body);
    return true;
  }
  return seatOf(sheet, x, false) !== undefined;
}

/** Puts one operation on the sheet, after all that it follows from. */
export function place(sheet: Sheet, x: Entry): void {
  if (hasEffect(sheet, x)) sheet.valid.add(x.index);
}

/** The removals that take a seat. */
export const takenBy = ({ log, gone }: Scene, id: string, seat: Seat): number[] =>
  (gone.get(id) ?? []).filter((out) => !follows(log, seat.add, out));

/** The board behind an operation that everything else follows from or leads to: who is gone matters for old messages only. */
export function condensed(sheet: Sheet): Board {
  const people = new Map<string, Person>();
  let { former } = sheet;
  for (const person of sheet.people.values()) {
    const { id } = person;
    const seats: Seat[] = [];
    for (const seat of person.seats) {
      const by = takenBy(sheet, id, seat);
      if (by.length === 0) seats.push(seat);
      else former = { id, seat, by, before: former };
    }
    if (seats.length > 0) people.set(id, seats.length === person.seats.length ? person : { ...person, seats });
  }
  const cards = new Map(Array.from(sheet.cards).filter(([, card]) => card.revoked.length === 0));
  return { people, cards, gone: new Map(), former, name: sheet.name, picture: sheet.picture };
}
