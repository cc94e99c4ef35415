// Candidates on their way to the other side: the first goes at once, those found while it travels go together.
import { MAX_CANDIDATES } from './dial-messages.ts';

/** Messages on their way at once. */
const MAX_IN_FLIGHT = 3;
/** Found and not yet sent. */
const MAX_WAITING = 64;

export class CandidateLane {
  readonly #send: (candidates: readonly Uint8Array[]) => Promise<unknown>;
  #waiting: Uint8Array[] = [];
  #inFlight = 0;
  #over = false;

  /** A message that `send` loses is lost: the other side may have enough without it. */
  constructor(send: (candidates: readonly Uint8Array[]) => Promise<unknown>) {
    this.#send = send;
  }

  add(candidate: Uint8Array): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(candidate);
    this.#flush();
  }

  stop(): void {
    this.#over = true;
  }

  #flush(): void {
    if (this.#over || this.#waiting.length === 0 || this.#inFlight >= MAX_IN_FLIGHT) return;
    this.#inFlight++;
    const landed = () => {
      this.#inFlight--;
      this.#flush();
    };
    this.#send(this.#waiting.splice(0, MAX_CANDIDATES)).then(landed, landed);
  }
}
