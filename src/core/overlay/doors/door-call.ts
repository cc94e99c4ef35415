// One offer, handed to whoever stands at the doors, until the first answer has become a neighbour.
import { kindOf } from '../../errors.ts';
import type { Timer } from '../../ports/clock.ts';
import type { PendingOffer } from '../../ports/dialer.ts';
import type { DoorAnswersOptions } from './door-answers.ts';
import type { DoorPlace } from './door-places.ts';
import { decodeDoorSignal, encodeDoorSignal } from './door-signal.ts';

/** An offer that nobody has answered by then is withdrawn, milliseconds. Answers take one or two seconds. */
export const CALL_TIMEOUT_MS = 15_000;
/** One that was answered, however late, has so long to become a neighbour, milliseconds. */
export const OPENING_TIMEOUT_MS = 15_000;
/** Others at each door that get the offer: one may have gone, and each that answers in vain has made a connection. */
const COPIES = 2;

/**
 * met: there is one neighbour more. unanswered: nobody took the offer, or what came back was none, or it was withdrawn. unopened:
 * somebody answered, and no connection came of it. unwelcome: one did, and did not become a neighbour.
 */
export type DoorCallEnd = 'met' | 'unanswered' | 'unopened' | 'unwelcome';

export interface DoorCallOptions extends DoorAnswersOptions {
  readonly places: readonly DoorPlace[];
  /** Called once. */
  readonly onEnd: (end: DoorCallEnd) => void;
}

export class DoorCall {
  readonly #options: DoorCallOptions;
  readonly #stops: (() => void)[] = [];
  #offer: PendingOffer | undefined;
  #timer: Timer | undefined;
  #answered = false;
  #opened = false;
  #over = false;

  constructor(options: DoorCallOptions) {
    this.#options = options;
    void this.#start();
  }

  get answered(): boolean {
    return this.#answered;
  }

  cancel(): void {
    this.#end();
  }

  async #start(): Promise<void> {
    const { dialer, clock, overlay, places } = this.#options;
    try {
      const offer = await dialer.offer();
      this.#offer = offer;
      if (this.#over) return offer.cancel();
      this.#timer = clock.after(CALL_TIMEOUT_MS, () => this.#end());
      const signal = encodeDoorSignal({ id: overlay.id, signal: offer.signal });
      for (const { membership } of places)
        this.#stops.push(membership.offer(signal, (answer) => void this.#hear(offer, answer), COPIES));
    } catch (error) {
      this.#fail(error);
    }
  }

  async #hear(offer: PendingOffer, bytes: Uint8Array): Promise<void> {
    const answer = decodeDoorSignal(bytes);
    if (!answer || this.#answered || this.#over) return;
    this.#answered = true;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(OPENING_TIMEOUT_MS, () => this.#end());
    try {
      const link = await offer.accept(answer.signal);
      this.#opened = true;
      await this.#options.overlay.adopt(link, { dialed: true });
      this.#end('met');
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const kind = kindOf(error);
    this.#options.log('debug', 'no neighbour at the doors', { kind });
    // Anybody may answer with nonsense: that says nothing of the network in between.
    if (kind === 'frame-malformed' && !this.#opened) this.#end('unanswered');
    else this.#end();
  }

  #end(end: DoorCallEnd = this.#inVain()): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    for (const stop of this.#stops.splice(0)) stop();
    this.#offer?.cancel(); // of no effect on a link
    this.#options.onEnd(end);
  }

  #inVain(): DoorCallEnd {
    if (this.#opened) return 'unwelcome';
    return this.#answered ? 'unopened' : 'unanswered';
  }
}
