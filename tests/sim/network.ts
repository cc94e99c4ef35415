// The network of the simulation: links with latency between nodes in one memory. A link is what a data channel is: ordered and
// reliable. What the network below it loses is sent again and comes later, and so does everything behind it; after too many
// times in vain the link is lost.
import { KithError } from '../../src/core/errors.ts';
import type { Link, LinkBinding } from '../../src/core/ports/link.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What may happen to a frame on its way out: sent at once, later, changed, or not at all. */
export type Tamper = (frame: Uint8Array, send: (frame: Uint8Array, delayMs?: number) => void) => void;

/** Whoever holds an end of a link. */
export interface Holder {
  /** 20 bytes: who it really is, whatever it says. */
  readonly id: Uint8Array;
  /** Makes the end its own before anything is sent. */
  take(link: SimLink): void;
}

/** The other end of a link: in the same memory, or in another shard's (border.ts). */
export interface OtherEnd {
  /** Whose it is; undefined while that is not known. */
  readonly owner: { readonly id: Uint8Array } | undefined;
  /** Whether the link no longer counts as open when this end closes, or is counted elsewhere. */
  readonly uncounted: boolean;
  /** A frame and its time of arrival, milliseconds since the epoch. */
  arrive(frame: Uint8Array, at: number): void;
  closeAt(at: number): void;
}

/** SCTP's least time-out before a loss is mended, doubled each time up to the second; tries (RFC 9260, as Chromium sets them). */
const RETRANSMIT_MS = 400;
const LONGEST_RETRANSMIT_MS = 3_000;
const MAX_RETRANSMISSIONS = 10;

/** Whoever keeps a frame keeps as much. */
const SLAB_BYTES = 4_096;

export class SimNetwork {
  /** Links that are open now, and were ever opened. */
  open = 0;
  opened = 0;
  /** Frames sent, and sent again. */
  frames = 0;
  retransmissions = 0;
  /** Sees every frame on every link. */
  tap: (frame: Uint8Array) => void = () => {};
  readonly time: VirtualTime;
  readonly latencyMs: number;
  /** Share of the transmissions that is lost. */
  readonly loss: number;
  readonly random: Random;
  #slab = new ArrayBuffer(SLAB_BYTES);
  #slabAt = 0;

  constructor(time: VirtualTime, random: Random, { latencyMs, loss }: { latencyMs: number; loss: number }) {
    this.time = time;
    this.random = random;
    this.latencyMs = latencyMs;
    this.loss = loss;
  }

  /** Both ends of a new link. */
  connect(one: Holder, other: Holder): [SimLink, SimLink] {
    const [left, right] = [this.random.bytes(32), this.random.bytes(32)];
    const a = new SimLink(this, one, { local: left, remote: right });
    const b = new SimLink(this, other, { local: right, remote: left });
    a.other = b;
    b.other = a;
    this.open += 1;
    this.opened += 1;
    one.take(a);
    other.take(b);
    return [a, b];
  }

  /** Of a frame, for its receiver alone; many of them share a buffer, which costs less than one for each. */
  copy(frame: Uint8Array): Uint8Array {
    if (frame.length > SLAB_BYTES / 8) return frame.slice();
    if (this.#slabAt + frame.length > SLAB_BYTES) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      this.#slabAt = 0;
    }
    const copy = new Uint8Array(this.#slab, this.#slabAt, frame.length);
    copy.set(frame);
    this.#slabAt += frame.length;
    return copy;
  }

  /** Until what is sent now arrives, milliseconds; undefined when it never does. */
  delay(): number | undefined {
    let delay = this.latencyMs;
    if (this.loss === 0) return delay;
    let wait = RETRANSMIT_MS;
    for (let lost = 0; this.random.fraction() < this.loss; lost += 1) {
      if (lost >= MAX_RETRANSMISSIONS) return undefined;
      this.retransmissions += 1;
      delay += wait;
      wait = Math.min(2 * wait, LONGEST_RETRANSMIT_MS);
    }
    return delay;
  }
}

export class SimLink implements Link, OtherEnd {
  readonly route = 'direct';
  readonly bufferedAmount = 0;
  readonly binding: LinkBinding;
  readonly owner: Holder;
  readonly #network: SimNetwork;
  other: OtherEnd | undefined;
  /** Called once, when this end is closed. */
  ended: (() => void) | undefined;
  /** Of the node at this end. */
  tamper: Tamper | undefined;
  /** Hears what arrives before the node at this end; true when the node shall not. */
  hear: ((frame: Uint8Array, reply: (frame: Uint8Array) => void) => boolean) | undefined;
  #open = true;
  /** The node at this end is gone without a word. */
  #dead = false;
  /** When the last frame arrives: nothing overtakes it. */
  #arrivesAt = 0;
  #waiting: Uint8Array[] = [];
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(network: SimNetwork, owner: Holder, binding: LinkBinding) {
    this.#network = network;
    this.owner = owner;
    this.binding = binding;
  }

  get closed(): boolean {
    return !this.#open;
  }

  send(frame: Uint8Array): void {
    if (!this.#open) throw new KithError('link-closed');
    if (this.#dead) return;
    const copy = this.#network.copy(frame);
    if (this.tamper) this.tamper(copy, (changed, delayMs) => this.#sendLater(changed, delayMs));
    else this.#carry(copy);
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#onFrame = handler;
    for (const frame of waiting) handler(frame);
  }

  onClose(handler: () => void): void {
    this.#onClose = handler;
    if (!this.#open) this.#report();
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    if (!this.#open) return;
    this.#lost();
    this.end();
  }

  /** Its node stops existing: the other end is not told. */
  kill(): void {
    this.#dead = true;
  }

  #sendLater(frame: Uint8Array, delayMs = 0): void {
    if (delayMs === 0) this.#carry(frame);
    else this.#network.time.after(delayMs, () => this.#open && this.#carry(frame));
  }

  #carry(frame: Uint8Array): void {
    const { time } = this.#network;
    this.#network.frames += 1;
    this.#network.tap(frame);
    const delay = this.#network.delay();
    if (delay === undefined) {
      this.close();
      return;
    }
    this.#arrivesAt = Math.max(this.#arrivesAt, time.now() + delay);
    this.other?.arrive(frame, this.#arrivesAt);
  }

  get uncounted(): boolean {
    return !this.#open;
  }

  arrive(frame: Uint8Array, at: number): void {
    this.#network.time.at(at, () => this.receive(frame));
  }

  closeAt(at: number): void {
    this.#network.time.at(at, () => this.end());
  }

  receive(frame: Uint8Array): void {
    if (!this.#open || this.#dead) return;
    if (this.hear?.(frame, (reply) => this.#carry(reply))) return;
    if (this.#onFrame) this.#onFrame(frame);
    else this.#waiting.push(frame);
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting = [];
    this.ended?.();
    this.#report();
  }

  /** The other end learns that this one closes, unless its node is gone without a word. */
  #lost(): void {
    const { time, latencyMs } = this.#network;
    if (!this.other?.uncounted) this.#network.open -= 1;
    if (!this.#dead) this.other?.closeAt(Math.max(this.#arrivesAt, time.now() + latencyMs));
  }

  #report(): void {
    const handler = this.#onClose;
    this.#onClose = undefined;
    if (handler && !this.#dead) queueMicrotask(handler);
  }
}
