// Random twin: repeatable from a seed. sfc32 (Doty-Humphrey, PractRand), 128 bits of state; for tests, never for keys.
import type { Random } from '../../core/ports/random.ts';

const WARM_UP_ROUNDS = 16;

export function seededRandom(seed: number): Random {
  const next = sfc32(seed);
  return {
    bytes(length: number): Uint8Array<ArrayBuffer> {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = next() >>> 24;
      return bytes;
    },
    fraction: () => next() / 2 ** 32,
  };
}

function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const next = (): number => {
    const out = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) next();
  return next;
}
