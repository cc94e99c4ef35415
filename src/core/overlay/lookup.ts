// One iterative look-up (Maymounkov and Mazières, 2002, §2.3), made for neighbours that lie. The library's own counts a node
// as found because somebody named it; here a node counts among the nearest only when two peers that do not depend on each
// other have named it, or when it is a neighbour itself. Those that only one peer vouches for are asked too, but few of
// each peer: so that one liar cannot fill the neighbourhood of a target with inventions, nor with silence.
import type { Clock, Timer } from '../ports/clock.ts';
import { type Address, addressOf, compareDistance } from './address.ts';

/** Nodes that a look-up ends with; Kademlia's k. */
export const K = 8;
/** Questions on their way at once; Kademlia's α. Silent ones do not count. */
const CONCURRENCY = 8;
/** Nodes asked that only one peer vouches for, per peer; and when there is nobody else, as in an overlay of a few. */
const MAX_UNVOUCHED = 3;
const MAX_UNVOUCHED_ALONE = 16;
/** Nodes remembered that only one peer vouches for, per peer. */
const MAX_NAMED_BY_ONE = 32;
const MAX_QUERIES = 64;
const MAX_CANDIDATES = 512;
/** A question open for longer than twice the slowest answer so far, within these bounds, holds up nobody. Milliseconds. */
const MIN_SILENT_MS = 150;
const MAX_SILENT_MS = 1_000;

export interface Answer {
  readonly id: Uint8Array;
  /** Ids that the answerer says are its neighbours. */
  readonly nodes: readonly Uint8Array[];
}

export interface LookupOptions<Found extends Answer> {
  /** 20 bytes. */
  readonly target: Uint8Array;
  /** Own id, never asked. */
  readonly self: Uint8Array;
  /** Neighbours nearest to the target. */
  readonly start: readonly Uint8Array[];
  readonly clock: Clock;
  /** Asks a node; undefined when no answer came. */
  readonly ask: (id: Uint8Array, done: (answer: Found | undefined) => void) => void;
  /** Called at the end for everybody who answered. `sure`: it does not rest on one peer's word. */
  readonly met: (id: Uint8Array, sure: boolean) => void;
  /** Whether what is sought is still missing: then it ends only when the silent ones among the nearest have had their full time. */
  readonly missing?: () => boolean;
  /** The nearest that answered (K, and those nearer still that fewer vouch for), the nearest first. */
  readonly done: (nearest: readonly Found[]) => void;
}

interface Candidate<Found> {
  readonly id: Uint8Array;
  state: 'new' | 'asked' | 'silent' | 'answered' | 'failed';
  askedAt: number;
  answer: Found | undefined;
  /** The only peer that vouches for it so far; undefined when nobody needs to. */
  voucher: Candidate<Found> | undefined;
}

