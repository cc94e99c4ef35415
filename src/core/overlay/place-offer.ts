// The side of a place that makes an offer: it is asked for again until it is answered, and then the lane is kept open until
// the link is (PLACES.md, "Signals").
import { concat } from '../bytes/bytes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lane } from '../ports/entry-point.ts';
import { decodeSignals, NAME_BYTES, questions, sayings } from './place-calls.ts';
import { LaneSignals, MAX_LANE_SIGNALS } from './place-lane.ts';

/** Between two questions for one thing, milliseconds, however soon the other says that it is not there. */
const ASK_AGAIN_MS = 500;
/** Offers stand for 20 s, links open within 20 s more; silence twice in a row ends it sooner. */
const MAX_ASKED = 16;
const MAX_SILENT = 2;

export interface OfferOptions {
  readonly clock: Clock;
  readonly signal: Uint8Array;
  readonly withLane: boolean;
  /** Asks the other. @throws when nothing comes back */
  readonly ask: (body: Uint8Array) => Promise<Uint8Array>;
  readonly onAnswer: (signal: Uint8Array) => void;
}

export class PlaceOffer implements Lane {
  readonly #options: OfferOptions;
  readonly #name: Uint8Array;
  readonly #theirs = new LaneSignals();
  #sent = 0;
  #stopped = false;

  constructor(options: OfferOptions) {
    this.#options = options;
    this.#name = options.signal.slice(0, NAME_BYTES);
    void this.#run();
  }

  send(signal: Uint8Array): void {
    if (this.#stopped || this.#sent++ >= MAX_LANE_SIGNALS) return;
    // One that is lost is lost: the other side may have enough without it.
    this.#options.ask(this.#about(questions.signal, signal)).catch(() => {});
  }

  onSignal(handler: (signal: Uint8Array) => void): void {
    this.#theirs.onSignal(handler);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    const { signal, withLane, onAnswer } = this.#options;
    const offer = concat(Uint8Array.of(withLane ? questions.offerWithLane : questions.offer), signal);
    const answered = await this.#askUntil(
      () => offer,
      (said) => {
        if (said[0] !== sayings.answer) return false;
        onAnswer(said.slice(1));
        return true;
      },
    );
    if (answered && withLane) await this.#fetch();
  }

  async #fetch(): Promise<void> {
    await this.#askUntil(
      () => this.#about(questions.more, Uint8Array.of(this.#theirs.all.length)),
      (said) => {
        if (said[0] === sayings.signals) for (const signal of decodeSignals(said)) this.#theirs.add(signal);
        return this.#theirs.all.length >= MAX_LANE_SIGNALS;
      },
    );
  }

  /** Whether what was said was enough, before it was given up. */
  async #askUntil(question: () => Uint8Array, isEnough: (said: Uint8Array) => boolean): Promise<boolean> {
    const { ask, clock } = this.#options;
    let silent = 0;
    for (let asked = 0; asked < MAX_ASKED && silent < MAX_SILENT && !this.#stopped; asked++) {
      const said = await ask(question()).catch(() => undefined);
      if (this.#stopped) return false;
      if (said && isEnough(said)) return true;
      silent = said ? 0 : silent + 1;
      const isMore = said?.[0] === sayings.signals && said.length > 1;
      if (!isMore) await new Promise<void>((resolve) => clock.after(ASK_AGAIN_MS, resolve));
    }
    return false;
  }

  #about(kind: number, rest: Uint8Array): Uint8Array {
    return concat(Uint8Array.of(kind), this.#name, rest);
  }
}
