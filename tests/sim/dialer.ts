// The Dialer port on the simulation's network: offer, answer and candidates as the WebRTC adapter exchanges them, in the same
// sizes, and a link some round trips after both sides know enough. Like WebRTC's, signals prove nothing: whoever can read an
// offer can answer it.
import { KithError } from '../../src/core/errors.ts';
import type { Dialer, DialOptions, PendingAnswer, PendingOffer } from '../../src/core/ports/dialer.ts';
import type { Link } from '../../src/core/ports/link.ts';
import type { Holder, SimNetwork } from './network.ts';

/** As adapters/webrtc/compact.ts makes them, bytes. */
const SIGNAL_BYTES = 73;
const CANDIDATE_BYTES = 29;
const NUMBER_BYTES = 4;
/** Where a signal says that no candidates follow. */
const COMPLETE_AT = 1 + NUMBER_BYTES;
/** Until the first candidate is found, milliseconds. */
const GATHER_MS = 5;
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
  /** Knows how the other end can be reached. It is enough that one of the two does. */
  knows: boolean;
}

/** Connections in the making on one network. */
export class SimExchange {
  readonly network: SimNetwork;
  readonly #ends = new Map<number, End>();
  #numbers = 0;

  constructor(network: SimNetwork) {
    this.network = network;
  }

  get size(): number {
    return this.#ends.size;
  }

  open(holder: Holder): { end: End; link: Promise<Link> } {
    let resolve!: (link: Link) => void;
    let reject!: (error: KithError) => void;
    const link = new Promise<Link>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    link.catch(() => {});
    this.#numbers += 1;
    const end: End = { number: this.#numbers, holder, resolve, reject, counterpart: undefined, knows: false };
    this.#ends.set(end.number, end);
    return { end, link };
  }

  /** Of no effect on a link. */
  cancel(end: End): void {
    if (this.#ends.delete(end.number)) end.reject(new KithError('link-closed'));
  }

  considerJoining(end: End): void {
    const { time, latencyMs } = this.network;
    const other = this.#counterpartOf(end);
    if (other && (end.knows || other.knows)) time.after(CROSSINGS_TO_OPEN * latencyMs, () => this.#join(end, other));
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

  async offer({ trickle = false }: DialOptions = {}): Promise<PendingOffer> {
    const { end, link } = this.#open();
    return {
      ...this.#pending(end, 'offer', trickle),
      accept: async (answer) => {
        end.counterpart ??= read('answer', answer);
        end.knows ||= answer[COMPLETE_AT] === 1;
        this.#exchange.considerJoining(end);
        return link;
      },
    };
  }

  async answer(offer: Uint8Array, { trickle = false }: DialOptions = {}): Promise<PendingAnswer> {
    const counterpart = read('offer', offer);
    const { end, link } = this.#open();
    end.counterpart = counterpart;
    end.knows = offer[COMPLETE_AT] === 1;
    return { ...this.#pending(end, 'answer', trickle), link };
  }

  #open() {
    this.opened += 1;
    return this.#exchange.open(this.#holder);
  }

  #pending(end: End, kind: 'offer' | 'answer', trickle: boolean): Omit<PendingOffer, 'accept'> {
    const { time } = this.#exchange.network;
    const signal = write(kind, end.number, SIGNAL_BYTES);
    signal[COMPLETE_AT] = trickle ? 0 : 1;
    return {
      signal,
      onCandidate: (handler) => {
        if (trickle) time.after(GATHER_MS, () => handler(write('candidate', end.number, CANDIDATE_BYTES)));
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
