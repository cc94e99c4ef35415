// Reads a byte string from its front, never beyond its end.
import { KithError } from '../errors.ts';
import type { Bytes } from './bytes.ts';
import { readUint16be, readUint32be } from './integers.ts';

/** Every method throws KithError 'frame-malformed' when fewer bytes are left than it needs. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(): number {
    return this.take(1)[0] as number;
  }

  uint16(): number {
    return readUint16be(this.take(2));
  }

  uint32(): number {
    return readUint32be(this.take(4));
  }

  /** A copy of the next `length` bytes. */
  take(length: number): Bytes {
    if (length > this.left) throw new KithError('frame-malformed');
    this.#offset += length;
    return this.#bytes.slice(this.#offset - length, this.#offset) as Bytes;
  }

  /** A copy of everything that is left. */
  rest(): Bytes {
    return this.take(this.left);
  }

  /** @throws KithError 'frame-malformed' when something is left. */
  end(): void {
    if (this.left > 0) throw new KithError('frame-malformed');
  }
}
