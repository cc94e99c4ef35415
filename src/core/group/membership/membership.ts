// The membership of one group at one member: (state, event) → { state, effects }. GROUP.md states the rules.
import { compareBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { MAX_HEADS, MAX_OPERATION_PARENTS, MAX_OPERATIONS_PER_FRAME } from '../../wire/limits.ts';
import { each, hasBit } from './bits.ts';
import { evaluate } from './evaluate.ts';
import { Intake } from './intake.ts';
import { closure, entryAt, find, follows, type Genuine, type Log, listed, newest } from './log.ts';
import type { MembershipEffect, MembershipEvent, MembershipState, MembershipStep } from './state.ts';

type EventOf<Is extends MembershipEvent['is']> = Extract<MembershipEvent, { readonly is: Is }>;

export function step(state: MembershipState, event: MembershipEvent): MembershipStep {
  switch (event.is) {
    case 'arrived':
      return arrived(state, event);
    case 'checked':
      return checked(state, event);
    case 'malformed': {
      const intake = new Intake(state);
      intake.refuse(event.from, 'frame-malformed');
      return intake.done();
    }
    case 'heads':
      return heads(state, event);
    case 'need':
      return { state, effects: given(state, event) };
    case 'authored':
      return authored(state, event);
    case 'left': {
      const intake = new Intake(state);
      // Whoever was ignored does not begin anew by hanging up.
      if (!intake.isIgnored(event.from)) intake.forget(event.from);
      return intake.done();
    }
  }
}

/** Hashes of the log's heads in bytewise order. */
export const headsOf = (log: Log): Uint8Array[] =>
  log.heads.map((index) => entryAt(log, index).hash).sort(compareBytes);

/** The heads that fit into a message; what only the others lead to is asked for in the next round. */
const someHeads = (log: Log): Uint8Array[] => headsOf(log).slice(0, MAX_HEADS);

function arrived(state: MembershipState, { from, operations, heads }: EventOf<'arrived'>): MembershipStep {
  const intake = new Intake(state);
  intake.note(from, { heads: heads.slice(0, MAX_HEADS) });
  for (const operation of operations) intake.screen(from, operation);
  const known = operations.flatMap(({ id }) => find(state.log, id)?.index ?? []);
  askFurther(intake, from, intake.share(from, known));
  return intake.done();
}

function checked(state: MembershipState, { from, genuine, forged }: EventOf<'checked'>): MembershipStep {
  const intake = new Intake(state);
  const { checking } = intake.source(from);
  intake.note(from, { checking: Math.max(0, checking - genuine.length - forged.length) });
  for (const id of forged) intake.refuse(from, 'frame-authentication', id);
  for (const one of genuine) intake.admit(from, one);
  spread(intake, from);
  const taken = intake.taken.flatMap(({ id }) => find(intake.log, id)?.index ?? []);
  askFurther(intake, from, intake.share(from, taken));
  return intake.done();
}

function authored(state: MembershipState, { genuine }: EventOf<'authored'>): MembershipStep {
  const intake = new Intake(state);
  intake.admit('', genuine);
  spread(intake, undefined);
  return intake.done();
}

/** What was taken in goes to the disk, to the others and, when it may matter who saw it first, gets a witness. */
function spread(intake: Intake, except: string | undefined): void {
  const { taken, log } = intake;
  if (taken.length === 0) return;
  intake.effect({ do: 'keep', operations: taken });
  intake.effect({ do: 'relay', operations: taken, except });
  // More heads than a view can name are joined by everybody, as a fork is: nobody could write.
  const isWide = headsOf(log).length > MAX_OPERATION_PARENTS;
  if (except !== undefined && (isWide || intake.hasForked || taken.some((one) => removesAdmin(log, one)))) {
    intake.effect({ do: 'witness' });
  }
}

/** Whether it removes somebody who was an admin to whoever removed them. */
function removesAdmin(log: Log, { id, operation, subject }: Genuine): boolean {
  if (operation.body.do !== 'remove') return false;
  const entry = find(log, id);
  return (
    entry !== undefined &&
    (evaluate(log, entry.past).people.get(subject)?.seats ?? []).some((seat) => seat.admin.length > 0)
  );
}

/** Asks a source for what is still missing, once all that it sent is checked. `progress`: it has shown something new to have. */
function askFurther(intake: Intake, from: string, progress: boolean): void {
  if (intake.source(from).checking > 0) return;
  if (progress) askOn(intake, from);
  ask(intake, from);
}

/**
 * What I have, for somebody who may not know my heads: also what that source has shown to have, and entries ever further back.
 */
function whatIHave(intake: Intake, from: string): Uint8Array[] {
  const { log } = intake;
  const indices = new Set(intake.source(from).shared);
  for (let back = 1; back <= log.size; back *= 2) indices.add(log.size - back);
  const marks = [...indices].map((index) => entryAt(log, index).hash);
  return [...marks, ...headsOf(log)].slice(0, MAX_HEADS);
}

/** Asks a source for the parents of what it sent. */
function ask(intake: Intake, from: string): void {
  const want = intake.wanted(from).slice(0, MAX_HEADS);
  if (want.length > 0 && !intake.isIgnored(from))
    intake.effect({ do: 'need', to: from, want, have: whatIHave(intake, from) });
}

/** Asks for what a source's heads follow from, as long as each round brings something. */
function askOn(intake: Intake, from: string): void {
  const want = intake.source(from).heads.filter((head) => find(intake.log, toHex(head)) === undefined);
  if (want.length > 0 && !intake.isIgnored(from))
    intake.effect({ do: 'need', to: from, want, have: whatIHave(intake, from) });
}

function heads(state: MembershipState, { from, heads: theirs }: EventOf<'heads'>): MembershipStep {
  const intake = new Intake(state);
  intake.note(from, { heads: theirs.slice(0, MAX_HEADS) });
  askOn(intake, from);
  return intake.done();
}

/** Operations that `want` follows from and `have` does not, parents first, as many as fit into a frame. */
function given({ log }: MembershipState, { from, want, have }: EventOf<'need'>): MembershipEffect[] {
  const known = (hashes: readonly Uint8Array[]) =>
    hashes.slice(0, MAX_HEADS).flatMap((hash) => find(log, toHex(hash))?.index ?? []);
  const theirs = closure(log, known(have));
  const operations = [];
  for (const index of each(closure(log, known(want)))) {
    if (operations.length >= MAX_OPERATIONS_PER_FRAME) break;
    if (!hasBit(theirs, index)) operations.push(entryAt(log, index).bytes);
  }
  return operations.length === 0 ? [] : [{ do: 'give', to: from, operations, heads: someHeads(log) }];
}

/** Everything that an operation of mine on this log should follow from, and its place in my sequence. */
export function parentsFor(log: Log, author: string): Genuine[] {
  return namedHeads(log, author)
    .map((index) => entryAt(log, index))
    .sort((a, b) => compareBytes(a.hash, b.hash));
}

/**
 * With more heads than an operation names, first some that lead on from my own newest, else I would fork myself, and from what gave me
 * a seat or power, else I would have none.
 */
function namedHeads(log: Log, author: string): readonly number[] {
  if (log.heads.length <= MAX_OPERATION_PARENTS) return log.heads;
  const own = newest(log, listed(log, log.byAuthor, author));
  const seq = (index: number) => entryAt(log, index).operation.seq;
  const needed = [...own.sort((a, b) => seq(b) - seq(a)), ...newest(log, givenTo(log, author))];
  const behind = needed.flatMap((one) => log.heads.find((head) => head === one || follows(log, head, one)) ?? []);
  return [...new Set([...behind, ...log.heads])].slice(0, MAX_OPERATION_PARENTS);
}

/** What others did about them, or that somebody named them to come after. */
const givenTo = (log: Log, id: string): number[] =>
  log.entries.slice(0, log.size).flatMap(({ index, author, subject, operation: { body } }) => {
    const names = body.do === 'leave' && body.successor !== undefined && toHex(body.successor) === id;
    return names || (subject === id && author !== id) ? [index] : [];
  });
