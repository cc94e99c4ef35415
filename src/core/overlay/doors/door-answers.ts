// The answering side at doors: newcomers who offer are let in, at a limited rate, because anybody may knock.
import { toHex } from '../../bytes/hex.ts';
import { kindOf } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Dialer, PendingAnswer } from '../../ports/dialer.ts';
import type { IncomingOffer } from '../../ports/entry-point.ts';
import type { Log } from '../../ports/log.ts';
import type { Overlay } from '../overlay-api.ts';
import { TokenBucket } from '../token-bucket.ts';
import { decodeDoorSignal, encodeDoorSignal } from './door-signal.ts';

/** Connections in the making for newcomers. */
export const MAX_ANSWERING = 4;
/** Newcomers a second, and at once. A connection costs a browser dearly, and a page has 500 of them. */
const ANSWERS_PER_SECOND = 0.2;
export const ANSWERS_AT_ONCE = 6;
/** An answer that was not taken by then was one of several, milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface DoorAnswersOptions {
  readonly overlay: Pick<Overlay, 'id' | 'view' | 'adopt'>;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly log: Log;
}

export class DoorAnswers {
  readonly #options: DoorAnswersOptions;
  readonly #bucket: TokenBucket;
  /** By the newcomer's id: several offers of one node are answered once. */
  readonly #answering = new Map<string, PendingAnswer | undefined>();
  #closed = false;

  constructor(options: DoorAnswersOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.clock, ANSWERS_PER_SECOND, ANSWERS_AT_ONCE);
  }

  /** Never rejects. */
  async hear(incoming: IncomingOffer): Promise<void> {
    const offer = decodeDoorSignal(incoming.signal);
    if (!offer || this.#closed || this.#isKnown(offer.id)) return;
    if (this.#answering.size >= MAX_ANSWERING || !this.#bucket.take(1)) return;
    const key = toHex(offer.id);
    this.#answering.set(key, undefined);
    try {
      const answer = await this.#options.dialer.answer(offer.signal);
      this.#answering.set(key, answer);
      await this.#finish(incoming, answer);
    } catch (error) {
      this.#options.log('debug', 'newcomer not let in', { kind: kindOf(error) });
    } finally {
      this.#answering.delete(key);
    }
  }

  close(): void {
    this.#closed = true;
    for (const answer of this.#answering.values()) answer?.cancel();
  }

  async #finish(incoming: IncomingOffer, answer: PendingAnswer): Promise<void> {
    const { overlay, clock } = this.#options;
    if (this.#closed) return answer.cancel();
    const timer = clock.after(ANSWER_TIMEOUT_MS, () => answer.cancel());
    try {
      incoming.answer(encodeDoorSignal({ id: overlay.id, signal: answer.signal }));
      await overlay.adopt(await answer.link, { dialed: false });
    } finally {
      timer.cancel();
    }
  }

  #isKnown(id: Uint8Array): boolean {
    const { overlay } = this.#options;
    const key = toHex(id);
    const isNeighbour = overlay.view().neighbours.some((neighbour) => toHex(neighbour.id) === key);
    return isNeighbour || key === toHex(overlay.id) || this.#answering.has(key);
  }
}
