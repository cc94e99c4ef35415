// A Link over one WebRTC data channel (W3C WebRTC 1.0 §6): ordered, reliable, binary.
import { KithError } from '../../core/errors.ts';
import type { Link, LinkBinding } from '../../core/ports/link.ts';
import { MAX_FRAME_BYTES } from '../../core/wire/limits.ts';
import type { FrameInbox } from './frame-inbox.ts';

/** Chromium closes a channel that queues more than 16 MiB. Senders keep far below; this is the fence before the cliff. */
const MAX_BUFFERED_BYTES = 12 * 1024 * 1024;
/** How long a closing link waits for its last frames (a goodbye) to leave, milliseconds. */
const LINGER_MS = 500;

/** What a link needs of the connection below it. */
export interface Pipe {
  readonly channel: RTCDataChannel;
  readonly inbox: FrameInbox;
  send(frame: Uint8Array): void;
  /** Ends the connection at once; `DataChannelLink.closed` follows. */
  destroy(): void;
}

export class DataChannelLink implements Link {
  readonly route = 'direct';
  readonly binding: LinkBinding;
  readonly #pipe: Pipe;
  readonly #waiters = new Set<{ readonly bytes: number; readonly resolve: () => void }>();
  #closed = false;
  #onClose: (() => void) | undefined;

  constructor(pipe: Pipe, binding: LinkBinding) {
    this.#pipe = pipe;
    this.binding = binding;
    // simple-peer sets the `on…` property; a listener of our own lives beside it.
    pipe.channel.addEventListener('bufferedamountlow', () => this.#wake());
  }

  get bufferedAmount(): number {
    return this.#pipe.channel.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) throw new KithError('frame-too-large', { limit: MAX_FRAME_BYTES });
    if (this.#closed) throw new KithError('link-closed');
    try {
      if (this.bufferedAmount + frame.length > MAX_BUFFERED_BYTES) throw new Error('send buffer full');
      this.#pipe.send(frame);
    } catch (cause) {
      this.#pipe.destroy();
      throw new KithError('link-closed', {}, { cause });
    }
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#pipe.inbox.listen(handler);
  }

  onClose(handler: () => void): void {
    this.#onClose = handler;
    if (this.#closed) this.#reportClose();
  }

  drained(bytes: number): Promise<void> {
    if (this.#closed || this.bufferedAmount <= bytes) return Promise.resolve();
    return this.#untilBuffered(bytes);
  }

  close(): void {
    if (this.#closed) return;
    const linger = setTimeout(() => this.#pipe.destroy(), LINGER_MS);
    void this.#untilBuffered(0).then(() => {
      clearTimeout(linger);
      this.#pipe.destroy();
    });
    this.#end();
    this.#wake();
  }

  /** For the connection below: it has ended, by whomever. */
  closed(): void {
    this.#end();
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipe.inbox.close();
    this.#reportClose();
  }

  #reportClose(): void {
    const handler = this.#onClose;
    this.#onClose = undefined;
    if (handler) queueMicrotask(handler);
  }

  #untilBuffered(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.add({ bytes, resolve });
      this.#arm();
    });
  }

  /** The channel has one threshold: the highest anybody waits for comes first. */
  #arm(): void {
    if (this.#waiters.size === 0) return;
    this.#pipe.channel.bufferedAmountLowThreshold = Math.max(...[...this.#waiters].map(({ bytes }) => bytes));
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (this.bufferedAmount > waiter.bytes) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
    this.#arm();
  }
}
