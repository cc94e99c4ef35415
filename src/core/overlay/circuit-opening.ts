// One attempt to open a circuit along one way: waits for "opened", a close, or the end of its time.
import type { Clock, Timer } from '../ports/clock.ts';
import { ID_BYTES } from './address.ts';
import { type CellKind, type CloseReason, cellKinds, closeCell, closeReasons, readClose } from './cells.ts';
import type { CircuitLink } from './circuit-link.ts';
import type { Hop, HopOwner } from './hops.ts';
import { CIRCUIT_OPEN_MS } from './limits.ts';

const OPENED_BYTES = ID_BYTES + 32;

export interface Closed {
  readonly reason: CloseReason | 'timeout';
  /** Where on the path, as far as it was said; 0 otherwise. */
  readonly place: number;
}

export class Opening implements HopOwner {
  /** The id under which the other end answered. */
  answerer: Uint8Array = new Uint8Array(0);
  readonly #clock: Clock;
  #hop: Hop | undefined;
  #timer: Timer | undefined;
  #link: CircuitLink | undefined;
  #accept: ((theirs: Uint8Array) => CircuitLink) | undefined;
  #settle: ((outcome: CircuitLink | Closed) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `accept` makes the link of the other end's id and nonce; `ready` follows when it may be used. */
  outcome(hop: Hop, accept: (theirs: Uint8Array) => CircuitLink): Promise<CircuitLink | Closed> {
    this.#hop = hop;
    this.#accept = accept;
    this.#timer = this.#clock.after(CIRCUIT_OPEN_MS, () => this.fail('timeout', 0));
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  ready(link: CircuitLink): void {
    this.#timer?.cancel();
    this.#settle?.(link.closed ? { reason: 'lost', place: 0 } : link);
  }

  fail(reason: CloseReason | 'timeout', place: number): void {
    this.#timer?.cancel();
    if (this.#link) this.#link.close();
    else {
      this.#hop?.send(closeCell('done'));
      this.#hop?.release();
    }
    this.#settle?.({ reason, place });
  }

  cell(_: Hop, kind: CellKind, cell: Uint8Array, body: Uint8Array): void {
    if (this.#link) this.#link.cell(kind, cell, body);
    else if (kind === cellKinds.close) this.#closed(body);
    else if (kind === cellKinds.opened && body.length === OPENED_BYTES) {
      const theirs = body.slice();
      this.answerer = theirs.slice(0, ID_BYTES);
      this.#link = this.#accept?.(theirs);
    } else this.fail('lost', 0);
  }

  lost(): void {
    if (this.#link) this.#link.lost();
    else this.fail('lost', 0);
  }

  #closed(body: Uint8Array): void {
    this.#timer?.cancel();
    this.#hop?.release();
    this.#settle?.(readClosed(body));
  }
}

/** Relays pass it on unread, so nonsense is nobody's in particular; it is the end all the same. */
function readClosed(body: Uint8Array): Closed {
  try {
    const { reason, place } = readClose(body);
    const said = (Object.keys(closeReasons) as CloseReason[]).find((name) => closeReasons[name] === reason);
    return { reason: said ?? 'lost', place };
  } catch {
    return { reason: 'lost', place: 0 };
  }
}
