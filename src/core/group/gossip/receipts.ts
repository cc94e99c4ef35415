// What every member has on the disk and has seen, of everybody's messages: one signed receipt of each member, of which the
// newest counts (GOSSIP.md, "Receipts").
import { type Bytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { verify } from '../../crypto/sign.ts';
import { type ErrorKind, kindOf } from '../../errors.ts';
import { decode, encode } from '../../wire/cbor.ts';
import {
  MAX_RECEIPT_BYTES,
  type Mark,
  type Receipt,
  type RefusalOfMember,
  receiptSchema,
  type SignedReceipt,
} from '../../wire/group-gossip.ts';
import { MAX_RECEIPT_RANGES } from '../../wire/group-limits.ts';
import type { Entry } from '../history/entry.ts';
import type { History } from '../history/history.ts';
import { isIn, Places, type Range } from '../history/places.ts';
import type { Sign } from '../history/signing.ts';
import { hasJoined, type MemberId, type Members, type MembersView, nameOf } from '../members-view.ts';

const PURPOSE = utf8('kith group receipt v1');

export type MemberState =
  | { readonly state: 'waiting' | 'delivered' | 'read' }
  | { readonly state: 'dropped'; readonly reason: 'removed' | 'left' | RefusalOfMember };

/** A receipt with its marks by author. */
export interface KnownReceipt {
  readonly from: MemberId;
  readonly version: number;
  /** What its author knew of the members. */
  readonly view: MembersView;
  readonly marks: ReadonlyMap<MemberId, Mark>;
  readonly signed: SignedReceipt;
}

export type ReceiptOutcome = 'new' | 'old' | 'unknown-heads' | { readonly refused: ErrorKind };

/** What a member answers for. */
export interface Standing {
  readonly self: MemberId;
  readonly history: History;
  readonly members: Members;
  /** Places a person has seen, by author; undefined when read receipts are off. */
  readonly seen: ReadonlyMap<MemberId, Places> | undefined;
  readonly refused: ReadonlyMap<MemberId, ReadonlyMap<number, RefusalOfMember>>;
}

const idsOf = (view: Members['view']): MemberId[] =>
  view
    .members()
    .map(({ id }) => id)
    .sort();

const signedBytes = async (content: Uint8Array): Promise<Bytes> => concat(PURPOSE, await sha256(content));

/** My receipt. Authors with more holes than fit are claimed up to the last hole that fits. */
export async function writeReceipt(standing: Standing, version: number, sign: Sign): Promise<SignedReceipt> {
  const content = longest((most) => encode(receiptOf(standing, version, most)));
  return { content, signature: await sign(await signedBytes(content)) };
}

/** Several who leave holes on purpose could make it too long for anybody to take: named are as many of each as fit, those with fewer lose nothing. */
function longest(encoded: (most: number) => Bytes): Bytes {
  const all = encoded(MAX_RECEIPT_RANGES);
  if (all.length <= MAX_RECEIPT_BYTES) return all;
  let [best, low, high] = [encoded(0), 1, MAX_RECEIPT_RANGES - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const content = encoded(middle);
    if (content.length <= MAX_RECEIPT_BYTES) [best, low] = [content, middle + 1];
    else high = middle - 1;
  }
  return best;
}

/** `most`: ranges and refusals of each author. */
function receiptOf(standing: Standing, version: number, most: number): Receipt {
  const { self, members } = standing;
  const marks = idsOf(members.view).flatMap((author, at): Mark[] => {
    const mark = author === self ? undefined : markOf(standing, author, at, most);
    return mark === undefined ? [] : [mark];
  });
  return { group: members.view.groupId, from: fromHex(self), version, view: [...members.view.heads], marks };
}

function markOf({ history, seen, refused }: Standing, author: MemberId, at: number, most: number): Mark | undefined {
  const delivered = claim(history.places(author), most);
  const read = claim(seen?.get(author) ?? new Places(), most);
  const all = [...(refused.get(author) ?? [])];
  const refusals = all.slice(Math.max(0, all.length - most));
  if (delivered.high === 0 && refusals.length === 0) return undefined;
  return {
    author: at,
    delivered: delivered.high,
    ...(delivered.holes.length === 0 ? {} : { missing: delivered.holes }),
    ...(read.high === 0 ? {} : { read: read.high, ...(read.holes.length === 0 ? {} : { unread: read.holes }) }),
    ...(refusals.length === 0 ? {} : { refused: refusals.map(([seq, reason]) => ({ seq, reason })) }),
  };
}

function claim(places: Places, most: number): { high: number; holes: [number, number][] } {
  const holes = places.missing.slice(0, most).map(([first, last]): [number, number] => [first, last]);
  const next = places.missing[most];
  return { high: next === undefined ? places.high : next[0] - 1, holes };
}

export class Receipts {
  readonly #known = new Map<MemberId, KnownReceipt>();
  /** By name of a view: whether a receipt's author knew it. */
  readonly #later = new WeakMap<KnownReceipt, Map<string, boolean>>();
  /** By author and name of a view: who named which messages when they removed the author after that. */
  readonly #named = new WeakMap<Members, Map<string, ReadonlyMap<string, ReadonlySet<MemberId>>>>();

  all(): readonly KnownReceipt[] {
    return [...this.#known.values()];
  }

  of(member: MemberId): KnownReceipt | undefined {
    return this.#known.get(member);
  }

  /** Never rejects for what is wrong with the receipt. */
  async take(signed: SignedReceipt, members: Members): Promise<ReceiptOutcome> {
    let receipt: Receipt;
    try {
      receipt = decode(signed.content, receiptSchema, MAX_RECEIPT_BYTES);
    } catch (error) {
      return { refused: kindOf(error) };
    }
    const from = toHex(receipt.from);
    if (!equalBytes(receipt.group, members.view.groupId)) return { refused: 'group-forged' };
    if (receipt.version <= (this.#known.get(from)?.version ?? 0)) return 'old';
    const view = await members.viewAt(receipt.view);
    if (view === undefined) return 'unknown-heads';
    const author = view.member(from);
    if (author?.state !== 'joined') return { refused: 'group-stranger' };
    if (!(await verify(author.signKey, await signedBytes(signed.content), signed.signature))) {
      return { refused: 'group-forged' };
    }
    const ids = idsOf(view);
    if (receipt.marks.some((mark) => ids[mark.author] === undefined)) return { refused: 'frame-malformed' };
    const marks = new Map(receipt.marks.map((mark) => [ids[mark.author] as MemberId, mark]));
    this.#known.set(from, { from, version: receipt.version, view, marks, signed });
    return 'new';
  }

  /** Where a message stands with every reader but its author. */
  statesOf(entry: Entry, history: History, members: Members): Map<MemberId, MemberState> {
    const states = new Map<MemberId, MemberState>();
    const isAlone = history.at(entry.from, entry.message.seq).length < 2;
    const named = this.#whoNamed(entry, members);
    for (const { id, state } of entry.view.members()) {
      if (id === entry.from || (state !== 'joined' && !hasJoined(members.view, id))) continue;
      const told = this.#stateOf(entry, id, isAlone, members);
      states.set(id, told.state !== 'read' && named.has(id) ? { state: 'delivered' } : told);
    }
    return states;
  }

  #stateOf(entry: Entry, id: MemberId, isAlone: boolean, members: Members): MemberState {
    const receipt = this.#known.get(id);
    // One that its author wrote before they knew what the message names means another at its place, which was void.
    const mark = receipt && this.#isLater(receipt, entry, members) ? receipt.marks.get(entry.from) : undefined;
    const { seq } = entry.message;
    // Two messages stand at one place: a receipt does not tell which of them it means.
    if (mark !== undefined && isAlone) {
      if (reaches(mark.read, mark.unread, seq)) return { state: 'read' };
      if (reaches(mark.delivered, mark.missing, seq)) return { state: 'delivered' };
    }
    const refusal = mark?.refused?.find((one) => one.seq === seq);
    if (refusal !== undefined) return { state: 'dropped', reason: refusal.reason };
    if (hasJoined(members.view, id)) return { state: 'waiting' };
    return { state: 'dropped', reason: this.#howGone(entry, id, members) };
  }

  #isLater(receipt: KnownReceipt, { view }: Entry, members: Members): boolean {
    const later = this.#later.get(receipt) ?? new Map<string, boolean>();
    const name = nameOf(view);
    const known = later.get(name) ?? members.includes(receipt.view.heads, view.heads);
    this.#later.set(receipt, later.set(name, known));
    return known;
  }

  /** Whoever removed its author and signed that they had it: no receipt of theirs reaches somebody outside. */
  #whoNamed({ from, view, hash }: Entry, members: Members): ReadonlySet<MemberId> {
    const known = this.#named.get(members) ?? new Map<string, ReadonlyMap<string, ReadonlySet<MemberId>>>();
    const name = `${from}/${nameOf(view)}`;
    const named = known.get(name) ?? namedIn(from, view, members);
    this.#named.set(members, known.set(name, named));
    return named.get(hash) ?? NOBODY;
  }

  #howGone({ view }: Entry, id: MemberId, members: Members): 'removed' | 'left' {
    const judgement = members.judge(id, view.member(id)?.signKey ?? new Uint8Array(0), view.heads);
    if (judgement.is !== 'removed') return 'removed';
    return judgement.removals.every(({ by }) => by === id) ? 'left' : 'removed';
  }
}

const NOBODY: ReadonlySet<MemberId> = new Set();

/** By hash of a message. */
function namedIn(author: MemberId, view: MembersView, members: Members): ReadonlyMap<string, ReadonlySet<MemberId>> {
  const judgement = members.judge(author, view.member(author)?.signKey ?? new Uint8Array(0), view.heads);
  const named = new Map<string, Set<MemberId>>();
  for (const { by, messages } of judgement.is === 'removed' ? judgement.removals : []) {
    for (const message of messages.map(toHex)) named.set(message, (named.get(message) ?? new Set()).add(by));
  }
  return named;
}

const reaches = (high: number | undefined, holes: readonly Range[] | undefined, seq: number): boolean =>
  high !== undefined && seq <= high && !isIn(holes ?? [], seq);