export class Lookup<Found extends Answer> {
  readonly #options: LookupOptions<Found>;
  readonly #byAddress = new Map<Address, Candidate<Found>>();
  /** The nearest first. */
  readonly #candidates: Candidate<Found>[] = [];
  readonly #named = new Map<Candidate<Found>, number>();
  #queries = 0;
  #slowest = 0;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: LookupOptions<Found>) {
    this.#options = options;
    for (const id of options.start) this.#add(id, undefined);
  }

  /** Nodes asked so far. */
  get queries(): number {
    return this.#queries;
  }

  start(): void {
    this.#go();
  }

  /** Ends without a word. */
  stop(): void {
    this.#ended = true;
    this.#timer?.cancel();
  }

  #go(): void {
    if (this.#ended) return;
    const now = this.#options.clock.now();
    let open = 0;
    for (const candidate of this.#candidates) {
      if (candidate.state === 'asked' && now - candidate.askedAt >= this.#silentMs) candidate.state = 'silent';
      if (candidate.state === 'asked') open += 1;
    }
    let { front, sure } = this.#front(MAX_UNVOUCHED);
    if (sure < K && !front.some(isOpen)) ({ front, sure } = this.#front(MAX_UNVOUCHED_ALONE));
    for (const candidate of front) {
      if (candidate.state !== 'new' || open >= CONCURRENCY || this.#queries >= MAX_QUERIES) continue;
      open += 1;
      this.#ask(candidate);
    }
    if (front.some(({ state }) => state === 'asked')) this.#watch();
    else if (!this.#waits(front)) this.#end(front);
  }

  /** Whoever is silent gets its full time when there are not enough others, or when it may hold what none of them does. */
  #waits(front: readonly Candidate<Found>[]): boolean {
    const answered = front.filter(({ state }) => state === 'answered').length;
    if (answered < K) return this.#candidates.some(({ state }) => state === 'silent');
    if (!this.#options.missing?.()) return false;
    const last = this.#candidates.indexOf(front.at(-1) as Candidate<Found>);
    // Inventions of one peer are silent for ever.
    return this.#candidates.slice(0, last).some(({ state, voucher }) => state === 'silent' && voucher === undefined);
  }

  /** Everybody who is, or could turn out to be, one of the nearest; how many of them do not rest on one peer's word. */
  #front(unvouched: number): { front: Candidate<Found>[]; sure: number } {
    const front: Candidate<Found>[] = [];
    const asked = new Map<Candidate<Found>, number>();
    const count = (root: Candidate<Found>) => asked.set(root, (asked.get(root) ?? 0) + 1);
    for (const each of this.#candidates) if (each.voucher && each.state !== 'new') count(rootOf(each));
    let sure = 0;
    for (const candidate of this.#candidates) {
      if (sure >= K) break;
      if (candidate.state === 'failed' || candidate.state === 'silent') continue;
      if (candidate.voucher === undefined) sure += 1;
      else if (candidate.state === 'new') {
        const root = rootOf(candidate);
        if ((asked.get(root) ?? 0) >= unvouched) continue;
        count(root);
      }
      front.push(candidate);
    }
    return { front, sure };
  }

  #ask(candidate: Candidate<Found>): void {
    candidate.state = 'asked';
    candidate.askedAt = this.#options.clock.now();
    this.#queries += 1;
    this.#options.ask(candidate.id, (answer) => {
      if (this.#ended || candidate.state === 'answered') return;
      candidate.state = answer ? 'answered' : 'failed';
      candidate.answer = answer;
      if (answer) {
        this.#slowest = Math.max(this.#slowest, this.#options.clock.now() - candidate.askedAt);
        for (const id of answer.nodes) this.#add(id, candidate);
      }
      this.#go();
    });
  }

  #add(id: Uint8Array, voucher: Candidate<Found> | undefined): void {
    const key = addressOf(id);
    const known = this.#byAddress.get(key);
    if (known) {
      if (voucher && known.voucher && rootOf(voucher) !== rootOf(known)) known.voucher = undefined;
      return;
    }
    if (this.#candidates.length >= MAX_CANDIDATES || addressOf(this.#options.self) === addressOf(id)) return;
    if (voucher && !this.#mayName(rootOf(voucher))) return;
    const candidate: Candidate<Found> = { id, state: 'new', askedAt: 0, answer: undefined, voucher };
    this.#byAddress.set(key, candidate);
    this.#candidates.splice(this.#placeOf(id), 0, candidate);
  }

  #mayName(root: Candidate<Found>): boolean {
    const named = this.#named.get(root) ?? 0;
    this.#named.set(root, named + 1);
    return named < MAX_NAMED_BY_ONE;
  }

  #placeOf(id: Uint8Array): number {
    let [low, high] = [0, this.#candidates.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = (this.#candidates[middle] as Candidate<Found>).id;
      if (compareDistance(this.#options.target, other, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get #silentMs(): number {
    return Math.min(Math.max(2 * this.#slowest, MIN_SILENT_MS), MAX_SILENT_MS);
  }

  /** Looks again when the next question has been open for too long. */
  #watch(): void {
    if (this.#timer) return;
    this.#timer = this.#options.clock.after(this.#silentMs, () => {
      this.#timer = undefined;
      this.#go();
    });
  }

  #end(front: readonly Candidate<Found>[]): void {
    this.stop();
    for (const { id, answer, voucher } of this.#candidates) if (answer) this.#options.met(id, voucher === undefined);
    this.#options.done(front.flatMap(({ answer }) => answer ?? []));
  }
}

function isOpen({ state }: Candidate<unknown>): boolean {
  return state === 'new' || state === 'asked';
}

/** The peer that a candidate rests on: itself, or the last one in the chain of those who vouch. */
function rootOf<Found>(candidate: Candidate<Found>): Candidate<Found> {
  let root = candidate;
  while (root.voucher) root = root.voucher;
  return root;
}
