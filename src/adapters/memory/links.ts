// Link twin: two ends in one memory. Whole frames, in order, nothing lost; time passes by the Clock given.
import { KithError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Link, LinkBinding } from '../../core/ports/link.ts';
import { MAX_FRAME_BYTES } from '../../core/wire/limits.ts';

export interface LinkPairOptions {
  readonly clock: Clock;
  /** One way, milliseconds. */
  readonly latencyMs?: number;
  /** Of each direction; unlimited unless told. */
  readonly bytesPerSecond?: number;
  /** Certificate fingerprints of the two ends, 32 bytes each. */
  readonly fingerprints?: readonly [Uint8Array, Uint8Array];
  readonly route?: Link['route'];
}

/** Both ends of a new, open link. */
export function memoryLinkPair(options: LinkPairOptions): [MemoryLink, MemoryLink] {
  const [left, right] = options.fingerprints ?? [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const a = new MemoryLink(options, { local: left, remote: right });
  const b = new MemoryLink(options, { local: right, remote: left });
  a.connect(b);
  b.connect(a);
  return [a, b];
}

export class MemoryLink implements Link {
  readonly route: Link['route'];
  readonly binding: LinkBinding;
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #bytesPerSecond: number;
  /** When the cable is free again. */
  #busyUntil = 0;
  #other: MemoryLink | undefined;
  #open = true;
  #dead = false;
  #buffered = 0;
  #waiting: Uint8Array[] = [];
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  readonly #draining = new Set<{ readonly bytes: number; readonly resolve: () => void }>();

  constructor(options: LinkPairOptions, binding: LinkBinding) {
    const { clock, latencyMs = 1, bytesPerSecond = Number.POSITIVE_INFINITY, route = 'direct' } = options;
    this.route = route;
    this.#bytesPerSecond = bytesPerSecond;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.binding = binding;
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  get closed(): boolean {
    return !this.#open;
  }

  connect(other: MemoryLink): void {
    this.#other = other;
  }

  send(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) throw new KithError('frame-too-large', { limit: MAX_FRAME_BYTES });
    if (!this.#open) throw new KithError('link-closed');
    const copy = frame.slice();
    this.#buffered += copy.length;
    const now = this.#clock.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + (copy.length / this.#bytesPerSecond) * 1000;
    this.#clock.after(this.#busyUntil - now + this.#latencyMs, () => {
      this.#buffered -= copy.length;
      this.#wake();
      if (!this.#dead) this.#other?.receive(copy);
    });
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#onFrame = handler;
    for (const frame of waiting) handler(frame);
  }

  onClose(handler: () => void): void {
    this.#onClose = handler;
    if (!this.#open) this.#reportClose();
  }

  drained(bytes: number): Promise<void> {
    if (!this.#open || this.#buffered <= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#draining.add({ bytes, resolve }));
  }

  /** What was sent before still arrives, then the other end closes too. */
  close(): void {
    if (!this.#open) return;
    this.end();
    const left = Math.max(0, this.#busyUntil - this.#clock.now());
    if (!this.#dead) this.#clock.after(left + this.#latencyMs, () => this.#other?.end());
  }

  /** The cable is cut: neither end is told, `send` still takes frames, none arrives. */
  kill(): void {
    this.#dead = true;
    if (this.#other) this.#other.#dead = true;
  }

  receive(frame: Uint8Array): void {
    if (!this.#open) return;
    if (this.#onFrame) this.#onFrame(frame);
    else this.#waiting.push(frame);
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#wake();
    this.#reportClose();
  }

  #wake(): void {
    for (const waiter of this.#draining) {
      if (this.#open && this.#buffered > waiter.bytes) continue;
      this.#draining.delete(waiter);
      waiter.resolve();
    }
  }

  #reportClose(): void {
    const handler = this.#onClose;
    this.#onClose = undefined;
    if (handler) queueMicrotask(handler);
  }
}
