// The side of a place that hears offers: questions that are answered when the answer is ready, and heard once however often
// they are asked (PLACES.md, "Signals").
import { concat } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { readUint16be, uint16be } from '../bytes/integers.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { IncomingOffer, Lane } from '../ports/entry-point.ts';
import { LaneSignals } from './place-lane.ts';

/** What is not ready by then is asked for again, milliseconds: requests are repeated by themselves after 2 s. */
const HOLD_MS = 1_500;
/** Offers to us that are remembered, for one place. */
const MAX_HEARD = 8;
/** For so long, milliseconds: an offer stands for 20 s, a link opens within 20 s more. Who has learnt our tags could else fill every place. */
const HEARD_MS = 60_000;
/** Answer that carries more than this goes in two, bytes. */
const MAX_MORE_BYTES = 8_192;
/** An offer is known again by its first bytes: the nonce it is sealed with. */
export const NAME_BYTES = 12;

/** First byte of a question. signal: one of the offering side's. more: have you any, beyond so many? */
export const questions = { offer: 1, offerWithLane: 2, signal: 3, more: 4 } as const;
/** First byte of what is said back. */
export const sayings = { notYet: 0, answer: 1, signals: 2 } as const;

interface Heard {
  answer: Uint8Array | undefined;
  readonly theirs: LaneSignals;
  readonly mine: LaneSignals;
  readonly waiting: Set<() => void>;
  readonly end: Timer;
}

export class HeardOffers {
  readonly #heard = new Map<string, Heard>();

  constructor(
    private readonly clock: Clock,
    private readonly hear: (offer: IncomingOffer) => void,
  ) {}

  /** What is said back; undefined: it makes no sense. */
  async question(body: Uint8Array): Promise<Uint8Array | undefined> {
    const [kind] = body;
    const rest = body.slice(1);
    const name = toHex(rest.subarray(0, NAME_BYTES));
    if (rest.length <= NAME_BYTES) return undefined;
    if (kind === questions.offer || kind === questions.offerWithLane) {
      return this.#offered(this.#heard.get(name) ?? this.#listen(name, rest, kind === questions.offerWithLane));
    }
    const heard = this.#heard.get(name);
    if (kind === questions.signal) heard?.theirs.add(rest.slice(NAME_BYTES));
    if (kind === questions.more && heard) return this.#more(heard, rest[NAME_BYTES] as number);
    return heard && Uint8Array.of(sayings.notYet);
  }

  close(): void {
    for (const name of [...this.#heard.keys()]) this.#forget(name);
  }

  async #offered(heard: Heard): Promise<Uint8Array> {
    if (!heard.answer) await this.#held(heard);
    return heard.answer ? concat(Uint8Array.of(sayings.answer), heard.answer) : Uint8Array.of(sayings.notYet);
  }

  async #more(heard: Heard, known: number): Promise<Uint8Array> {
    if (heard.mine.all.length <= known) await this.#held(heard);
    return encodeSignals(heard.mine.all.slice(known));
  }

  #listen(name: string, signal: Uint8Array, withLane: boolean): Heard {
    const heard: Heard = {
      answer: undefined,
      theirs: new LaneSignals(),
      mine: new LaneSignals(),
      waiting: new Set(),
      end: this.clock.after(HEARD_MS, () => this.#forget(name)),
    };
    this.#heard.set(name, heard);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_HEARD && oldest !== undefined) this.#forget(oldest);
    const wakeAll = () => {
      for (const wake of heard.waiting) wake();
    };
    const lane: Lane = {
      send: (mine) => {
        heard.mine.add(mine);
        wakeAll();
      },
      onSignal: (handler) => heard.theirs.onSignal(handler),
    };
    const answer = (mine: Uint8Array) => {
      heard.answer ??= mine.slice();
      wakeAll();
    };
    this.hear(withLane ? { signal, answer, lane } : { signal, answer });
    return heard;
  }

  #forget(name: string): void {
    const heard = this.#heard.get(name);
    this.#heard.delete(name);
    heard?.end.cancel();
    for (const wake of heard?.waiting ?? []) wake();
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

/** As many of them as fit; the others are asked for next. */
function encodeSignals(signals: readonly Uint8Array[]): Uint8Array {
  let said: Uint8Array = Uint8Array.of(sayings.signals);
  for (const signal of signals) {
    if (said.length + signal.length > MAX_MORE_BYTES) break;
    said = concat(said, uint16be(signal.length), signal);
  }
  return said;
}

/** The signals in an answer to `more`; what is cut off is left out. */
export function decodeSignals(said: Uint8Array): Uint8Array[] {
  const signals: Uint8Array[] = [];
  for (let at = 1; at + 2 <= said.length; ) {
    const end = at + 2 + readUint16be(said, at);
    if (end > said.length) break;
    signals.push(said.slice(at + 2, end));
    at = end;
  }
  return signals;
}
