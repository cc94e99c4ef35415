// The messages of one group that are here: a DAG by parents. What is shown, in which order, what is missing, what does not
// count and who says different things to different people follows from the set of messages alone (HISTORY.md).
import { equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { encode } from '../../wire/cbor.ts';
import { MAX_PARENTS } from '../../wire/group-limits.ts';
import { hasJoined, type MemberId, type Members, nameOf } from '../members-view.ts';
import { Ancestry, type Sets } from './ancestry.ts';
import type { Entry, MessageHash, ShortId } from './entry.ts';
import { Order } from './order.ts';
import { Places } from './places.ts';

/**
 * `void`: its author was removed, and whoever removed them did not have it. `conflict`: its author signed something else for the
 * same place or under the same id. `repeated`: the same words under the same id stand earlier already.
 */
export type Verdict = 'counts' | 'conflict' | 'repeated' | 'void';

/** `counts`, `void`, or what of its author's messages counts by each removal that stands. */
type Judged = 'counts' | 'void' | readonly Sets[];

export interface Shown {
  readonly entry: Entry;
  /** `void` is shown to its author alone. */
  readonly verdict: 'counts' | 'conflict' | 'void';
  /** Messages this one follows that are not here, and by no message above. */
  readonly missing: readonly MessageHash[];
}

export class History {
  readonly #entries = new Map<MessageHash, Entry>();
  readonly #order = new Order();
  readonly #shorts = new Map<ShortId, Entry[]>();
  /** By author and place, by author and id: more than one is a conflict. */
  readonly #claims = new Map<string, Entry[]>();
  /** Those that share a claim with another one: hardly any, and every message is asked about often. */
  readonly #sharing = new Set<MessageHash>();
  readonly #places = new Map<MemberId, Places>();
  readonly #missing = new Set<MessageHash>();
  /** By the name of a view and author: what equal views come to is judged once. */
  readonly #judged = new Map<string, Map<MemberId, Judged>>();
  /** What whoever removed somebody had. */
  #kept = new Ancestry(this);
  #heads = new Set<MessageHash>();
  #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  readonly find = (hash: MessageHash): Entry | undefined => this.#entries.get(hash);

  get size(): number {
    return this.#entries.size;
  }

  /** Every message, void ones too, first to last. */
  all(): readonly Entry[] {
    return this.#order.list();
  }

  /** Usually one; two when somebody has ground hashes for days. */
  byShort(short: ShortId): readonly Entry[] {
    return this.#shorts.get(short) ?? [];
  }

  /** Named as a parent and not here. */
  get missing(): ReadonlySet<MessageHash> {
    return this.#missing;
  }

  /** False when it was here: shown once, for ever. */
  add(entry: Entry): boolean {
    if (this.#entries.has(entry.hash)) return false;
    this.#entries.set(entry.hash, entry);
    this.#order.add(entry);
    push(this.#shorts, entry.short, entry);
    for (const claim of claimsOf(entry)) {
      push(this.#claims, claim, entry);
      const all = this.#claims.get(claim) ?? [];
      if (all.length > 1) for (const { hash } of all) this.#sharing.add(hash);
    }
    this.#missing.delete(entry.hash);
    for (const parent of entry.follows) if (!this.#entries.has(parent)) this.#missing.add(parent);
    if (this.#kept.arrived(entry)) this.#rebuild();
    else this.#count(entry);
    return true;
  }

  /** The membership has changed: everything is judged anew. */
  judgeBy(members: Members): void {
    this.#members = members;
    this.#judged.clear();
    this.#kept = new Ancestry(this);
    this.#rebuild();
  }

  verdict(entry: Entry): Verdict {
    if (!this.#counts(entry)) return 'void';
    const twins = this.#rivals(entry).filter((other) => isTwin(entry, other));
    if (twins.some((twin) => this.#order.isBefore(twin, entry))) return 'repeated';
    return this.#isContested(entry) ? 'conflict' : 'counts';
  }

  /** What a new message names as its parents: the last 16 heads. */
  heads(): readonly Entry[] {
    const heads = [...this.#heads].map((hash) => this.#entries.get(hash) as Entry);
    if (heads.length <= MAX_PARENTS) return heads;
    const last = new Set(heads.map(({ hash }) => hash));
    return this.all()
      .filter(({ hash }) => last.has(hash))
      .slice(-MAX_PARENTS);
  }

  /** The last message of an author that counts: what their next one follows. */
  lastOf(author: MemberId): Entry | undefined {
    const high = this.#places.get(author)?.high ?? 0;
    const there = this.#claims.get(placeClaim(author, high)) ?? [];
    return there.filter((entry) => this.#counts(entry)).sort((a, b) => (a.hash < b.hash ? -1 : 1))[0];
  }

  /**
   * Those of an author's messages that count which lead everybody to all of them, the newest first. Each follows the one before it, but
   * whoever was outside for a while may not read every one: the last that they can read before each gap is among these.
   */
  leading(author: MemberId): readonly Entry[] {
    const own = this.all().filter((entry) => entry.from === author && this.#counts(entry));
    const next = new Map<MessageHash, Entry[]>();
    for (const entry of own) if (entry.prev !== undefined) push(next, entry.prev, entry);
    const readers = ({ view }: Entry) => view.members().filter(({ state }) => state === 'joined');
    const leads = (entry: Entry) => {
      const after = next.get(entry.hash) ?? [];
      return !after.some(({ view }) => readers(entry).every(({ id }) => hasJoined(view, id)));
    };
    return own.filter(leads).reverse();
  }

  /** Whether an author has a message with this id (16 bytes) that counts. */
  hasId(author: MemberId, id: Uint8Array): boolean {
    return (this.#claims.get(idClaim(author, id)) ?? []).some((entry) => this.#counts(entry));
  }

  /** A message of an author with this id (16 bytes) that is here and does not count, where none of that id does. */
  lost(author: MemberId, id: Uint8Array): Entry | undefined {
    return this.hasId(author, id) ? undefined : this.#claims.get(idClaim(author, id))?.[0];
  }

  /** Place in time of a message that is here, ms. */
  timeOf({ hash }: Entry): number {
    return this.#order.timeOf(hash);
  }

  /** Which places of an author are here and count. */
  places(author: MemberId): Places {
    return this.#places.get(author) ?? new Places();
  }

  /** The messages at one place of an author that count. */
  at(author: MemberId, seq: number): readonly Entry[] {
    return (this.#claims.get(placeClaim(author, seq)) ?? []).filter((entry) => this.#counts(entry));
  }

  /** Places at which messages are here, and none counts: what was seen there is not what comes there next. */
  voidPlaces(): { readonly author: MemberId; readonly seq: number }[] {
    return this.all()
      .filter((entry) => !this.#counts(entry) && this.at(entry.from, entry.message.seq).length === 0)
      .map(({ from, message }) => ({ author: from, seq: message.seq }));
  }

  /** What a person sees, first to last. `self`: their own messages too that do not count. */
  shown(self?: MemberId): Shown[] {
    const told = new Set<MessageHash>();
    return this.all().flatMap((entry): Shown[] => {
      const verdict = this.verdict(entry);
      if (verdict === 'void' && entry.from === self && this.lost(self, entry.message.id) === entry)
        return [{ entry, verdict, missing: [] }];
      if (verdict === 'void' || verdict === 'repeated') return [];
      const missing = entry.follows.filter((hash) => this.#missing.has(hash) && !told.has(hash));
      for (const hash of missing) told.add(hash);
      return [{ entry, verdict, missing }];
    });
  }

  #counts(entry: Entry): boolean {
    const judged = this.#judgementOf(entry);
    if (typeof judged === 'string') return judged === 'counts';
    return judged.every((had) => this.#kept.has(had, entry.hash));
  }

  #judgementOf({ from, view }: Entry): Judged {
    const name = nameOf(view);
    const known = this.#judged.get(name) ?? new Map<MemberId, Judged>();
    let judged = known.get(from);
    if (judged === undefined) {
      const judgement = this.#members.judge(from, view.member(from)?.signKey ?? new Uint8Array(0), view.heads);
      if (judgement.is === 'removed')
        judged = judgement.removals.map(({ messages }) => this.#kept.of(messages.map(toHex)));
      else judged = judgement.is === 'member' ? 'counts' : 'void';
      this.#judged.set(name, known.set(from, judged));
    }
    return judged;
  }

  #isContested(entry: Entry): boolean {
    const before = entry.prev === undefined ? undefined : this.#entries.get(entry.prev);
    // Its author says it follows a message that is not theirs, or not the one before it.
    if (before !== undefined && (before.from !== entry.from || before.message.seq !== entry.message.seq - 1))
      return true;
    return this.#rivals(entry).some((other) => !isTwin(entry, other));
  }

  /** Others that count, of the same author, at the same place or under the same id. */
  #rivals(entry: Entry): Entry[] {
    if (!this.#sharing.has(entry.hash)) return [];
    const all = claimsOf(entry).flatMap((claim) => this.#claims.get(claim) ?? []);
    return all.filter((other) => other !== entry && this.#counts(other));
  }

  #rebuild(): void {
    this.#heads = new Set();
    this.#places.clear();
    // All that is to be kept is known before it is asked for: one walk.
    for (const entry of this.#entries.values()) this.#judgementOf(entry);
    for (const entry of this.#entries.values()) this.#count(entry);
  }

  /** Heads and places speak of messages that count only: nobody builds on what is void. */
  #count(entry: Entry): void {
    if (!this.#counts(entry)) return;
    for (const parent of entry.follows) this.#heads.delete(parent);
    const children = this.#order.childrenOf(entry.hash);
    if (!children.some((hash) => this.#counts(this.#entries.get(hash) as Entry))) this.#heads.add(entry.hash);
    let places = this.#places.get(entry.from);
    if (places === undefined) {
      places = new Places();
      this.#places.set(entry.from, places);
    }
    places.add(entry.message.seq);
  }
}

/** One text that its author sent twice: before and after losing what the disk said about it. */
const isTwin = ({ message: a }: Entry, { message: b }: Entry): boolean =>
  equalBytes(a.id, b.id) && equalBytes(encode(a.body), encode(b.body));

const placeClaim = (author: MemberId, seq: number): string => `${author}#${seq}`;

const idClaim = (author: MemberId, id: Uint8Array): string => `${author}=${toHex(id)}`;

const claimsOf = ({ from, message }: Entry): readonly string[] => [
  placeClaim(from, message.seq),
  idClaim(from, message.id),
];

function push<K>(map: Map<K, Entry[]>, key: K, entry: Entry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}
