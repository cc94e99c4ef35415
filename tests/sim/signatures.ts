// Signatures made lately in the threads of one simulation: exactly those are genuine, so that no thread need verify what another
// has just signed. Each has a table, written by it alone and read by all: SHA-256 over the key, the signature and what was
// signed, at a place that the signature says. What is not there, or is being overwritten, is verified in earnest.
import { createHash } from 'node:crypto';

const PLACES = 65_536;
const DIGEST_BYTES = 32;

export class Signatures {
  readonly #own: Uint8Array;
  readonly #all: readonly Uint8Array[];

  /** `tables`: of all threads, `own` being this one's number. */
  constructor(tables: readonly SharedArrayBuffer[], own: number) {
    this.#all = tables.map((table) => new Uint8Array(table));
    this.#own = this.#all[own] as Uint8Array;
  }

  static table(): SharedArrayBuffer {
    return new SharedArrayBuffer(PLACES * DIGEST_BYTES);
  }

  /** Before anybody else hears of it. */
  add(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): void {
    this.#own.set(digestOf(publicKey, data, signature), placeOf(signature));
  }

  has(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
    const [digest, place] = [digestOf(publicKey, data, signature), placeOf(signature)];
    return this.#all.some((table) => Buffer.compare(table.subarray(place, place + DIGEST_BYTES), digest) === 0);
  }
}

/** The key and the signature have lengths of their own, so the three cannot be taken apart in two ways. */
function digestOf(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(Uint8Array.of(publicKey.length, signature.length))
    .update(publicKey)
    .update(signature)
    .update(data)
    .digest();
}

/** The beginning of a signature is as good as random. */
function placeOf(signature: Uint8Array): number {
  return (((signature[0] ?? 0) << 8) | (signature[1] ?? 0)) * DIGEST_BYTES;
}
