// Who is asked for which missing message: each from one member at a time, from several members at once (HISTORY.md, "Fetching").
// A pure machine: what happens goes in, who is to be asked for what comes out.
import type { MemberId } from '../members-view.ts';
import type { ShortId } from './entry.ts';

/** Messages asked of one member and not answered: about 40 kB of short texts, several round trips' worth. */
const WINDOW = 128;
/** Asked again only when so much of the window is free: requests of a few ids cost more than they carry. */
const REFILL = 64;
/** A member who has not delivered within so long is asked no more for that message, ms. */
export const PATIENCE_MS = 15_000;
/** Ids one member may make us remember. */
const MAX_OFFERED = 20_000;
/** Broken promises after which nothing more is asked of a member until they connect again. */
const MAX_STRIKES = 256;

/** Why a member is asked for a message, the weaker before the stronger. */
const REASONS = [
  /** Other messages name it: perhaps they have never heard of it. */
  'named',
  /** They passed it on sealed, or told its name: perhaps they cannot read it either, but they answer. */
  'passed',
  /** They said that they give it. */
  'promised',
] as const;
type Reason = (typeof REASONS)[number];
/** When a promise is broken. */
const BROKEN: Readonly<Record<'denied' | 'silent' | 'wrong', readonly Reason[]>> = {
  denied: ['promised'],
  silent: ['passed', 'promised'],
  wrong: REASONS,
};

interface Wanted {
  /** Members who say they have it and were not asked yet. */
  readonly from: Set<MemberId>;
  asked: MemberId | undefined;
  /** When, ms. */
  at: number;
}

interface Source {
  readonly offered: Map<ShortId, Reason>;
  readonly asked: Set<ShortId>;
  readonly sought: Set<ShortId>;
  /** Given up after `PATIENCE_MS`, and why they were asked. */
  readonly late: Map<ShortId, Reason>;
  strikes: number;
}

export interface Request {
  readonly to: MemberId;
  readonly ids: readonly ShortId[];
}

export class Fetching {
  readonly #wanted = new Map<ShortId, Wanted>();
  readonly #sources = new Map<MemberId, Source>();

  get waiting(): number {
    return this.#wanted.size;
  }

  /** A session with a member begins: what they did before is forgotten. */
  met(member: MemberId): void {
    this.lost(member);
    this.#sources.set(member, { offered: new Map(), asked: new Set(), sought: new Set(), late: new Map(), strikes: 0 });
  }

  lost(member: MemberId): void {
    const source = this.#sources.get(member);
    if (source === undefined) return;
    for (const id of source.offered.keys()) this.#notFrom(id, member);
    this.#sources.delete(member);
  }

  /** `member` says it has these. */
  offered(member: MemberId, ids: readonly ShortId[]): void {
    this.#mayAsk(member, ids, 'promised');
  }

  /** `member` passed these on or told their names, as everybody does with what they cannot read: no broken promise if they have them not. */
  passed(member: MemberId, ids: readonly ShortId[]): void {
    this.#mayAsk(member, ids, 'passed');
  }

