// The browser's (or Node's) cryptographic randomness behind the Random port (W3C Web Cryptography, getRandomValues).
import type { Random } from '../../core/ports/random.ts';

/** getRandomValues refuses to fill more than this many bytes at once. */
const LARGEST_FILL_BYTES = 65_536;

export const systemRandom: Random = {
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let start = 0; start < length; start += LARGEST_FILL_BYTES) {
      crypto.getRandomValues(bytes.subarray(start, start + LARGEST_FILL_BYTES));
    }
    return bytes;
  },
  fraction(): number {
    const word = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    return word / 2 ** 32;
  },
};
