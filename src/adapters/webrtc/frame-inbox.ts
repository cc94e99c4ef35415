// Frames that arrived before anybody listens, kept in order and in bounds.

/** Most frames and bytes that wait for a handler. A peer that floods a link nobody reads yet loses the link. */
const MAX_WAITING_FRAMES = 64;
const MAX_WAITING_BYTES = 1_048_576;

export class FrameInbox {
  #handler: ((frame: Uint8Array) => void) | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  /** False when there is no more room. */
  push(frame: Uint8Array): boolean {
    if (this.#handler) {
      this.#handler(frame);
      return true;
    }
    this.#waitingBytes += frame.length;
    this.#waiting.push(frame);
    return this.#waiting.length <= MAX_WAITING_FRAMES && this.#waitingBytes <= MAX_WAITING_BYTES;
  }

  /** Hands over what has waited, then everything that comes. */
  listen(handler: (frame: Uint8Array) => void): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#handler = handler;
    for (const frame of waiting) handler(frame);
  }

  /** Nothing is handed over any more. */
  close(): void {
    this.#waiting = [];
    this.#handler = () => {};
  }
}
