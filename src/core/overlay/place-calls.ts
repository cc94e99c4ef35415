// Signals between the two of a place as questions and answers: an offer is asked again until its answer is ready, and is heard
// once however often it is asked (PLACES.md, "Signals").
import { concat } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { IncomingOffer } from '../ports/entry-point.ts';

/** An answer that is not ready by then is asked for again, milliseconds: requests are repeated by themselves after 2 s. */
export const HOLD_MS = 1_500;
/** Between two questions for one answer, milliseconds, however soon the other says that there is none yet. */
const ASK_AGAIN_MS = 500;
/** Offers stand for 20 s; silence twice in a row ends it sooner. */
const MAX_ASKED = 16;
const MAX_SILENT = 2;
/** Offers to us that are remembered, for one place. */
const MAX_HEARD = 8;
/** An offer is known again by its first bytes: the nonce it is sealed with. */
const NAME_BYTES = 12;

const OFFER = Uint8Array.of(1);
const WAIT = Uint8Array.of(0);
const ANSWER = Uint8Array.of(1);

interface Heard {
  answer: Uint8Array | undefined;
  readonly waiting: Set<() => void>;
}

/** The side that hears offers. */
export class HeardOffers {
  readonly #heard = new Map<string, Heard>();

  constructor(
    private readonly clock: Clock,
    private readonly hear: (offer: IncomingOffer) => void,
  ) {}

  /** What is said back: an answer, or that there is none yet. undefined: makes no sense. */
  async question(body: Uint8Array): Promise<Uint8Array | undefined> {
    if (body[0] !== OFFER[0] || body.length <= NAME_BYTES) return undefined;
    const signal = body.slice(1);
    const name = toHex(signal.subarray(0, NAME_BYTES));
    const heard = this.#heard.get(name) ?? this.#listen(name, signal);
    if (!heard.answer) await this.#held(heard);
    return heard.answer ? concat(ANSWER, heard.answer) : WAIT;
  }

  close(): void {
    for (const { waiting } of this.#heard.values()) for (const wake of waiting) wake();
    this.#heard.clear();
  }

  #listen(name: string, signal: Uint8Array): Heard {
    const heard: Heard = { answer: undefined, waiting: new Set() };
    this.#heard.set(name, heard);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_HEARD && oldest !== undefined) this.#heard.delete(oldest);
    this.hear({
      signal,
      answer: (answer) => {
        heard.answer ??= answer.slice();
        for (const wake of heard.waiting) wake();
      },
    });
    return heard;
  }

  #held(heard: Heard): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        heard.waiting.delete(wake);
        resolve();
      };
      const timer = this.clock.after(HOLD_MS, wake);
      heard.waiting.add(wake);
    });
  }
}

export interface OfferOptions {
  readonly clock: Clock;
  readonly signal: Uint8Array;
  /** Asks the other. @throws when nothing comes back */
  readonly ask: (body: Uint8Array) => Promise<Uint8Array>;
  readonly onAnswer: (signal: Uint8Array) => void;
}

/** Asks until there is an answer, nobody is there, or the function returned is called. */
export function offerUntilAnswered({ clock, signal, ask, onAnswer }: OfferOptions): () => void {
  let stopped = false;
  const question = concat(OFFER, signal);
  const run = async (): Promise<void> => {
    let silent = 0;
    for (let asked = 0; asked < MAX_ASKED && silent < MAX_SILENT && !stopped; asked++) {
      const said = await ask(question).catch(() => undefined);
      if (stopped) return;
      if (said && said[0] === ANSWER[0]) return onAnswer(said.slice(1));
      silent = said ? 0 : silent + 1;
      await new Promise<void>((resolve) => clock.after(ASK_AGAIN_MS, resolve));
    }
  };
  void run();
  return () => {
    stopped = true;
  };
}