  #mayAsk(member: MemberId, ids: readonly ShortId[], reason: Reason): void {
    const source = this.#sources.get(member);
    if (source === undefined) return;
    for (const id of ids) {
      const known = source.offered.get(id);
      if (known === undefined && source.offered.size >= MAX_OFFERED) return;
      if (known === undefined || REASONS.indexOf(known) < REASONS.indexOf(reason)) source.offered.set(id, reason);
      if (known !== undefined) continue;
      const wanted = this.#wanted.get(id) ?? { from: new Set(), asked: undefined, at: 0 };
      wanted.from.add(member);
      this.#wanted.set(id, wanted);
    }
  }

  /** Named by other messages and perhaps not known to `member`: asked once in a session, and no broken promise if they have it not. */
  sought(member: MemberId, ids: readonly ShortId[]): void {
    const source = this.#sources.get(member);
    if (source === undefined) return;
    const fresh = ids.filter((id) => !source.sought.has(id) && source.sought.size < MAX_OFFERED);
    for (const id of fresh) source.sought.add(id);
    this.#mayAsk(member, fresh, 'named');
  }

  /** Asks `member` for one message now, when nobody else is asked and they have not broken too many promises. */
  asks(member: MemberId, id: ShortId, now: number): boolean {
    const wanted = this.#wanted.get(id);
    if (wanted === undefined || wanted.asked !== undefined || !wanted.from.has(member)) return false;
    if ((this.#sources.get(member)?.strikes ?? MAX_STRIKES) >= MAX_STRIKES) return false;
    this.#ask(id, wanted, member, now);
    return true;
  }

  /** It is here, from whomever. */
  arrived(id: ShortId): void {
    this.#wanted.delete(id);
    for (const { offered, asked } of this.#sources.values()) {
      offered.delete(id);
      asked.delete(id);
    }
  }

  /** `member` gave it, as asked; late, where their link is slow: then their silence broke no promise. */
  gave(member: MemberId, id: ShortId): void {
    const source = this.#sources.get(member);
    const reason = source?.late.get(id);
    if (source?.late.delete(id) && reason !== undefined && BROKEN.silent.includes(reason)) source.strikes -= 1;
    this.arrived(id);
  }

  /** `member` says that it has these not. */
  denied(member: MemberId, ids: readonly ShortId[]): void {
    for (const id of ids) this.#failed(member, id, 'denied');
  }

  /** What `member` gave for this is not what was asked for. */
  wrong(member: MemberId, id: ShortId): void {
    this.#failed(member, id, 'wrong');
  }

  #failed(member: MemberId, id: ShortId, how: keyof typeof BROKEN): void {
    const source = this.#sources.get(member);
    const reason = source?.offered.get(id);
    if (source?.asked.delete(id) && reason !== undefined && BROKEN[how].includes(reason)) source.strikes += 1;
    if (how !== 'silent') source?.late.delete(id);
    this.#notFrom(id, member);
  }

  /** Members who say they have it, whether they were asked or not. */
  whoHas(id: ShortId): ReadonlySet<MemberId> {
    return new Set([...this.#sources].flatMap(([member, { offered }]) => (offered.has(id) ? [member] : [])));
  }

  /** Whether we asked `member` for this, and they have not answered. */
  isAsked(member: MemberId, id: ShortId): boolean {
    const source = this.#sources.get(member);
    return source !== undefined && (source.asked.has(id) || source.late.has(id));
  }

  /** Who is to be asked for what, at `now` (ms). */
  next(now: number): Request[] {
    this.#giveUp(now);
    const plan = new Map<MemberId, ShortId[]>();
    const room = new Map<MemberId, number>();
    for (const [member, { asked, strikes }] of this.#sources) {
      const free = WINDOW - asked.size;
      if (strikes < MAX_STRIKES && free >= REFILL) room.set(member, free);
    }
    for (const [id, wanted] of this.#wanted) {
      if (room.size === 0) break;
      if (wanted.asked !== undefined) continue;
      const member = roomiest(wanted.from, room);
      if (member === undefined) continue;
      this.#ask(id, wanted, member, now);
      plan.set(member, [...(plan.get(member) ?? []), id]);
      const left = (room.get(member) ?? 0) - 1;
      if (left > 0) room.set(member, left);
      else room.delete(member);
    }
    return [...plan].map(([to, ids]) => ({ to, ids }));
  }

  #ask(id: ShortId, wanted: Wanted, member: MemberId, now: number): void {
    wanted.asked = member;
    wanted.at = now;
    this.#sources.get(member)?.asked.add(id);
  }

  #giveUp(now: number): void {
    for (const [id, { asked, at }] of this.#wanted) {
      if (asked === undefined || Math.abs(now - at) < PATIENCE_MS) continue;
      const source = this.#sources.get(asked);
      const reason = source?.offered.get(id);
      const isTwice = source?.late.has(id);
      this.#failed(asked, id, 'silent');
      if (reason !== undefined && !isTwice) source?.late.set(id, reason);
    }
  }

  #notFrom(id: ShortId, member: MemberId): void {
    this.#sources.get(member)?.offered.delete(id);
    const wanted = this.#wanted.get(id);
    if (wanted === undefined) return;
    wanted.from.delete(member);
    if (wanted.asked === member) wanted.asked = undefined;
    if (wanted.from.size === 0) this.#wanted.delete(id);
  }
}

/** The one of `members` with the most room: the faster a member answers, the more it is asked. */
function roomiest(members: ReadonlySet<MemberId>, room: ReadonlyMap<MemberId, number>): MemberId | undefined {
  let best: MemberId | undefined;
  for (const member of members) {
    const free = room.get(member) ?? 0;
    if (free > 0 && (best === undefined || free > (room.get(best) ?? 0))) best = member;
  }
  return best;
}
