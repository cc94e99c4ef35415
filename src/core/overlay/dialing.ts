// Direct links to nodes that are known by route: an offer, its answer, and candidates both ways, as requests (DOORS.md,
// "Dialing"). When both dial at once, the one whose address is smaller initiates.
import { toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Timer } from '../ports/clock.ts';
import type { PendingOffer } from '../ports/dialer.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf } from './address.ts';
import { CandidateLane } from './candidate-lane.ts';
import {
  DIAL_ID_BYTES,
  type DialMessage,
  decodeDialMessage,
  decodeDialReply,
  encodeDialMessage,
  encodeDialReply,
} from './dial-messages.ts';
import { DIAL_TIMEOUT_MS, FIRST_MS, IncomingDials, type IncomingOptions } from './incoming-dials.ts';
import type { NodeRef, Overlay } from './overlay-api.ts';

/** Dials of ours in the making. */
export const MAX_OUTGOING = 8;
/** Dials that wait for their turn. */
const MAX_QUEUED = 64;
/** What is said when there is nothing to say: without an answer the question would be asked again. */
const NOTED = new Uint8Array(0);

export interface DialingOptions extends IncomingOptions {
  readonly overlay: Pick<Overlay, 'id' | 'request' | 'onRequest' | 'adopt'>;
  readonly random: Random;
  /** Whether a link that this node asks for would be kept. Default: always. */
  readonly hasRoomFor?: (from: NodeRef) => boolean;
}

interface Outgoing {
  readonly to: NodeRef;
  readonly address: Address;
  readonly dialId: Uint8Array;
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (id: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  offer: PendingOffer | undefined;
  timer: Timer | undefined;
  /** It has left the queue. */
  running: boolean;
  /** Offers in their name that we have answered, and the first of them until it is decided. */
  theirs: number;
  first: Promise<void> | undefined;
  /** Ours leads nowhere, or they say that theirs goes first: what becomes of theirs decides. */
  yielded: boolean;
  over: boolean;
}

export class Dialing {
  readonly #options: DialingOptions;
  readonly #incoming: IncomingDials;
  readonly #outgoing = new Map<Address, Outgoing>();
  readonly #queue: Outgoing[] = [];
  #running = 0;
  #closed = false;

