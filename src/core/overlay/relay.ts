// A circuit of others that passes through here: what comes in on one hop leaves on the other.
import type { Clock } from '../ports/clock.ts';
import { type CellKind, cellKinds, closeCell } from './cells.ts';
import type { Hop, HopOwner } from './hops.ts';
import { CIRCUIT_IDLE_MS } from './limits.ts';

export class Relay implements HopOwner {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #hops: readonly [Hop, Hop] | undefined;
  #movedAt: number;

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#movedAt = clock.now();
  }

  join(from: Hop, to: Hop): void {
    this.#hops = [from, to];
  }

  cell(hop: Hop, kind: CellKind, cell: Uint8Array): void {
    const other = this.#other(hop);
    if (other === undefined) return;
    this.#movedAt = this.#clock.now();
    // More than a window waits: one of the two ends does not keep to the rules.
    if (!other.send(cell)) this.end();
    else if (kind === cellKinds.close) this.#release();
  }

  lost(hop: Hop): void {
    this.#other(hop)?.send(closeCell('lost'));
    this.#release();
  }

  /** Ends it on both sides. */
  end(): void {
    for (const hop of this.#hops ?? []) hop.send(closeCell('lost'));
    this.#release();
  }

  isIdle(): boolean {
    return this.#clock.now() - this.#movedAt >= CIRCUIT_IDLE_MS;
  }

  #other(hop: Hop): Hop | undefined {
    return this.#hops?.find((each) => each !== hop);
  }

  #release(): void {
    const hops = this.#hops;
    if (hops === undefined) return;
    this.#hops = undefined;
    for (const hop of hops) hop.release();
    this.#onEnd();
  }
}
