// What is taken into the log, what waits and what is refused, one operation at a time. Works on a copy of the state that `step` gives back.
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { ErrorKind } from '../../errors.ts';
import { objection } from './admission.ts';
import { hasBit } from './bits.ts';
import {
  MAX_CHECKING,
  MAX_JOINED_SIBLINGS,
  MAX_REFUSED,
  MAX_REMEMBERED,
  MAX_SHARED,
  MAX_SIBLINGS,
  MAX_SOURCES,
  MAX_WAITING,
  MAX_WAITING_PER_SOURCE,
} from './limits.ts';
import { append, closure, find, type Genuine, isNamed, type Log, listed, newest, slotOf } from './log.ts';
import type { Arrived } from './reading.ts';
import type { MembershipEffect, MembershipState, MembershipStep, Source, Waiting } from './state.ts';

const NEW_SOURCE: Source = { checking: 0, refused: 0, heads: [], shared: [] };

export class Intake {
  readonly #before: MembershipState;
  readonly #effects: MembershipEffect[] = [];
  readonly #taken: Genuine[] = [];
  readonly #waiting: Map<string, Waiting>;
  readonly #refused: Set<string>;
  readonly #sources: Map<string, Source>;
  readonly #verify = new Map<string, Arrived[]>();
  #log: Log;
  #hasForked = false;

  constructor(state: MembershipState) {
    this.#before = state;
    this.#log = state.log;
    this.#waiting = new Map(state.waiting);
    this.#refused = new Set(state.refused);
    this.#sources = new Map(state.sources);
  }

  get log(): Log {
    return this.#log;
  }

  get taken(): readonly Genuine[] {
    return this.#taken;
  }

  /** Whether an author forked by what was taken. */
  get hasForked(): boolean {
    return this.#hasForked;
  }

  source(from: string): Source {
    return this.#sources.get(from) ?? NEW_SOURCE;
  }

