// The first neighbours, over any doors (DOORS.md): a newcomer offers to whoever stands under the overlay's topic of the day, and
// those inside answer. Whoever has enough neighbours only answers.
import type { Timer } from '../../ports/clock.ts';
import type { EntryPoint } from '../../ports/entry-point.ts';
import type { OverlayCrypto } from '../../ports/overlay-crypto.ts';
import type { Random } from '../../ports/random.ts';
import type { Overlay } from '../overlay-api.ts';
import { DoorAnswers, type DoorAnswersOptions } from './door-answers.ts';
import { DoorCall, type DoorCallEnd } from './door-call.ts';
import { DoorPlaces } from './door-places.ts';
import { type DoorTopic, dayNumber, doorTopics } from './door-topics.ts';

/** With so many neighbours the overlay finds the others by itself. */
export const ENOUGH_NEIGHBOURS = 4;
/** Offers that are out at once. */
export const MAX_CALLS = 3;
/** Bounds of the random wait after offers that led to nothing, milliseconds. */
const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 120_000;
/** After a first neighbour: what the overlay finds through it costs the doors nothing, milliseconds. */
const LOOK_AROUND_MS = 5_000;
/** Somebody knocked, so somebody is there, whatever the door last said: without a link by then it is asked again, milliseconds. */
const KNOCK_MS = 1_000;
/** So many connections in a row to whoever answered at a door did not open: it is not by chance any more. */
const MANY_UNOPENED = 2;
/** How often it is looked whether a new day has begun, milliseconds. A timer set for midnight may be late after a sleep. */
const DAY_LOOK_MS = 600_000;

export interface FirstNeighboursOptions extends DoorAnswersOptions {
  readonly overlay: Pick<Overlay, 'id' | 'view' | 'adopt' | 'onChange'>;
  readonly crypto: Pick<OverlayCrypto, 'sha1'>;
  readonly random: Random;
  /** `nothingOpens` may differ now. */
  readonly changed: () => void;
}

export class FirstNeighbours {
  readonly #options: FirstNeighboursOptions;
  readonly #answers: DoorAnswers;
  readonly #places: DoorPlaces;
  readonly #calls = new Set<DoorCall>();
  #doors: readonly EntryPoint[] = [];
  #topics: readonly DoorTopic[] = [];
  #day = Number.NaN;
  #dayTimer: Timer | undefined;
  #wait: Timer | undefined;
  #round = 0;
  #neighbours = 0;
  /** Calls in a row that somebody answered and that opened nothing. */
  #unopened = 0;
  #closed = false;

  constructor(options: FirstNeighboursOptions) {
    this.#options = options;
    this.#answers = new DoorAnswers(options);
    this.#places = new DoorPlaces({
      counted: (arrived) => {
        if (arrived) this.#stopWaiting();
        this.#consider();
        if (this.#unopened >= MANY_UNOPENED) options.changed();
      },
      offer: (incoming) => {
        void this.#answers.hear(incoming);
        if (this.#needsMore() && !this.#wait && this.#calls.size === 0) this.#waitFor(KNOCK_MS);
      },
    });
    this.#neighbours = this.#count();
    options.overlay.onChange(() => this.#neighboursChanged());
    this.#lookAtTheDay();
  }

  /** These doors from now on. Opening and closing them is up to whoever gives them. */
  setDoors(doors: readonly EntryPoint[]): void {
    this.#doors = doors;
    if (!this.#closed) this.#places.set(doors, this.#topics);
  }

  /** Others are named at the doors and answer, and no connection to them opens: something in between forbids it. */
  get nothingOpens(): boolean {
    return this.#unopened >= MANY_UNOPENED && this.#places.othersAreNamed;
  }

  /** Forgets what was in vain: the network is back. */
  retryNow(): void {
    if (this.#closed || !this.#needsMore()) return;
    this.#stopWaiting();
    this.#places.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#wait?.cancel();
    this.#dayTimer?.cancel();
    for (const call of [...this.#calls]) call.cancel();
    this.#answers.close();
    this.#places.set([], []);
  }

  #lookAtTheDay(): void {
    const { clock, crypto } = this.#options;
    this.#dayTimer = clock.after(DAY_LOOK_MS, () => this.#lookAtTheDay());
    const day = dayNumber(clock.now());
    if (day === this.#day) return;
    this.#day = day;
    void doorTopics(crypto, day).then((topics) => {
      if (this.#closed || day !== this.#day) return;
      this.#topics = topics;
      this.#places.set(this.#doors, topics);
    });
  }

  #neighboursChanged(): void {
    const before = this.#neighbours;
    this.#neighbours = this.#count();
    if (this.#neighbours > before) this.#unopened = 0;
    if (!this.#needsMore()) this.#stopCalling();
    // The overlay replaces one that went; only when it cannot, the doors are asked.
    else if (this.#neighbours < before && !this.#wait) this.#waitFor(this.#neighbours === 0 ? 0 : LOOK_AROUND_MS);
  }

  #consider(): void {
    if (this.#closed || this.#wait || !this.#needsMore()) return;
    const places = this.#places.promising(this.#neighbours);
    const others = Math.max(0, ...places.map((place) => (place.others ?? MAX_CALLS) - this.#neighbours));
    const wanted = Math.min(MAX_CALLS, ENOUGH_NEIGHBOURS - this.#neighbours, others);
    while (this.#calls.size < wanted) this.#call();
  }

  #call(): void {
    const call = new DoorCall({
      ...this.#options,
      places: this.#places.promising(this.#neighbours),
      onEnd: (end) => this.#callEnded(call, end),
    });
    this.#calls.add(call);
  }

  #callEnded(call: DoorCall, end: DoorCallEnd): void {
    const met = end === 'met';
    this.#calls.delete(call);
    this.#noteOpening(end);
    if (this.#closed || !this.#needsMore() || this.#wait) return;
    if (met) this.#round = 0;
    else if (this.#calls.size > 0) return;
    this.#waitFor(met ? LOOK_AROUND_MS : this.#backOff());
  }

  #noteOpening(end: DoorCallEnd): void {
    const before = this.nothingOpens;
    if (end === 'unopened') this.#unopened++;
    else if (end !== 'unanswered') this.#unopened = 0;
    if (this.nothingOpens !== before) this.#options.changed();
  }

  /** Then the doors are asked who is still there. */
  #waitFor(milliseconds: number): void {
    this.#wait?.cancel();
    this.#wait = this.#options.clock.after(milliseconds, () => {
      this.#wait = undefined;
      if (this.#needsMore()) this.#places.refresh();
    });
  }

  #backOff(): number {
    const bound = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#round);
    this.#round++;
    return Math.ceil(bound * this.#options.random.fraction());
  }

  #stopWaiting(): void {
    this.#wait?.cancel();
    this.#wait = undefined;
    this.#round = 0;
  }

  #stopCalling(): void {
    this.#stopWaiting();
    for (const call of [...this.#calls]) if (!call.answered) call.cancel();
  }

  #needsMore(): boolean {
    return this.#neighbours < ENOUGH_NEIGHBOURS;
  }

  #count(): number {
    return this.#options.overlay.view().neighbours.length;
  }
}
