// The overlay as a door: people leave sealed records at their places and are asked through the nodes that the records name
// (PLACES.md, "Records of a place"). No server is behind it; it is open as long as there is a neighbour.
import { toHex } from '../bytes/hex.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type {
  EntryPoint,
  EntryPointState,
  EntryPointStatus,
  MeetingPlace,
  TopicListener,
  TopicMembership,
  TopicUrgency,
} from '../ports/entry-point.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { addressOf } from './address.ts';
import { Allowance } from './allowance.ts';
import { Introducers } from './introducers.ts';
import { bringerOf, type Overlay } from './overlay-api.ts';
import { Pace } from './pace.ts';
import { TAG_BYTES } from './place-keys.ts';
import { Spot } from './spot.ts';

/** Neighbours change in swarms, above all at the start: waited for so long before records say it, milliseconds. */
const CALM_MS = 3_000;
/** Then all records are put again within so long, milliseconds. */
const SPREAD_MS = 20_000;
/** Questions that one neighbour may hand us per second, and at once. */
const QUESTIONS = { perSecond: 5, atOnce: 40 } as const;

export interface OverlayDoorOptions {
  readonly overlay: Overlay;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `lacksRelay` may differ now. */
  readonly changed?: () => void;
}

/** A lane to nobody. */
const nowhere = { send() {}, onSignal() {}, stop() {} };

export class OverlayDoor implements EntryPoint {
  readonly #options: OverlayDoorOptions;
  readonly #pace: Pace;
  readonly #allowance: Allowance;
  readonly #introducers: Introducers;
  readonly #spots = new Map<string, Spot>();
  readonly #byTag = new Map<string, Spot>();
  readonly #handlers: ((status: EntryPointStatus) => void)[] = [];
  #state: EntryPointState = 'connecting';
  #calm: Timer | undefined;
  #look: Timer | undefined;

  constructor(options: OverlayDoorOptions) {
    this.#options = options;
    const { overlay, clock, random } = options;
    this.#pace = new Pace(clock);
    this.#allowance = new Allowance(clock, QUESTIONS);
    this.#introducers = new Introducers(overlay, random);
    for (const service of ['presence', 'signal'] as const) {
      overlay.onRequest(service, async (_from, payload, bringer, asked) =>
        this.#spotFor(asked, bringer, payload)?.asked(service, payload),
      );
    }
    overlay.onCircuit('session', (from, payload, link, asked) => {
      const spot = this.#spotFor(asked, bringerOf(from, link), payload);
      if (spot) spot.carried(payload, link).catch(() => link.close());
      else link.close();
    });
    overlay.onChange(() => this.#neighboursChanged());
    this.#neighboursChanged();
  }

  get status(): EntryPointStatus {
    return { url: 'overlay:', state: this.#state };
  }

  onStatus(handler: (status: EntryPointStatus) => void): void {
    this.#handlers.push(handler);
  }

  join(place: MeetingPlace, listener: TopicListener, urgency: TopicUrgency = 'now'): TopicMembership {
    const spot = this.#spots.get(toHex(place.mine)) ?? this.#open(place, urgency);
    spot.listeners.add(listener);
    if (this.#state === 'open') spot.start(urgency);
    return {
      offer: (signal, onAnswer) => {
        const offer = spot.offer(signal, onAnswer, false);
        return () => offer?.stop();
      },
      offerWithLane: (signal, onAnswer) => spot.offer(signal, onAnswer, true) ?? nowhere,
      carry: () => spot.carry(),
      get takesNoOffers() {
        return spot.takesNoOffers;
      },
      get node() {
        return spot.node;
      },
      refresh: () => {
        if (this.#state === 'open' && spot.listeners.has(listener)) spot.look();
      },
      leave: () => {
        if (!spot.listeners.delete(listener) || spot.listeners.size > 0) return;
        this.#close(spot);
      },
    };
  }

  /** Somebody is there whom nothing leads to but their own link to us, and we hide. */
  get lacksRelay(): boolean {
    return this.#introducers.hidden && [...this.#spots.values()].some(({ lacksRelay }) => lacksRelay);
  }

  /** Relay only: records name an alias instead of this node, and what we ask leaves under it. */
  hide(on: boolean): void {
    if (!this.#introducers.hide(on)) return;
    for (const spot of this.#spots.values()) spot.publishSoon(SPREAD_MS);
  }

  retryNow(): void {
    if (this.#state === 'open') for (const spot of this.#spots.values()) spot.publishSoon(SPREAD_MS);
  }

  /** The page goes away: nobody is told, since that would be a burst. Whoever asks finds out. */
  close(): void {
    this.#set('closed');
    this.#calm?.cancel();
    this.#look?.cancel();
    for (const spot of this.#spots.values()) spot.pause();
    this.#spots.clear();
    this.#byTag.clear();
    this.#pace.close();
  }

  #open(place: MeetingPlace, urgency: TopicUrgency): Spot {
    const number = this.#introducers.takeNumber();
    const spot = new Spot(place, urgency, {
      ...this.#options,
      pace: this.#pace,
      whereabouts: () => this.#introducers.whereabouts(number),
      onLeave: () => this.#introducers.giveBack(number),
      changed: () => this.#options.changed?.(),
    });
    this.#spots.set(spot.name, spot);
    void spot.tag().then((tag) => {
      if (this.#spots.get(spot.name) === spot) this.#byTag.set(tag, spot);
    });
    return spot;
  }

  #close(spot: Spot): void {
    this.#spots.delete(spot.name);
    void spot.tag().then((tag) => {
      if (this.#byTag.get(tag) === spot) this.#byTag.delete(tag);
    });
    spot.leave();
  }

  /**
   * Unknown tags are not answered: there is nothing to learn here for whoever guesses. Nor is a place under another id than its
   * record names: a contact could ask every node there is and learn which one hides behind the alias.
   */
  #spotFor(asked: Uint8Array, bringer: Uint8Array, payload: Uint8Array): Spot | undefined {
    if (payload.length < TAG_BYTES || !this.#allowance.take(addressOf(bringer))) return undefined;
    const spot = this.#byTag.get(toHex(payload.subarray(0, TAG_BYTES)));
    return spot?.isNamed(asked) ? spot : undefined;
  }

  #neighboursChanged(): void {
    if (this.#state === 'closed') return;
    const hadNone = this.#state !== 'open';
    const changed = this.#introducers.refresh();
    this.#set(this.#introducers.any ? 'open' : 'connecting');
    if (this.#state !== 'open') for (const spot of this.#spots.values()) spot.pause();
    else if (hadNone) for (const spot of this.#spots.values()) spot.start();
    else if (changed) this.#publishWhenCalm();
    if (this.lacksRelay) this.#lookWhenCalm();
  }

  /** Somebody who has come may go between. */
  #lookWhenCalm(): void {
    this.#look ??= this.#options.clock.after(CALM_MS, () => {
      this.#look = undefined;
      for (const spot of this.#spots.values()) if (spot.lacksRelay) spot.look();
    });
  }

  #publishWhenCalm(): void {
    this.#calm ??= this.#options.clock.after(CALM_MS, () => {
      this.#calm = undefined;
      for (const spot of this.#spots.values()) spot.publishSoon(SPREAD_MS);
    });
  }

  #set(state: EntryPointState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const handler of this.#handlers) handler(this.status);
  }
}
