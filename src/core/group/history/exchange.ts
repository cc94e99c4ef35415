// Two members give each other what the other lacks: comparison, lists, requests and fillings of every link, within bounds that
// a liar cannot leave (HISTORY.md, "Exchange" and "Bounds").
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { Random } from '../../ports/random.ts';
import type { CompareMessage, FillMessage, ListMessage, WantMessage } from '../../wire/group-history.ts';
import { MAX_FILL_BYTES, MAX_FILLED, MAX_LISTED } from '../../wire/group-limits.ts';
import type { SignedMessage } from '../../wire/group-message.ts';
import type { MemberId } from '../members-view.ts';
import { Allowance } from './allowance.ts';
import { type Entry, type MessageHash, type ShortId, sizeOf } from './entry.ts';
import { Fetching, type Request } from './fetching.ts';
import type { History } from './history.ts';
import { answerCompare, beginning, costOf, type Item, itemOf, readList, type Span, sortItems } from './ranges.ts';

const SALT_BYTES = 16;
/** Links compare anew so often, ms: whatever a liar on the way kept back comes to light. */
const EVERY_MS = 600_000;
/** Where a share lets one of the two read more they compare at once, and for further shares not before so long, ms. */
const WIDER_EVERY_MS = 10_000;
/** Comparisons and lists one member may send at once, and each second: an exchange over 100,000 messages takes about 40. */
const TALK = { most: 128, perSecond: 4 };
/** Exchanges one member may begin at once, and each second: an honest one begins with the link, and then once in 10 s at most. */
const BEGIN = { most: 4, perSecond: 0.2 };
/** So often one exchange may go through all that I have for the other: honest ones do for each round and for lists, 5 times in 10 million. */
const MOST_ROUNDS = 8;
/** So often one member is given a message in one session for nothing: what they asked for may have come too late for them. */
const FREELY = 2;
/** Beyond that, so many bytes at once, and each second. */
const SERVE = { most: 1_048_576, perSecond: 65_536 };

export interface ExchangeKit {
  readonly self: MemberId;
  readonly group: Uint8Array;
  readonly history: History;
  readonly random: Random;
  mayRead(entry: Entry, member: MemberId): boolean;
}

interface Peer {
  readonly talk: Allowance;
  readonly begin: Allowance;
  comparedAt: number;
  /** A share has come since: what it lets one of us read was left out of the comparison. */
  isWider: boolean;
  /** When shares were the reason last. */
  widerAt: number;
  readonly serve: Allowance;
  /** How often each message was given for nothing: what they may read grows while the session lasts. */
  readonly given: Map<MessageHash, number>;
  /** What I had for this member when the exchange with this salt began: what arrives meanwhile must not change the comparison. */
  salt: string;
  items: readonly Item[];
  /** How many of these the other may still make me go through. */
  left: number;
}

export class Exchange {
  readonly fetching = new Fetching();
  readonly #kit: ExchangeKit;
  readonly #peers = new Map<MemberId, Peer>();

  constructor(kit: ExchangeKit) {
    this.#kit = kit;
  }

  /** A session begins. */
  met(peer: MemberId, now: number): void {
    const talk = new Allowance(TALK.most, TALK.perSecond, now);
    const begin = new Allowance(BEGIN.most, BEGIN.perSecond, now);
    const serve = new Allowance(SERVE.most, SERVE.perSecond, now);
    const compared = { comparedAt: now, isWider: false, widerAt: Number.NEGATIVE_INFINITY };
    const exchange = { salt: '', items: [], left: 0 };
    this.#peers.set(peer, { talk, begin, ...compared, serve, given: new Map(), ...exchange });
    this.fetching.met(peer);
  }

  lost(peer: MemberId): void {
    this.#peers.delete(peer);
    this.fetching.lost(peer);
  }

  /** The first word of an exchange; one of the two says it, the one with the smaller id. */
  async begin(peer: MemberId): Promise<CompareMessage | undefined> {
    const { self, group, random } = this.#kit;
    const known = this.#peers.get(peer);
    if (self > peer || known === undefined) return undefined;
    const salt = random.bytes(SALT_BYTES);
    this.#choose(peer, known, toHex(salt));
    return beginning(group, salt, known.items);
  }

