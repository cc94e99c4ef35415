// The answering side of an appointment: opens offers, ignores strangers, replays and its own voice, and answers each offer
// once, by whichever doors it comes.
import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import type { PendingAnswer } from '../ports/dialer.ts';
import type { IncomingOffer } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import { trickle } from './candidates.ts';
import type { Place } from './places.ts';
import { nonceOf, type OpenedOffer, type SignalSealer } from './sealed-signal.ts';
import type { Purpose } from './slots.ts';
import type { Tools } from './tools.ts';

/** Answers that wait for their link, for one appointment. More only happens when somebody plays with us. */
export const MAX_PENDING_ANSWERS = 3;
/** An offer that has waited this long for its turn is about to be withdrawn by whoever made it, milliseconds. */
const STALE_MS = 15_000;
/**
 * An offer made this long ago, or ahead, is played again by somebody: what a page has seen is forgotten when it reloads. As much as
 * two clocks may differ and people still meet (RENDEZVOUS.md), and a minute for the way, milliseconds.
 */
const MAX_AGE_MS = 2 * 86_400_000 + 60_000;
/** Doors and topics by which one offer may come. */
const MAX_WAYS = 8;
/** Offers remembered as seen, for one appointment. */
const MAX_SEEN = 256;

/** An offer that opened, and where it came from. */
export interface Caller {
  readonly place: Place;
  readonly incoming: IncomingOffer;
  readonly offer: OpenedOffer;
}

export interface RepliesOptions {
  readonly tools: Tools;
  readonly sealer: SignalSealer;
  /** A true offer: `reply` now, later, or never. */
  readonly onCaller: (caller: Caller) => void;
  readonly onLink: (link: Link) => void;
  /** The last pending answer has come to nothing. */
  readonly onIdle: () => void;
}

interface Reply {
  /** Every way the same offer has come: the answer goes back by all of them. */
  readonly callers: Caller[];
  leaveQueue: () => void;
  answer: PendingAnswer | undefined;
  over: boolean;
}

export class Replies {
  readonly #options: RepliesOptions;
  readonly #seen = new Set<string>();
  readonly #replies = new Map<string, Reply>();

  constructor(options: RepliesOptions) {
    this.#options = options;
  }

  /** Answers queued or waiting for their link. */
  get pending(): number {
    return this.#replies.size;
  }

  async hear(place: Place, incoming: IncomingOffer): Promise<void> {
    const { tools, sealer } = this.#options;
    const nonce = nonceOf(incoming.signal);
    if (this.#seen.has(nonce)) return;
    try {
      const offer = await tools.work.run(
        sealer.openOffer(place.topic.bytes, incoming.signal, incoming.lane !== undefined),
      );
      if (Math.abs(tools.clock.now() - offer.at) > MAX_AGE_MS) return;
      // Only what opens is remembered, so that garbage cannot push a true nonce out.
      if (this.#remember(nonce)) await this.#route({ place, incoming, offer });
    } catch {
      // Strangers may use our topic by chance or malice: nothing to say to them.
    }
  }

  reply(caller: Caller, purpose: Purpose): void {
    const id = toHex(caller.offer.offerId);
    if (this.#replies.has(id) || this.#replies.size >= MAX_PENDING_ANSWERS) return;
    const { clock, slots } = this.#options.tools;
    const since = clock.now();
    const reply: Reply = { callers: [caller], leaveQueue: () => {}, answer: undefined, over: false };
    this.#replies.set(id, reply);
    reply.leaveQueue = slots.request(purpose, (release) => {
      if (clock.now() - since <= STALE_MS) void this.#answer(id, reply).finally(release);
      else {
        this.#drop(id, reply);
        release();
      }
    });
  }

  cancelAll(): void {
    for (const [id, reply] of [...this.#replies]) {
      reply.answer?.cancel();
      this.#forget(id, reply);
    }
  }

  async #route(caller: Caller): Promise<void> {
    const known = this.#replies.get(toHex(caller.offer.offerId));
    if (!known) this.#options.onCaller(caller);
    else if (known.callers.length < MAX_WAYS) {
      known.callers.push(caller);
      if (known.answer) await this.#send(caller, known.answer);
    }
  }

  /** Ends when the answer has become a link or nothing. */
  async #answer(id: string, reply: Reply): Promise<void> {
    const { tools, onLink } = this.#options;
    try {
      const [first] = reply.callers;
      if (!first) return;
      const { lane } = first.incoming;
      const answer = await tools.dialer.answer(first.offer.signal, { trickle: lane !== undefined });
      if (reply.over) {
        answer.cancel();
        return;
      }
      reply.answer = answer;
      const { sealer } = this.#options;
      const { offerId } = first.offer;
      const topic = first.place.topic.bytes;
      if (lane) trickle(lane, answer, { tools, sealer, topic, offerId, side: 'answered' });
      await Promise.all(reply.callers.map((caller) => this.#send(caller, answer)));
      const link = await answer.link;
      if (reply.over) {
        link.close();
        return;
      }
      this.#forget(id, reply);
      onLink(link);
    } catch (error) {
      tools.log('debug', 'answer failed', { kind: kindOf(error) });
      this.#drop(id, reply);
    }
  }

  async #send({ place, incoming, offer }: Caller, { signal }: PendingAnswer): Promise<void> {
    const { tools, sealer } = this.#options;
    incoming.answer(await tools.work.run(sealer.sealAnswer(place.topic.bytes, { offerId: offer.offerId, signal })));
  }

  #drop(id: string, reply: Reply): void {
    if (reply.over) return;
    this.#forget(id, reply);
    if (this.#replies.size === 0) this.#options.onIdle();
  }

  #forget(id: string, reply: Reply): void {
    reply.over = true;
    reply.leaveQueue();
    this.#replies.delete(id);
  }

  /** False for one that was there already. */
  #remember(nonce: string): boolean {
    if (this.#seen.has(nonce)) return false;
    this.#seen.add(nonce);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.values().next().value ?? '');
    return true;
  }
}
