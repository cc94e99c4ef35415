// The network of the simulation: links with latency between nodes in one memory.
import { KithError } from '../../src/core/errors.ts';
import type { Link, LinkBinding } from '../../src/core/ports/link.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What may happen to a frame on its way out: sent at once, later, changed, or not at all. */
export type Tamper = (frame: Uint8Array, send: (frame: Uint8Array, delayMs?: number) => void) => void;

export class SimNetwork {
  /** Links that are open now, and were ever opened. */
  open = 0;
  opened = 0;
  /** Frames sent. */
  frames = 0;
  readonly time: VirtualTime;
  readonly latencyMs: number;

  constructor(time: VirtualTime, latencyMs: number) {
    this.time = time;
    this.latencyMs = latencyMs;
  }

  /** Both ends of a new link. */
  connect(random: (length: number) => Uint8Array): [SimLink, SimLink] {
    const [left, right] = [random(32), random(32)];
    const a = new SimLink(this, { local: left, remote: right });
    const b = new SimLink(this, { local: right, remote: left });
    a.other = b;
    b.other = a;
    this.open += 1;
    this.opened += 1;
    return [a, b];
  }
}

export class SimLink implements Link {
  readonly route = 'direct';
  readonly bufferedAmount = 0;
  readonly binding: LinkBinding;
  readonly #network: SimNetwork;
  other: SimLink | undefined;
  /** Of the node at this end. */
  tamper: Tamper | undefined;
  /** Hears what arrives before the node at this end; true when the node shall not. */
  hear: ((frame: Uint8Array, reply: (frame: Uint8Array) => void) => boolean) | undefined;
  #open = true;
  /** The node at this end is gone without a word. */
  #dead = false;
  #waiting: Uint8Array[] = [];
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(network: SimNetwork, binding: LinkBinding) {
    this.#network = network;
    this.binding = binding;
  }

  get closed(): boolean {
    return !this.#open;
  }

  send(frame: Uint8Array): void {
    if (!this.#open) throw new KithError('link-closed');
    if (this.#dead) return;
    const copy = frame.slice();
    if (this.tamper) this.tamper(copy, (changed, delayMs) => this.#carry(changed, delayMs));
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
    const { other } = this;
    if (!other?.closed) this.#network.open -= 1;
    this.end();
    if (!this.#dead) this.#network.time.after(this.#network.latencyMs, () => other?.end());
  }

  /** Its node stops existing: the other end is not told. */
  kill(): void {
    this.#dead = true;
  }

  #carry(frame: Uint8Array, delayMs = 0): void {
    this.#network.frames += 1;
    this.#network.time.after(this.#network.latencyMs + delayMs, () => this.other?.receive(frame));
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
    this.#report();
  }

  #report(): void {
    const handler = this.#onClose;
    this.#onClose = undefined;
    if (handler && !this.#dead) queueMicrotask(handler);
  }
}