  /** A share was taken: `to` may read more than before, and compares anew with everybody, as do we with them. */
  shared(to: MemberId): void {
    for (const [peer, known] of this.#peers) if (to === peer || to === this.#kit.self) known.isWider = true;
  }

  /** First words of the comparisons that are due now: however many shares have come, one for each link. */
  async due(now: number): Promise<{ readonly to: MemberId; readonly message: CompareMessage }[]> {
    const first: { to: MemberId; message: CompareMessage }[] = [];
    for (const [to, peer] of this.#peers) {
      const isWider = peer.isWider && Math.abs(now - peer.widerAt) >= WIDER_EVERY_MS;
      if (!isWider && Math.abs(now - peer.comparedAt) < EVERY_MS) continue;
      if (isWider) peer.widerAt = now;
      peer.isWider = false;
      peer.comparedAt = now;
      const message = await this.begin(to);
      if (message !== undefined) first.push({ to, message });
    }
    return first;
  }

  async compared(peer: MemberId, message: CompareMessage, now: number): Promise<(CompareMessage | ListMessage)[]> {
    const known = this.#talking(peer, now);
    if (known === undefined) return [];
    const salt = toHex(message.salt);
    if (known.salt !== salt) {
      // Where I am the one who begins it is of an exchange before this one, which finds all that the other would.
      if (this.#kit.self < peer || !known.begin.take(1, now)) return [];
      this.#choose(peer, known, salt);
    }
    return pays(known, message.ranges) ? answerCompare(message, known.items) : [];
  }

  listed(peer: MemberId, message: ListMessage, now: number): readonly ListMessage[] {
    const known = this.#talking(peer, now);
    if (known === undefined || (message.kind === 'all' && !pays(known, [message]))) return [];
    const { history } = this.#kit;
    const { wanted, answers } = readList(message, known.items, (id) => history.byShort(id).length);
    this.fetching.offered(peer, wanted);
    return answers;
  }

  /** What to ask of whom now. */
  wants(now: number): { readonly to: MemberId; readonly message: WantMessage }[] {
    return this.fetching.next(now).flatMap((request) => this.#wantsOf(request));
  }

  /** What `peer` asked for, as far as it is here and for them, and no more often than they are given it. */
  serve(peer: MemberId, ids: readonly Uint8Array[], now: number): FillMessage[] {
    const none: Uint8Array[] = [];
    const messages: SignedMessage[] = [];
    for (const id of ids) {
      const found = this.#kit.history.byShort(toHex(id)).filter((entry) => this.#kit.mayRead(entry, peer));
      if (found.length === 0) none.push(id);
      for (const entry of found) if (this.#mayGive(peer, entry, now)) messages.push(entry.signed);
    }
    return this.#fillings(messages, none);
  }

  #mayGive(peer: MemberId, { hash, signed }: Entry, now: number): boolean {
    const known = this.#peers.get(peer);
    if (known === undefined) return false;
    const times = known.given.get(hash) ?? 0;
    if (times >= FREELY) return known.serve.take(sizeOf(signed), now);
    known.given.set(hash, times + 1);
    return true;
  }

  #fillings(messages: readonly SignedMessage[], none: readonly Uint8Array[]): FillMessage[] {
    const group = this.#kit.group;
    const fills: FillMessage[] = [];
    let [now, bytes]: [[Uint8Array, Uint8Array][], number] = [[], 0];
    for (const { content, signature } of messages) {
      const size = content.length;
      if (now.length > 0 && (bytes + size > MAX_FILL_BYTES || now.length >= MAX_FILLED)) {
        fills.push({ type: 'group-fill', group, messages: now, none: [] });
        [now, bytes] = [[], 0];
      }
      now.push([content, signature]);
      bytes += size;
    }
    if (now.length > 0 || none.length > 0) fills.push({ type: 'group-fill', group, messages: now, none: [...none] });
    return fills;
  }

  #wantsOf({ to, ids }: Request): { to: MemberId; message: WantMessage }[] {
    const wants: { to: MemberId; message: WantMessage }[] = [];
    for (let at = 0; at < ids.length; at += MAX_LISTED) {
      const some = ids.slice(at, at + MAX_LISTED).map((id: ShortId) => fromHex(id));
      wants.push({ to, message: { type: 'group-want', group: this.#kit.group, ids: some } });
    }
    return wants;
  }

  #talking(peer: MemberId, now: number): Peer | undefined {
    const known = this.#peers.get(peer);
    return known?.talk.take(1, now) ? known : undefined;
  }

  /** What both of us may read and what counts: both sides choose alike, so that equal histories compare as equal. */
  #readable(peer: MemberId): readonly Entry[] {
    const { history, mayRead, self } = this.#kit;
    return history.all().filter((entry) => {
      return history.verdict(entry) !== 'void' && mayRead(entry, peer) && mayRead(entry, self);
    });
  }

  #choose(peer: MemberId, known: Peer, salt: string): void {
    known.salt = salt;
    known.items = sortItems(this.#readable(peer).map(itemOf));
    known.left = MOST_ROUNDS * known.items.length;
  }
}

/** Whether the other may make me go through so much more; if so it counts. */
function pays(known: Peer, ranges: readonly Span[]): boolean {
  const cost = costOf(known.items, ranges);
  if (cost > known.left) return false;
  known.left -= cost;
  return true;
}
