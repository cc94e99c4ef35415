// The Dialer port on the simulation's network: offer, answer and candidates as the WebRTC adapter exchanges them, in the same
// sizes, and a link some round trips after both sides know enough. Like WebRTC's, signals prove nothing: whoever can read an
// offer can answer it.
import { KithError } from '../../src/core/errors.ts';
import type { Dialer, DialOptions, PendingAnswer, PendingOffer } from '../../src/core/ports/dialer.ts';
import type { Link } from '../../src/core/ports/link.ts';
import { type Border, writeEnd } from './border.ts';
import { mailKinds } from './mail.ts';
import type { Holder, SimNetwork } from './network.ts';

/** As adapters/webrtc/compact.ts makes them, bytes. */
const SIGNAL_BYTES = 73;
const CANDIDATE_BYTES = 29;
const NUMBER_BYTES = 4;
/** Where a signal says that no candidates follow. */
const COMPLETE_AT = 1 + NUMBER_BYTES;
/** Until the first candidate is found, and as long as the adapter waits for others then, milliseconds. */
const GATHER_MS = 5;
const TOGETHER_MS = 3;
/** One-way trips from knowing a candidate to an open channel: one round for ICE's check, two for DTLS, two for SCTP. */
const CROSSINGS_TO_OPEN = 10;

const kinds = { offer: 1, answer: 2, candidate: 3 } as const;

/** One end of a connection in the making. */
interface End {
  readonly number: number;
  readonly holder: Holder;
  readonly resolve: (link: Link) => void;
  readonly reject: (error: KithError) => void;
  /** Of an answering end: the offer's number. Of an offering one: that of the answer it took. */
  counterpart: number | undefined;
  readonly answers: boolean;
  /** Knows how the other end can be reached. It is enough that one of the two does. */
  knows: boolean;
}

/** An answering end in another shard: the offering side's shard makes the link. */
export interface AnsweringEnd {
  readonly number: number;
  readonly counterpart: number;
  readonly knows: boolean;
  /** Id of whose it is. */
  readonly owner: Uint8Array;
}

/** Connections in the making on one network, or across the border to another shard's. */
export class SimExchange {
  readonly network: SimNetwork;
  readonly #border: Border | undefined;
  readonly #ends = new Map<number, End>();
  readonly #elsewhere = new Map<number, AnsweringEnd>();
  #numbers = 0;

  constructor(network: SimNetwork, border?: Border) {
    this.network = network;
    this.#border = border;
    if (border) border.exchange = this;
  }

  get size(): number {
    return this.#ends.size;
  }

  /** `counterpart`: the offer's number, when this end answers one. */
  open(holder: Holder, counterpart?: number, knows = false): { end: End; link: Promise<Link> } {
    let resolve!: (link: Link) => void;
    let reject!: (error: KithError) => void;
    const link = new Promise<Link>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    link.catch(() => {});
    const end: End = {
      number: this.#nextNumber(),
      holder,
      resolve,
      reject,
      counterpart,
      answers: counterpart !== undefined,
      knows,
    };
    this.#ends.set(end.number, end);
    if (end.answers) this.#announce(end);
    return { end, link };
  }

  /** Of no effect on a link. */
  cancel(end: End): void {
    if (!this.#ends.delete(end.number)) return;
    end.reject(new KithError('link-closed'));
    const border = this.#borderTo(end);
    if (border && end.answers) border.tell(border.shardOf(end.counterpart as number), mailKinds.noEnd, end.number);
  }

  considerJoining(end: End): void {
    if (end.answers) this.#announce(end);
    if (this.#borderTo(end)) {
      this.#considerElsewhere(end);
      return;
    }
    const { time, latencyMs } = this.network;
    const other = this.#counterpartOf(end);
    if (other && (end.knows || other.knows)) time.after(CROSSINGS_TO_OPEN * latencyMs, () => this.#join(end, other));
  }

  /** What is known of an answering end in another shard. */
  heard(other: AnsweringEnd): void {
    const end = this.#ends.get(other.counterpart);
    if (!end || end.answers) return; // nobody waits for it any more
    this.#elsewhere.set(other.number, other);
    this.#considerElsewhere(end);
  }

  heardNoEnd(number: number): void {
    this.#elsewhere.delete(number);
  }

  /** An answering end whose link is there. */
  take(number: number): End | undefined {
    const end = this.#ends.get(number);
    this.#ends.delete(number);
    return end;
  }

  #nextNumber(): number {
    this.#numbers += 1;
    return this.#border?.numberHere(this.#numbers) ?? this.#numbers;
  }

  /** When its counterpart is in another shard. */
  #borderTo({ counterpart }: End): Border | undefined {
    return counterpart === undefined || this.#border?.isHere(counterpart) ? undefined : this.#border;
  }

