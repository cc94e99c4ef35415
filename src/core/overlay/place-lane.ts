// Signals that came and wait for their reader, or for being fetched: one direction of a lane (PLACES.md, "Signals").

/** Signals of one lane, each way. A connection has a handful of candidates. */
export const MAX_LANE_SIGNALS = 32;
/** Of one of them, bytes: a sealed candidate has 540. */
export const MAX_LANE_SIGNAL_BYTES = 1_024;

export class LaneSignals {
  readonly all: Uint8Array[] = [];
  #handler: ((signal: Uint8Array) => void) | undefined;
  #read = 0;

  /** Beyond the limits they are dropped. */
  add(signal: Uint8Array): void {
    if (this.all.length >= MAX_LANE_SIGNALS || signal.length > MAX_LANE_SIGNAL_BYTES) return;
    this.all.push(signal);
    this.#flush();
  }

  onSignal(handler: (signal: Uint8Array) => void): void {
    this.#handler = handler;
    this.#flush();
  }

  #flush(): void {
    while (this.#handler && this.#read < this.all.length) this.#handler(this.all[this.#read++] as Uint8Array);
  }
}