  note(from: string, change: Partial<Source>): void {
    const source = { ...this.source(from), ...change };
    this.#sources.delete(from);
    this.#sources.set(from, source);
    if (this.#sources.size <= MAX_SOURCES) return;
    // The one that was heard least lately; those that are ignored last, lest a crowd of new ones makes them forgotten.
    const others = [...this.#sources].filter(([name]) => name !== from);
    const [oldest] = others.find(([, { refused }]) => refused <= MAX_REFUSED) ?? others[0] ?? [from];
    this.#sources.delete(oldest);
  }

  /** Remembers that a source has these entries. Tells whether that was news. */
  share(from: string, indices: readonly number[]): boolean {
    const { shared } = this.source(from);
    const known = closure(this.#log, shared);
    const news = indices.filter((index) => !hasBit(known, index));
    if (news.length > 0) this.note(from, { shared: newest(this.#log, [...shared, ...news]).slice(-MAX_SHARED) });
    return news.length > 0;
  }

  forget(from: string): void {
    this.#sources.delete(from);
  }

  isIgnored(from: string): boolean {
    return this.source(from).refused > MAX_REFUSED;
  }

  effect(effect: MembershipEffect): void {
    this.#effects.push(effect);
  }

  /** R-junk: whoever brings it answers for it, since an honest page hands on only what it took in. */
  refuse(from: string, kind: ErrorKind, id?: string): void {
    const refused = this.source(from).refused + 1;
    this.note(from, { refused });
    if (refused === MAX_REFUSED + 1) this.effect({ do: 'ignore', source: from, kind });
    if (id !== undefined) this.#remember(id);
  }

  #remember(id: string): void {
    this.#refused.add(id);
    const [oldest] = this.#refused;
    if (this.#refused.size > MAX_REMEMBERED && oldest !== undefined) this.#refused.delete(oldest);
  }

  /** Looks at what came, and has its signatures checked if it may be worth that. */
  screen(from: string, arrived: Arrived): void {
    const { id, operation } = arrived;
    if (this.isIgnored(from) || find(this.#log, id) !== undefined || this.#waiting.has(id)) return;
    if (this.#refused.has(id) && !this.#isAwaited(id)) return;
    const group = operation.group === undefined ? id : toHex(operation.group);
    const missing = this.#missing(arrived);
    if (group !== this.#before.group) this.refuse(from, 'group-refused', id);
    else if (operation.body.do === 'create' || this.#isKnown(toHex(operation.author))) this.#check(from, arrived);
    else if (missing.length === 0) this.refuse(from, 'group-not-member', id);
    else this.#wait({ from, arrived, genuine: undefined, missing });
  }

  /** Whether the log knows that person, now or before: R-junk, no signature of a stranger is checked. */
  #isKnown(author: string): boolean {
    const { byAuthor, additions } = this.#log;
    return listed(this.#log, byAuthor, author).length > 0 || listed(this.#log, additions, author).length > 0;
  }

  #check(from: string, arrived: Arrived): void {
    const { checking } = this.source(from);
    // What finds no room comes again: its sender's heads stay unknown.
    if (checking >= MAX_CHECKING) return;
    this.note(from, { checking: checking + 1 });
    const list = this.#verify.get(from) ?? [];
    this.#verify.set(from, [...list, arrived]);
  }

  #missing({ operation }: { readonly operation: Arrived['operation'] }): string[] {
    return operation.parents.map(toHex).filter((parent) => find(this.#log, parent) === undefined);
  }

  #wait(waiting: Waiting): void {
    const { from, arrived } = waiting;
    let own = 0;
    for (const other of this.#waiting.values()) if (other.from === from) own += 1;
    if (own >= MAX_WAITING_PER_SOURCE) return;
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(arrived.id, waiting);
  }

  /** An operation whose signatures are right: into the log with all that waited for it, or it waits, or it is refused. */
  admit(from: string, genuine: Genuine): void {
    const ready: { from: string; genuine: Genuine }[] = [{ from, genuine }];
    for (const next of ready) {
      if (find(this.#log, next.genuine.id) !== undefined) continue;
      const missing = this.#missing(next.genuine);
      if (missing.length > 0) {
        this.#wait({ from: next.from, arrived: asArrived(next.genuine), genuine: next.genuine, missing });
      } else if (this.#take(next.from, next.genuine)) ready.push(...this.#released(next.genuine.id));
    }
  }

  #take(from: string, genuine: Genuine): boolean {
    const kind = objection(this.#log, genuine, this.#before.group);
    if (kind !== undefined) {
      this.refuse(from, kind, genuine.id);
      return false;
    }
    const author = toHex(genuine.operation.author);
    const slot = slotOf(toHex(genuine.operation.key), genuine.operation.seq);
    const siblings = listed(this.#log, this.#log.slots, slot);
    const alone = siblings.filter((index) => !isNamed(this.#log, index)).length;
    if (alone >= this.#siblingsAllowed(genuine.id, author)) {
      this.#remember(genuine.id);
      return false;
    }
    this.#log = append(this.#log, genuine);
    this.#taken.push(genuine);
    if (siblings.length > 0) {
      this.#hasForked = true;
      this.#tellFork(author, slot);
    }
    return true;
  }

  /** R-fork-limit: two prove a fork; a page restored several times may join a few; what somebody else built on is always taken. */
  #siblingsAllowed(id: string, author: string): number {
    if (this.#isWanted(id, author)) return Number.POSITIVE_INFINITY;
    return this.#isAwaited(id) ? MAX_JOINED_SIBLINGS : MAX_SIBLINGS;
  }

  #isAwaited(id: string): boolean {
    return [...this.#waiting.values()].some(({ genuine, missing }) => genuine !== undefined && missing.includes(id));
  }

  #tellFork(author: string, slot: string): void {
    const operations = listed(this.#log, this.#log.slots, slot).map((index) => this.#log.entries[index]?.id as string);
    this.effect({ do: 'forked', author, operations });
  }

  /** Whether somebody else's genuine operation waits for this one, straight or through others. */
  #isWanted(id: string, author: string): boolean {
    const seen = new Set([id]);
    for (const next of seen) {
      for (const [waitingId, { genuine, missing }] of this.#waiting) {
        if (genuine === undefined || !missing.includes(next)) continue;
        if (toHex(genuine.operation.author) !== author) return true;
        seen.add(waitingId);
      }
    }
    return false;
  }

  /** What waited for nothing but this one. What was not checked goes to be checked. */
  #released(id: string): { from: string; genuine: Genuine }[] {
    const released: { from: string; genuine: Genuine }[] = [];
    for (const [key, waiting] of this.#waiting) {
      if (!waiting.missing.includes(id)) continue;
      const missing = waiting.missing.filter((parent) => find(this.#log, parent) === undefined);
      const { from, arrived, genuine } = waiting;
      if (genuine === undefined && this.#isKnown(toHex(arrived.operation.author))) {
        this.#waiting.delete(key);
        this.#check(from, arrived);
      } else if (missing.length > 0) this.#waiting.set(key, { ...waiting, missing });
      else {
        this.#waiting.delete(key);
        if (genuine === undefined) this.refuse(from, 'group-not-member', key);
        else released.push({ from, genuine });
      }
    }
    return released;
  }

  /** Parents that are waited for and did not come, as hashes. */
  wanted(from: string): Uint8Array[] {
    const wanted = new Set<string>();
    for (const waiting of this.#waiting.values()) {
      if (waiting.from !== from) continue;
      for (const parent of waiting.missing) if (!this.#waiting.has(parent)) wanted.add(parent);
    }
    return [...wanted].map(fromHex);
  }

  done(): MembershipStep {
    // Last: what comes of it follows what was taken in before.
    for (const [from, operations] of this.#verify) this.#effects.push({ do: 'verify', from, operations });
    const state = {
      ...this.#before,
      log: this.#log,
      waiting: this.#waiting,
      refused: this.#refused,
      sources: this.#sources,
    };
    return { state, effects: this.#effects };
  }
}

const asArrived = (genuine: Genuine): Arrived => ({ ...genuine, content: EMPTY, signature: EMPTY });
const EMPTY = new Uint8Array(0);
