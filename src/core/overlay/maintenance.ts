// Keeps the table full (table.ts): finds its own place on joining, dials whom it lacks, and looks around anew when neighbours go
// and from time to time.
import type { Clock, Timer } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf, ID_BYTES } from './address.ts';
import { planTable, targetInBucket } from './table.ts';
import { TokenBucket } from './token-bucket.ts';

/** Between a change among the neighbours and the answer to it: several changes count as one. Milliseconds. */
const SOON_MS = 50;
/** Between two looks around, with nothing lost; up to twice as long. BEP5 refreshes after 15 minutes. Milliseconds. */
const REFRESH_MS = 300_000;
/** With fewer neighbours than wanted: first after so long, then after twice as long, up to the second. Milliseconds. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 120_000;
/** Pauses that the loss of somebody in the table takes it back to at most: in a crowd of newcomers that happens all the time. */
const RETRIES_AFTER_LOSS = 3;
/** With hardly any, up to this, milliseconds. */
const LONELY_RETRY_MS = 10_000;
const LONELY = 4;
/** With so many neighbours there is somebody else to vouch for everybody worth knowing. */
const ENOUGH = 8;
/** Dials under way for the table. */
const MAX_DIALS = 4;
/** New links that the table may cost: so many at once, and one more in so many seconds. A browser allows 500 for a page. */
const DIALS_AT_ONCE = 48;
const DIALS_PER_SECOND = 1 / 15;
/** Buckets looked into in one look around. */
const MAX_SEARCHES = 4;
/** Nodes known to have been alive lately. */
const MAX_CANDIDATES = 256;
/** A node that could not be dialed is left alone for so long, milliseconds. */
const AVOID_MS = 120_000;
const MAX_AVOIDED = 256;

/** What of neighbours.ts is needed here. */
export interface Links {
  readonly size: number;
  all(): readonly { readonly id: Uint8Array }[];
  setInTable(id: Uint8Array, inTable: boolean): void;
  onAdded(handler: (neighbour: { readonly id: Uint8Array }) => void): void;
  onRemoved(handler: (neighbour: { readonly id: Uint8Array; readonly inTable: boolean }) => void): void;
}

export interface MaintenanceOptions {
  readonly id: Uint8Array;
  /** Most live links. */
  readonly cap: number;
  readonly neighbours: Links;
  readonly clock: Clock;
  readonly random: Random;
  /** The nodes nearest to a target; what it meets on the way is told to `met`. */
  readonly search: (target: Uint8Array) => Promise<unknown>;
  /** Rejects when no link comes about. */
  readonly dial: (id: Uint8Array) => Promise<unknown>;
}

interface Candidate {
  readonly id: Uint8Array;
  /** It does not rest on one peer's word. */
  readonly sure: boolean;
}

