// A link between two devices of one identity: each proves that it has the root secret, now and on this link, with everything it says.
//   first    run (16) || nonce (16)
//   others   HMAC-SHA-256(key, "kith twin line v1" || sender's first || receiver's first || sender's and receiver's ends of the link ||
//            count (4) || said) || said
import { concat, equalBytes } from '../bytes/bytes.ts';
import { uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hmacSha256 } from '../crypto/kdf.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Random } from '../ports/random.ts';
import { Queue } from '../queue.ts';
import { decode, encode } from '../wire/cbor.ts';
import { type TwinRecord, twinSchema } from './twin-record.ts';

/** Bytes that tell one start of a page from every other. */
export const RUN_BYTES = 16;
const NONCE_BYTES = 16;
const MAC_BYTES = 32;
const MAX_SAID = 128;
const LABEL = utf8('kith twin line v1');
/** Said again so often, and given up after so long a silence, milliseconds. */
const EVERY_MS = 20_000;
const SILENCE_MS = 60_000;

export interface TwinLineOptions {
  readonly link: Link;
  /** 32 bytes that only devices of this identity have. */
  readonly key: Uint8Array;
  /** Of this page. */
  readonly run: Uint8Array;
  readonly random: Random;
  readonly clock: Clock;
  /** What to say. */
  readonly mine: () => TwinRecord;
  /** Proven. */
  readonly heard: (theirs: TwinRecord) => void;
  readonly ended: () => void;
}

export class TwinLine {
  /** Another device has proven itself here. */
  proven = false;
  private readonly first: Uint8Array;
  private theirs: Uint8Array | undefined;
  private said = 0;
  private read = 0;
  private heardAt: number;
  private timer: Timer | undefined;
  private readonly out = new Queue();
  private readonly in = new Queue();

  constructor(private readonly options: TwinLineOptions) {
    const { link, run, random, clock } = options;
    this.first = concat(run, random.bytes(NONCE_BYTES));
    this.heardAt = clock.now();
    link.onClose(() => {
      this.timer?.cancel();
      options.ended();
    });
    link.onFrame((frame) => {
      const copy = frame.slice();
      this.in.run(() => this.take(copy)).catch(() => link.close());
    });
    this.send(this.first);
    this.goOn();
  }

  /** Says where this device stands. Resolves when it has left. */
  say(): Promise<void> {
    const { theirs, options } = this;
    if (!theirs) return Promise.resolve();
    return this.out.run(async () => {
      const said = encode(options.mine());
      const { local, remote } = options.link.binding;
      const mac = await this.mac(this.first, theirs, local, remote, this.said++, said);
      this.send(concat(mac, said));
    });
  }

  close(): void {
    this.timer?.cancel();
    this.options.link.close();
  }

  private async take(frame: Uint8Array): Promise<void> {
    const { link, run, clock, heard } = this.options;
    if (!this.theirs) {
      const isMe = equalBytes(frame.subarray(0, RUN_BYTES), run);
      // Somebody plays my own signals to me.
      if (frame.length !== RUN_BYTES + NONCE_BYTES || isMe) return link.close();
      this.theirs = frame;
      return this.say();
    }
    if (frame.length > MAC_BYTES + MAX_SAID) return link.close();
    const [mac, said] = [frame.subarray(0, MAC_BYTES), frame.subarray(MAC_BYTES)];
    const { local, remote } = link.binding;
    const expected = await this.mac(this.theirs, this.first, remote, local, this.read++, said);
    if (!equalBytes(mac, expected)) return link.close();
    const record = decode(said, twinSchema, MAX_SAID);
    this.proven = true;
    this.heardAt = clock.now();
    heard(record);
  }

  private mac(from: Uint8Array, to: Uint8Array, near: Uint8Array, far: Uint8Array, place: number, said: Uint8Array) {
    return hmacSha256(this.options.key, concat(LABEL, from, to, near, far, uint32be(place), said));
  }

  private send(frame: Uint8Array): void {
    try {
      this.options.link.send(frame);
    } catch {
      // Closed: its end is told.
    }
  }

  /** A link says "open" long after its other end is gone. */
  private goOn(): void {
    const { clock, link } = this.options;
    this.timer = clock.after(EVERY_MS, () => {
      if (clock.now() - this.heardAt > (this.proven ? SILENCE_MS : EVERY_MS)) return link.close();
      void this.say();
      this.goOn();
    });
  }
}
