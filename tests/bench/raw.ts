// A data channel as plain as it gets (W3C WebRTC 1.0 §6): what Kith is compared with. Ordered, reliable, two peers with
// complete signals, no layer of ours above or below.

/** The setting that was measured to be the fastest for a fresh connection: 64 KiB messages, at most 128 KiB queued. */
const PIECE_BYTES = 65_536;
const MAX_QUEUED_BYTES = 131_072;
/** An acknowledgement names its message. */
const ACK_BYTES = 8;

const channelSettings: RTCDataChannelInit = { negotiated: true, id: 0, ordered: true };

export class RawChannel {
  readonly #connection = new RTCPeerConnection();
  readonly #channel = this.#connection.createDataChannel('raw', channelSettings);
  readonly open: Promise<void>;
  #received: Promise<number> = Promise.resolve(0);

  constructor() {
    this.#channel.binaryType = 'arraybuffer';
    this.open = new Promise((resolve) => this.#channel.addEventListener('open', () => resolve(), { once: true }));
  }

  onClose(handler: () => void): void {
    this.#channel.addEventListener('close', handler, { once: true });
  }

  async offer(): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#complete();
  }

  async answer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return this.#complete();
  }

  accept(answer: string): Promise<void> {
    return this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  close(): void {
    this.#connection.close();
  }

  /** Gives `size` bytes to the other side; resolves to when it began (milliseconds since the epoch), all given. */
  async sendFile(size: number): Promise<number> {
    const channel = this.#channel;
    const file = randomBytes(size);
    channel.bufferedAmountLowThreshold = MAX_QUEUED_BYTES - PIECE_BYTES;
    const began = Date.now();
    for (let at = 0; at < size; at += PIECE_BYTES) {
      if (channel.bufferedAmount > MAX_QUEUED_BYTES - PIECE_BYTES) await once(channel, 'bufferedamountlow');
      channel.send(file.subarray(at, at + PIECE_BYTES));
    }
    return began;
  }

  /** Call before the other side's `sendFile`. */
  expectFile(size: number): void {
    let left = size;
    this.#received = new Promise((resolve) => {
      this.#channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        left -= data.byteLength;
        if (left <= 0) resolve(Date.now());
      };
    });
  }

  /** When the last byte of the expected file was here, milliseconds since the epoch. */
  received(): Promise<number> {
    return this.#received;
  }

  /** Sends back whatever comes. */
  echo(): void {
    this.#channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.#channel.send(data);
  }

  /** Mean milliseconds of a message of `size` bytes there and back. The other side echoes. */
  roundTrip(size: number, count: number): Promise<number> {
    const message = randomBytes(size);
    let left = count;
    return new Promise((resolve) => {
      const began = performance.now();
      this.#channel.onmessage = () => {
        left -= 1;
        if (left === 0) resolve((performance.now() - began) / count);
        else this.#channel.send(message);
      };
      this.#channel.send(message);
    });
  }

  /** Acknowledges every message by a short one. */
  acknowledge(): void {
    const ack = new Uint8Array(ACK_BYTES);
    this.#channel.onmessage = () => this.#channel.send(ack);
  }

  /** Acknowledged messages a second, `inFlight` of them unacknowledged at any time. The other side acknowledges. */
  messagesPerSecond(size: number, count: number, inFlight: number): Promise<number> {
    const message = randomBytes(size);
    let unsent = count;
    let unacknowledged = count;
    const next = () => {
      if (unsent === 0) return;
      unsent -= 1;
      this.#channel.send(message);
    };
    return new Promise((resolve) => {
      const began = performance.now();
      this.#channel.onmessage = () => {
        unacknowledged -= 1;
        if (unacknowledged === 0) resolve((1000 * count) / (performance.now() - began));
        else next();
      };
      for (let sent = 0; sent < inFlight; sent += 1) next();
    });
  }

  async #complete(): Promise<string> {
    if (this.#connection.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => {
        this.#connection.addEventListener('icegatheringstatechange', () => {
          if (this.#connection.iceGatheringState === 'complete') resolve();
        });
      });
    }
    return this.#connection.localDescription?.sdp ?? '';
  }
}

const once = (target: EventTarget, type: string): Promise<void> =>
  new Promise((resolve) => target.addEventListener(type, () => resolve(), { once: true }));

/** `crypto.getRandomValues` gives 64 KiB at a time. */
function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += PIECE_BYTES) crypto.getRandomValues(bytes.subarray(at, at + PIECE_BYTES));
  return bytes;
}