export class Maintenance {
  readonly #options: MaintenanceOptions;
  /** By address, the longest unheard first. */
  readonly #candidates = new Map<Address, Candidate>();
  /** Until when, by address. */
  readonly #avoided = new Map<Address, number>();
  readonly #dialing = new Set<Address>();
  readonly #budget: TokenBucket;
  #timer: Timer | undefined;
  #timerAt = 0;
  #looking = false;
  /** How often the pause between looks around has doubled. */
  #retries = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#budget = new TokenBucket(options.clock, DIALS_PER_SECOND, DIALS_AT_ONCE);
    options.neighbours.onAdded(({ id }) => {
      this.#avoided.delete(addressOf(id));
      if (options.neighbours.size === 1) this.#retries = 0; // alone no longer
      this.#wake(SOON_MS);
    });
    options.neighbours.onRemoved(({ id, inTable }) => {
      this.#candidates.delete(addressOf(id));
      if (inTable) this.#retries = Math.min(this.#retries, RETRIES_AFTER_LOSS);
      this.#wake(SOON_MS);
    });
  }

  /** A node that answered a moment ago. Those that one peer alone vouches for may be inventions of its. */
  met(id: Uint8Array, sure: boolean): void {
    if (!sure && this.#options.neighbours.size >= ENOUGH) return;
    const key = addressOf(id);
    this.#candidates.delete(key);
    this.#candidates.set(key, { id: Uint8Array.from(id), sure }); // a view would keep the whole message
    if (this.#candidates.size > MAX_CANDIDATES)
      this.#candidates.delete(this.#candidates.keys().next().value as Address);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** The earliest of several wishes counts. */
  #wake(ms: number): void {
    const at = this.#options.clock.now() + ms;
    if (this.#closed || (this.#timer && this.#timerAt <= at)) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      this.#work();
    });
  }

  #work(): void {
    const { neighbours, clock, id: self, cap } = this.#options;
    if (neighbours.size === 0) return; // a door will bring the next one
    const all = neighbours.all();
    const plan = planTable({ self, cap, neighbours: all.map(({ id }) => id), candidates: this.#strangers(all) });
    const inTable = new Set(plan.table.map(addressOf));
    for (const { id } of all) neighbours.setInTable(id, inTable.has(addressOf(id)));
    for (const id of plan.dial) this.#dial(id);
    const short = plan.search.length > 0 || all.length < cap / 2;
    const due = this.#lookedAt + this.#pauseMs(all.length, short);
    if (clock.now() >= due) void this.#lookAround(plan.search);
    else this.#wake(due - clock.now());
  }

  /** Those who may be dialed, the latest first. Whom one peer alone vouches for only when there is nobody else. */
  #strangers(neighbours: readonly { readonly id: Uint8Array }[]): Uint8Array[] {
    const linked = new Set(neighbours.map(({ id }) => addressOf(id)));
    const all: Uint8Array[] = [];
    const sure: Uint8Array[] = [];
    for (const [address, candidate] of this.#candidates) {
      if (linked.has(address) || this.#isAvoided(address)) continue;
      all.push(candidate.id);
      if (candidate.sure) sure.push(candidate.id);
    }
    return (sure.length > 0 ? sure : all).reverse();
  }

  #pauseMs(neighbours: number, short: boolean): number {
    if (!short) return REFRESH_MS * (1 + this.#options.random.fraction());
    return Math.min(FIRST_RETRY_MS * 2 ** this.#retries, neighbours < LONELY ? LONELY_RETRY_MS : LAST_RETRY_MS);
  }

  /** Its own place first: the nearest nodes tell what the others are like. */
  async #lookAround(buckets: readonly number[]): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#lookedAt = this.#options.clock.now();
    this.#retries += 1;
    const { id: self, search, random } = this.#options;
    await search(self);
    this.#wake(0);
    const some = buckets.length > 0 ? shuffled(buckets, random).slice(0, MAX_SEARCHES) : [];
    for (const bucket of some) {
      if (this.#closed) return;
      await search(targetInBucket(self, bucket, random.bytes(ID_BYTES)));
      this.#wake(0);
    }
    this.#looking = false;
  }

  #dial(id: Uint8Array): void {
    const key = addressOf(id);
    if (this.#dialing.size >= MAX_DIALS || this.#dialing.has(key)) return;
    if (!this.#budget.take(1)) {
      this.#wake(this.#budget.waitMs(1));
      return;
    }
    this.#dialing.add(key);
    this.#options
      .dial(id)
      .catch(() => this.#avoid(key))
      .finally(() => {
        this.#dialing.delete(key);
        this.#wake(SOON_MS);
      });
  }

  #avoid(key: Address): void {
    this.#avoided.set(key, this.#options.clock.now() + AVOID_MS);
    if (this.#avoided.size > MAX_AVOIDED) this.#avoided.delete(this.#avoided.keys().next().value as Address);
  }

  #isAvoided(address: Address): boolean {
    const until = this.#avoided.get(address);
    return until !== undefined && until > this.#options.clock.now();
  }
}

function shuffled(items: readonly number[], random: Random): number[] {
  const keyed = items.map((item) => ({ item, key: random.fraction() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