  constructor(options: DialingOptions) {
    this.#options = options;
    this.#incoming = new IncomingDials(options);
    options.overlay.onRequest('dial', (from, payload, bringer) => this.#hear(from, payload, bringer));
  }

  /** Connections in the making, ours and others'. */
  get inTheMaking(): number {
    return this.#running + this.#incoming.size;
  }

  /**
   * A link to that node as a neighbour. Resolves to its id, which the hello has proven. Dials to one node at the same time are one.
   * @throws KithError 'no-route' | 'link-timeout' | 'link-closed' | 'frame-authentication' (another node answered) | 'too-many-connections'
   */
  dial(to: NodeRef): Promise<Uint8Array> {
    const address = addressOf(to.id);
    const known = this.#outgoing.get(address);
    if (known) return known.promise;
    if (this.#closed || address === addressOf(this.#options.overlay.id))
      return Promise.reject(new KithError('link-closed'));
    if (this.#queue.length >= MAX_QUEUED) return Promise.reject(new KithError('too-many-connections'));
    const outgoing = this.#newDial(to, address);
    this.#outgoing.set(address, outgoing);
    const coming = this.#incoming.from(address);
    if (coming) this.#follow(outgoing, coming);
    this.#queue.push(outgoing);
    this.#admit();
    return outgoing.promise;
  }

  close(): void {
    this.#closed = true;
    this.#incoming.close();
    for (const outgoing of [...this.#outgoing.values()]) this.#settle(outgoing, new KithError('link-closed'));
  }

  #newDial(to: NodeRef, address: Address): Outgoing {
    let resolve!: (id: Uint8Array) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<Uint8Array>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    promise.catch(() => {}); // whoever asked hears of it; on close nobody may be left
    const dialId = this.#options.random.bytes(DIAL_ID_BYTES);
    const made = { offer: undefined, timer: undefined, running: false };
    const state = { ...made, theirs: 0, first: undefined, yielded: false, over: false };
    return { to, address, dialId, promise, resolve, reject, ...state };
  }

  #admit(): void {
    while (this.#running < MAX_OUTGOING) {
      const next = this.#queue.shift();
      if (!next) return;
      if (next.over) continue;
      this.#running++;
      next.running = true;
      void this.#run(next)
        .then((id) => id && this.#settle(next, id))
        .catch((error) => this.#ownFailed(next, error));
    }
  }

  /** undefined: their dial decides. */
  async #run(outgoing: Outgoing): Promise<Uint8Array | undefined> {
    const { overlay, dialer, clock } = this.#options;
    // Their offer may have come while this dial stood in the queue: perhaps no connection of ours is needed.
    await outgoing.first;
    if (outgoing.over) return undefined;
    outgoing.timer = clock.after(DIAL_TIMEOUT_MS, () => this.#settle(outgoing, new KithError('link-timeout')));
    const offer = await dialer.offer({ trickle: true, firstMs: FIRST_MS });
    outgoing.offer = offer;
    if (outgoing.over) {
      offer.cancel();
      return undefined;
    }
    const { to, dialId } = outgoing;
    const send = (message: DialMessage) => overlay.request(to, 'dial', encodeDialMessage(message));
    const asked = send({ kind: 'offer', dialId, signal: offer.signal });
    const lane = new CandidateLane((candidates) => send({ kind: 'candidates', dialId, candidates }));
    // Right behind the offer: they need not wait for the answer.
    offer.onCandidate((candidate) => lane.add(candidate));
    try {
      const reply = decodeDialReply(await asked);
      if (outgoing.over) return undefined;
      if (reply.kind === 'yield') this.#giveWay(outgoing);
      if (reply.kind === 'refused') throw new KithError('link-closed');
      if (reply.kind !== 'answer') return undefined;
      const link = await offer.accept(reply.signal);
      lane.stop();
      const id = await overlay.adopt(link, { dialed: true });
      if (addressOf(id) === outgoing.address) return id;
      // Somebody on the way answered in its place.
      link.close();
      throw new KithError('frame-authentication');
    } finally {
      lane.stop();
    }
  }

  #ownFailed(outgoing: Outgoing, error: unknown): void {
    if (outgoing.theirs > 0) this.#giveWay(outgoing);
    else this.#settle(outgoing, error);
  }

  async #hear(from: NodeRef, payload: Uint8Array, bringer: Uint8Array): Promise<Uint8Array | undefined> {
    const message = decodeDialMessage(payload);
    if (message.kind === 'offer') return this.#hearOffer(from, message, bringer);
    if (!this.#incoming.candidates(from, message)) this.#hearCandidates(from, message);
    return NOTED;
  }

  async #hearOffer(from: NodeRef, message: DialMessage & { kind: 'offer' }, bringer: Uint8Array): Promise<Uint8Array> {
    const { overlay, hasRoomFor = () => true } = this.#options;
    const address = addressOf(from.id);
    const isDialed = this.#outgoing.has(address);
    if (isDialed && addressOf(overlay.id) < address) return encodeDialReply({ kind: 'yield' });
    const wanted = isDialed || hasRoomFor(from);
    if (!wanted || !this.#incoming.hasRoom) return encodeDialReply({ kind: 'refused' });
    const { reply, link } = await this.#incoming.answer(from, message, bringer);
    // Looked for now: a dial of ours may have begun, or ended, while theirs was being answered.
    const own = this.#outgoing.get(address);
    // Ours goes on until theirs has led to them: nothing proves yet who made this offer.
    if (own && link) this.#follow(own, link);
    return encodeDialReply(reply);
  }

  #hearCandidates(from: NodeRef, { dialId, candidates }: DialMessage & { kind: 'candidates' }): void {
    const own = this.#outgoing.get(addressOf(from.id));
    if (!own || toHex(own.dialId) !== toHex(dialId)) return;
    for (const candidate of candidates) own.offer?.addCandidate(candidate);
  }

  /** Our dial has succeeded when the link that they make has, and fails with it when it has yielded. */
  #follow(own: Outgoing, link: Promise<Uint8Array>): void {
    own.theirs++;
    const decided = link.then(
      (id) => {
        own.theirs--;
        if (addressOf(id) === own.address) this.#settle(own, id);
        else if (own.yielded && own.theirs === 0) this.#settle(own, new KithError('frame-authentication'));
      },
      (error) => {
        own.theirs--;
        if (own.yielded && own.theirs === 0) this.#settle(own, error);
      },
    );
    own.first ??= decided;
  }

  #giveWay(own: Outgoing): void {
    own.yielded = true;
    own.offer?.cancel();
  }

  #settle(outgoing: Outgoing, outcome: unknown): void {
    if (outgoing.over) return;
    outgoing.over = true;
    this.#outgoing.delete(outgoing.address);
    if (outgoing.running) this.#running--;
    outgoing.timer?.cancel();
    outgoing.offer?.cancel(); // of no effect on a link
    if (outcome instanceof Uint8Array) outgoing.resolve(outcome);
    else {
      this.#options.log('debug', 'dial failed', { kind: kindOf(outcome) });
      outgoing.reject(outcome);
    }
    this.#admit();
  }
}
