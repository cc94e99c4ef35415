// The frames of one link as a queue that is read one at a time: by the handshake first, then by the channel.
import { type ErrorKind, kindOf } from '../errors.ts';
import type { Link } from '../ports/link.ts';
import { decodeFrame, type OuterFrame } from './outer-frame.ts';

export type InboxEvent =
  | { readonly type: 'frame'; readonly frame: OuterFrame }
  /** Nothing follows: the link closed, a frame made no sense, or `end` was called. */
  | { readonly type: 'end'; readonly kind: ErrorKind };

/** Bytes that may wait to be read. Honest senders have less than 1 MiB on its way; whoever floods us loses the link. */
const MAX_WAITING_BYTES = 16_777_216;
/** What a frame costs beyond its bytes, so that a flood of empty ones counts too. */
const FRAME_COST_BYTES = 256;

export class Inbox {
  /** Bytes of all frames so far. */
  bytesIn = 0;
  #events: InboxEvent[] = [];
  #waitingBytes = 0;
  #reader: ((event: InboxEvent) => void) | undefined;
  #ended: InboxEvent | undefined;

  constructor(link: Link) {
    link.onFrame((bytes) => this.#receive(bytes));
    // What arrived before the link closed is still read: a last word is often followed by the end of the link.
    link.onClose(() => this.#add({ type: 'end', kind: 'link-closed' }));
  }

  /** The next event; one reader at a time. After the end, the end again. */
  next(): Promise<InboxEvent> {
    const event = this.#events.shift() ?? this.#ended;
    if (event?.type === 'frame') this.#waitingBytes -= costOf(event.frame);
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Ends now (a deadline, our own decision): frames that were not read yet are forgotten. */
  end(kind: ErrorKind): void {
    this.#events = [];
    this.#add({ type: 'end', kind });
  }

  #receive(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    try {
      this.#add({ type: 'frame', frame: decodeFrame(bytes) });
    } catch (error) {
      this.#add({ type: 'end', kind: kindOf(error) });
    }
  }

  #add(event: InboxEvent): void {
    if (this.#ended !== undefined) return;
    if (event.type === 'end') this.#ended = event;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) reader(event);
    else this.#keep(event);
  }

  #keep(event: InboxEvent): void {
    this.#events.push(event);
    if (event.type === 'frame') this.#waitingBytes += costOf(event.frame);
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.end('frame-malformed');
  }
}

const costOf = ({ body }: OuterFrame): number => body.length + FRAME_COST_BYTES;
