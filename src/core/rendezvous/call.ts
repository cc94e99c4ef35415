// One call: an offer, sealed for every place where somebody may be, until the first answer has become a link.
import { kindOf } from '../errors.ts';
import type { Timer } from '../ports/clock.ts';
import type { PendingOffer } from '../ports/dialer.ts';
import type { Link } from '../ports/link.ts';
import { trickle } from './candidates.ts';
import type { Place } from './places.ts';
import { OFFER_ID_BYTES, type SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';

/** An offer that nobody has answered by then is withdrawn, milliseconds. Answers take one or two seconds. */
export const ANSWER_TIMEOUT_MS = 20_000;

export interface CallOptions {
  readonly tools: Tools;
  readonly sealer: SignalSealer;
  readonly places: readonly Place[];
  /** Candidates may follow the offer, at doors that carry them; then only these are tried. */
  readonly mayTrickle: boolean;
  /** Gives the slot back: called once, when nothing is pending any more. */
  readonly release: () => void;
  /** The other has answered, and the link should open now. Called at most once. */
  readonly onAnswered: () => void;
  /** Called once: the link, or undefined when none came of it. Not called after `cancel`. */
  readonly onEnd: (link: Link | undefined) => void;
}

export class Call {
  /** Tells whose call goes first when both call at once. */
  readonly id: Uint8Array;
  /** Since when the link should open, milliseconds since the epoch; undefined while there is no answer. */
  answeredAt: number | undefined;
  readonly #options: CallOptions;
  readonly #stops: (() => void)[] = [];
  /** The first of the places that carries candidates, if they follow. */
  readonly #lane: Place | undefined;
  #offer: PendingOffer | undefined;
  #timer: Timer | undefined;
  #over = false;

  constructor(options: CallOptions) {
    this.#options = options;
    this.id = options.tools.random.bytes(OFFER_ID_BYTES);
    const carries = ({ membership }: Place) => membership.offerWithLane !== undefined && !membership.takesNoOffers;
    this.#lane = options.mayTrickle ? options.places.find(carries) : undefined;
    void this.#start();
  }

  /** Ends it without a word; a link that is open already belongs to its receiver. */
  cancel(): void {
    if (this.#over) return;
    this.#finish();
    if (this.#offer) this.#withdraw(this.#offer);
  }

  async #start(): Promise<void> {
    const { dialer, clock } = this.#options.tools;
    try {
      const offer = await dialer.offer({ trickle: this.#lane !== undefined });
      this.#offer = offer;
      if (this.#over) {
        this.#withdraw(offer);
        return;
      }
      this.#timer = clock.after(ANSWER_TIMEOUT_MS, () => this.#end(undefined));
      if (this.#lane) await this.#trickleAt(this.#lane, offer);
      else await Promise.all(this.#options.places.map((place) => this.#offerAt(place, offer)));
    } catch (error) {
      if (this.#over && !this.#offer) this.#options.release();
      else this.#fail(error);
    }
  }

  async #offerAt(place: Place, { signal }: PendingOffer): Promise<void> {
    const { sealer, tools } = this.#options;
    const topic = place.topic.bytes;
    const sealed = await tools.work.run(sealer.sealOffer(topic, { offerId: this.id, at: tools.clock.now(), signal }));
    if (this.#over || this.answeredAt !== undefined) return;
    this.#stops.push(place.membership.offer(sealed, (answer) => void this.#hear(topic, answer)));
  }

  async #trickleAt({ topic, membership }: Place, offer: PendingOffer): Promise<void> {
    const { sealer, tools } = this.#options;
    const plain = { offerId: this.id, at: tools.clock.now(), signal: offer.signal };
    const sealed = await tools.work.run(sealer.sealOffer(topic.bytes, plain, true));
    if (this.#over) return;
    const lane = membership.offerWithLane?.(sealed, (answer) => void this.#hear(topic.bytes, answer));
    if (!lane) return;
    this.#stops.push(() => lane.stop());
    trickle(lane, offer, { tools, sealer, topic: topic.bytes, offerId: this.id, side: 'offered' });
  }

  async #hear(topic: Uint8Array, sealed: Uint8Array): Promise<void> {
    const { sealer, tools } = this.#options;
    try {
      const answer = await tools.work.run(sealer.openAnswer(topic, this.id, sealed));
      if (this.#over || this.answeredAt !== undefined) return;
      this.answeredAt = tools.clock.now();
      this.#timer?.cancel();
      if (!this.#lane) this.#stopListening();
      this.#options.onAnswered();
      this.#end(await this.#offer?.accept(answer));
    } catch (error) {
      // A stranger's answer does not open: the true one may still come.
      if (this.answeredAt !== undefined) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#options.tools.log('debug', 'call failed', { kind: kindOf(error) });
    this.#end(undefined);
  }

  #end(link: Link | undefined): void {
    if (this.#over) {
      link?.close();
      return;
    }
    this.#finish();
    if (link || !this.#offer) this.#options.release();
    else this.#withdraw(this.#offer);
    this.#options.onEnd(link);
  }

  #withdraw(offer: PendingOffer): void {
    offer.cancel();
    this.#options.release();
  }

  #finish(): void {
    this.#over = true;
    this.#stopListening();
  }

  #stopListening(): void {
    this.#timer?.cancel();
    for (const stop of this.#stops.splice(0)) stop();
  }
}
