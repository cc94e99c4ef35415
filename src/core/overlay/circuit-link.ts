// A Link over a circuit. Frames are cut into cells; so many may be on their way as the other end has given credit for.
import { KithError } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link, LinkBinding, LinkWay } from '../ports/link.ts';
import { MAX_FRAME_BYTES } from '../wire/limits.ts';
import { type CellKind, cellKinds, cellsOf, closeCell, costOf, creditCell, readCredit, readPiece } from './cells.ts';
import type { Hop } from './hops.ts';
import { CIRCUIT_IDLE_MS, CIRCUIT_LINGER_MS, CIRCUIT_WINDOW, MAX_CIRCUIT_BUFFER } from './limits.ts';

/** Credit is given back in pieces of this: often enough that the sender never waits, seldom enough to cost nothing. */
const CREDIT_STEP = CIRCUIT_WINDOW / 4;

export class CircuitLink implements Link {
  readonly way: LinkWay;
  #binding: LinkBinding | undefined;
  readonly #hop: Hop;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  /** Cells that the window does not let go yet. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** What may still be sent. */
  #credit = CIRCUIT_WINDOW;
  /** What came in and was not given back as credit: taken over, and waiting for a handler. */
  #taken = 0;
  #held = 0;
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;
  /** Of what waits, the pieces of the frame that is not whole yet. */
  #heldPieces = 0;
  #frames: { readonly frame: Uint8Array; readonly held: number }[] = [];
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  readonly #waiters = new Set<{ readonly bytes: number; readonly resolve: () => void }>();
  #state: 'open' | 'closing' | 'closed' = 'open';
  #linger: Timer | undefined;
  /** When something came in or left for the last time. */
  #movedAt: number;

  /** @param hops Links from here to the other end. */
  constructor(hop: Hop, hops: number, clock: Clock, onEnd: () => void) {
    this.#hop = hop;
    this.way = { via: hop.neighbour.id, hops };
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#movedAt = clock.now();
    hop.flow.onProgress(() => this.#progress());
  }

  /** Over a neighbour's own link nobody is between, and they see our address. */
  get route(): 'direct' | 'relayed' {
    return this.way.hops > 1 ? 'relayed' : 'direct';
  }

  /** Set before the link is handed to anybody. */
  get binding(): LinkBinding {
    if (this.#binding === undefined) throw new KithError('internal');
    return this.#binding;
  }

  /** For the circuit: the hashes of both ids and nonces are known. */
  bind(binding: LinkBinding): void {
    this.#binding = binding;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  get bufferedAmount(): number {
    return this.#state === 'closed' ? 0 : this.#pendingBytes + this.#hop.flow.bytes;
  }

  send(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) throw new KithError('frame-too-large', { limit: MAX_FRAME_BYTES });
    if (this.#state !== 'open') throw new KithError('link-closed');
    if (this.bufferedAmount + frame.length > MAX_CIRCUIT_BUFFER) {
      this.#end('lost');
      throw new KithError('link-closed');
    }
    for (const cell of cellsOf(frame)) {
      this.#pending.push(cell);
      this.#pendingBytes += cell.length;
    }
    this.#pump();
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#onFrame = handler;
    for (const { frame, held } of this.#frames.splice(0)) {
      this.#release(held);
      handler(frame);
    }
  }

  onClose(handler: () => void): void {
    this.#onClose = handler;
    if (this.#state !== 'open') this.#reportClose();
  }

  drained(bytes: number): Promise<void> {
    if (this.#state !== 'open' || this.bufferedAmount <= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.add({ bytes, resolve }));
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#reportClose();
    if (this.#pending.length === 0) this.#end('done');
    else this.#linger = this.#clock.after(CIRCUIT_LINGER_MS, () => this.#end('done'));
    this.#wake();
  }

  /** For the circuit: a cell for this end. Nonsense ends the circuit; the neighbour that brought it is not to blame. */
  cell(kind: CellKind, cell: Uint8Array, body: Uint8Array): void {
    if (this.#state === 'closed') return;
    this.#movedAt = this.#clock.now();
    try {
      if (kind === cellKinds.data) this.#data(cell, body);
      else if (kind === cellKinds.close) this.lost();
      else if (kind === cellKinds.credit) this.#credited(readCredit(body));
      else throw new KithError('frame-malformed');
    } catch (error) {
      this.#end('refused');
      if (!(error instanceof KithError)) throw error;
    }
  }

  /** For the circuit: it has ended, by whomever. */
  lost(): void {
    this.#end(undefined);
  }

  /** For the circuit: the other end is told, what waits is given up. */
  abandon(): void {
    this.#end('lost');
  }

  /** For the circuit: nothing has moved for too long. */
  isIdle(): boolean {
    return this.#clock.now() - this.#movedAt >= CIRCUIT_IDLE_MS;
  }

  #credited(amount: number): void {
    this.#credit += amount;
    if (this.#credit > CIRCUIT_WINDOW) throw new KithError('frame-malformed');
    this.#pump();
  }

  #data(cell: Uint8Array, body: Uint8Array): void {
    const { last, piece } = readPiece(body);
    const cost = costOf(cell);
    this.#piecesBytes += piece.length;
    this.#pieces.push(piece);
    const tooMuch = this.#taken + this.#held + cost > CIRCUIT_WINDOW;
    if (tooMuch || this.#piecesBytes > MAX_FRAME_BYTES) throw new KithError('frame-malformed');
    if (this.#onFrame) this.#take(cost);
    else {
      this.#held += cost;
      this.#heldPieces += cost;
    }
    if (!last) return;
    const [frame, held] = [this.#assemble(), this.#heldPieces];
    this.#heldPieces = 0;
    if (this.#onFrame === undefined) this.#frames.push({ frame, held });
    else {
      this.#release(held);
      if (this.#state === 'open') this.#onFrame(frame);
    }
  }

  /** What had to wait for a handler has been handed over. */
  #release(held: number): void {
    if (held === 0) return;
    this.#held -= held;
    this.#take(held);
  }

  #assemble(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    const frame = new Uint8Array(this.#piecesBytes);
    this.#piecesBytes = 0;
    let at = 0;
    for (const piece of pieces) {
      frame.set(piece, at);
      at += piece.length;
    }
    return frame;
  }

  #take(cost: number): void {
    this.#taken += cost;
    if (this.#taken < CREDIT_STEP || this.#state === 'closed') return;
    const credit = creditCell(this.#taken);
    this.#taken = 0;
    this.#hop.send(credit);
  }

  #pump(): void {
    let sent = 0;
    for (const cell of this.#pending) {
      if (costOf(cell) > this.#credit) break;
      sent += 1;
      this.#credit -= costOf(cell);
      this.#pendingBytes -= cell.length;
      this.#hop.send(cell);
    }
    if (sent > 0) this.#pending = this.#pending.slice(sent);
    if (this.#state === 'closing' && this.#pending.length === 0) this.#end('done');
    this.#wake();
  }

  #progress(): void {
    this.#movedAt = this.#clock.now();
    this.#wake();
  }

  #end(tell: 'done' | 'lost' | 'refused' | undefined): void {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#linger?.cancel();
    this.#pending = [];
    this.#pieces = [];
    if (tell !== undefined) this.#hop.send(closeCell(tell));
    this.#hop.release();
    this.#onEnd();
    this.#wake();
    if (wasOpen) this.#reportClose();
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (this.#state === 'open' && this.bufferedAmount > waiter.bytes) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #reportClose(): void {
    const handler = this.#onClose;
    this.#onClose = undefined;
    if (handler) queueMicrotask(handler);
  }
}
