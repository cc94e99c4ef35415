// The answering side of dialing: offers of others, up to a cap, until each has become a neighbour or nothing.
import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Dialer, PendingAnswer } from '../ports/dialer.ts';
import type { Log } from '../ports/log.ts';
import { type Address, addressOf } from './address.ts';
import { Allowance } from './allowance.ts';
import { CandidateLane } from './candidate-lane.ts';
import { type DialMessage, type DialReply, encodeDialMessage } from './dial-messages.ts';
import type { NodeRef, Overlay } from './overlay-api.ts';
import { TokenBucket } from './token-bucket.ts';

/** From an offer to a neighbour, milliseconds: a link takes a fifth of a second, through a bad NAT a few. */
export const DIAL_TIMEOUT_MS = 10_000;
/** Offers and answers wait so long for a first candidate: without one nobody can begin, and each message crosses several links. Milliseconds. */
export const FIRST_MS = 25;
/** Offers of others in the making. A connection costs a browser dearly. */
export const MAX_INCOMING = 8;
/** Offers answered: of all, and of those that one neighbour brings. Links that open and close at once would else be made for ever. */
const ANSWERS = { perSecond: 0.5, atOnce: 64 } as const;
export const ANSWERS_FOR_ONE = { perSecond: 0.1, atOnce: 32 } as const;
/** Candidates that came before our side of the connection was ready. */
const MAX_EARLY_CANDIDATES = 32;

export interface IncomingOptions {
  readonly overlay: Pick<Overlay, 'request' | 'adopt'>;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly log: Log;
}

interface Incoming {
  readonly from: NodeRef;
  /** Candidates until `answer` is there. */
  readonly early: Uint8Array[];
  answer: PendingAnswer | undefined;
  link: Promise<Uint8Array> | undefined;
}

export class IncomingDials {
  readonly #options: IncomingOptions;
  readonly #incoming = new Map<string, Incoming>();
  readonly #budget: TokenBucket;
  readonly #allowance: Allowance;
  #closed = false;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#budget = new TokenBucket(options.clock, ANSWERS.perSecond, ANSWERS.atOnce);
    this.#allowance = new Allowance(options.clock, ANSWERS_FOR_ONE);
  }

  get size(): number {
    return this.#incoming.size;
  }

  get hasRoom(): boolean {
    return !this.#closed && this.#incoming.size < MAX_INCOMING;
  }

  /** The link that somebody is making to us in the name of this address: the id at its end, once proven. */
  from(address: Address): Promise<Uint8Array> | undefined {
    return [...this.#incoming.values()].find(({ from }) => addressOf(from.id) === address)?.link;
  }

  /**
   * The reply now, and the id at the other end of the link later (it may be left alone). `bringer`: id of the neighbour that
   * handed us the offer.
   */
  async answer(
    from: NodeRef,
    { dialId, signal }: DialMessage & { kind: 'offer' },
    bringer: Uint8Array,
  ): Promise<{ reply: DialReply; link: Promise<Uint8Array> | undefined }> {
    const key = toHex(dialId);
    const refused = { reply: { kind: 'refused' }, link: undefined } as const;
    if (!this.hasRoom || this.#incoming.has(key)) return refused;
    if (!this.#allowance.take(addressOf(bringer)) || !this.#budget.take(1)) return refused;
    const incoming: Incoming = { from, early: [], answer: undefined, link: undefined };
    this.#incoming.set(key, incoming);
    try {
      const answer = await this.#options.dialer.answer(signal, { trickle: true, firstMs: FIRST_MS });
      incoming.answer = answer;
      const link = this.#finish(key, dialId, incoming, answer);
      link.catch(() => {});
      incoming.link = link;
      return { reply: { kind: 'answer', signal: answer.signal }, link };
    } catch (error) {
      this.#incoming.delete(key);
      this.#options.log('debug', 'offer not answered', { kind: kindOf(error) });
      return refused;
    }
  }

  /** True when they belong to an offer that is being answered. */
  candidates(from: NodeRef, { dialId, candidates }: DialMessage & { kind: 'candidates' }): boolean {
    const incoming = this.#incoming.get(toHex(dialId));
    if (!incoming || addressOf(incoming.from.id) !== addressOf(from.id)) return false;
    for (const candidate of candidates) {
      if (incoming.answer) incoming.answer.addCandidate(candidate);
      else if (incoming.early.length < MAX_EARLY_CANDIDATES) incoming.early.push(candidate);
    }
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const { answer } of this.#incoming.values()) answer?.cancel();
  }

  /** @throws KithError 'link-closed' | 'link-timeout' | what `adopt` throws */
  async #finish(
    key: string,
    dialId: Uint8Array,
    { from, early }: Incoming,
    answer: PendingAnswer,
  ): Promise<Uint8Array> {
    const { overlay, clock } = this.#options;
    const lane = new CandidateLane((candidates) =>
      overlay.request(from, 'dial', encodeDialMessage({ kind: 'candidates', dialId, candidates })),
    );
    const timer = clock.after(DIAL_TIMEOUT_MS, () => answer.cancel());
    if (this.#closed) answer.cancel();
    for (const candidate of early.splice(0)) answer.addCandidate(candidate);
    answer.onCandidate((candidate) => lane.add(candidate));
    try {
      const link = await answer.link;
      lane.stop();
      return await overlay.adopt(link, { dialed: false });
    } finally {
      lane.stop();
      timer.cancel();
      this.#incoming.delete(key);
    }
  }
}