  #announce(end: End): void {
    const border = this.#borderTo(end);
    if (!border || !this.#ends.has(end.number)) return;
    const counterpart = end.counterpart as number;
    const told = writeEnd({ number: end.number, counterpart, knows: end.knows, owner: end.holder.id });
    border.tell(border.shardOf(counterpart), mailKinds.end, end.number, counterpart, told);
  }

  #considerElsewhere(end: End): void {
    const { time, latencyMs } = this.network;
    const other = this.#answeringElsewhere(end);
    if (other && (end.knows || other.knows)) time.after(CROSSINGS_TO_OPEN * latencyMs, () => this.#joinElsewhere(end));
  }

  #answeringElsewhere(end: End): AnsweringEnd | undefined {
    if (end.answers || end.counterpart === undefined || !this.#ends.has(end.number)) return undefined;
    const other = this.#elsewhere.get(end.counterpart);
    return other?.counterpart === end.number ? other : undefined;
  }

  #joinElsewhere(end: End): void {
    const other = this.#answeringElsewhere(end);
    if (!other || !this.#border) return;
    this.#ends.delete(end.number);
    this.#elsewhere.delete(other.number);
    end.resolve(this.#border.join(end.holder, other.number, other.owner));
  }

  /** Both must mean each other: others may have answered the same offer. */
  #counterpartOf(end: End): End | undefined {
    const other = end.counterpart === undefined ? undefined : this.#ends.get(end.counterpart);
    return other?.counterpart === end.number && this.#ends.has(end.number) ? other : undefined;
  }

  #join(end: End, other: End): void {
    if (this.#counterpartOf(end) !== other) return;
    this.#ends.delete(end.number);
    this.#ends.delete(other.number);
    const [left, right] = this.network.connect(end.holder, other.holder);
    end.resolve(left);
    other.resolve(right);
  }
}

export class SimDialer implements Dialer {
  opened = 0;
  readonly #exchange: SimExchange;
  readonly #holder: Holder;

  constructor(exchange: SimExchange, holder: Holder) {
    this.#exchange = exchange;
    this.#holder = holder;
  }

  get alive(): number {
    return 0; // nobody asks
  }

  async offer(options: DialOptions = {}): Promise<PendingOffer> {
    const { end, link } = this.#open();
    return {
      ...(await this.#pending(end, 'offer', options)),
      accept: async (answer) => {
        end.counterpart ??= read('answer', answer);
        end.knows ||= answer[COMPLETE_AT] === 1;
        this.#exchange.considerJoining(end);
        return link;
      },
    };
  }

  async answer(offer: Uint8Array, options: DialOptions = {}): Promise<PendingAnswer> {
    const counterpart = read('offer', offer);
    const { end, link } = this.#open(counterpart, offer[COMPLETE_AT] === 1);
    return { ...(await this.#pending(end, 'answer', options)), link };
  }

  #open(counterpart?: number, knows?: boolean) {
    this.opened += 1;
    return this.#exchange.open(this.#holder, counterpart, knows);
  }

  /** There is one candidate: it is in the signal, or follows. */
  async #pending(
    end: End,
    kind: 'offer' | 'answer',
    { trickle = false, firstMs = 0 }: DialOptions,
  ): Promise<Omit<PendingOffer, 'accept'>> {
    const { time } = this.#exchange.network;
    const waits = trickle && firstMs >= GATHER_MS;
    if (waits) await new Promise<void>((resolve) => time.after(Math.min(firstMs, GATHER_MS + TOGETHER_MS), resolve));
    const follows = trickle && !waits;
    const signal = write(kind, end.number, follows ? SIGNAL_BYTES : SIGNAL_BYTES + CANDIDATE_BYTES);
    signal[COMPLETE_AT] = follows ? 0 : 1;
    return {
      signal,
      onCandidate: (handler) => {
        if (follows) time.after(GATHER_MS, () => handler(write('candidate', end.number, CANDIDATE_BYTES)));
      },
      addCandidate: (candidate) => {
        if (candidate[0] !== kinds.candidate) return;
        end.knows = true;
        this.#exchange.considerJoining(end);
      },
      cancel: () => this.#exchange.cancel(end),
    };
  }
}

function write(kind: keyof typeof kinds, number: number, bytes: number): Uint8Array {
  const signal = new Uint8Array(bytes);
  signal[0] = kinds[kind];
  new DataView(signal.buffer).setUint32(1, number);
  return signal;
}

/** @throws KithError 'frame-malformed' */
function read(kind: keyof typeof kinds, signal: Uint8Array): number {
  if (signal[0] !== kinds[kind] || signal.length <= COMPLETE_AT) throw new KithError('frame-malformed');
  return new DataView(signal.buffer, signal.byteOffset).getUint32(1);
}
