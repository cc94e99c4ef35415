// Sets of small integers as bits: which operations an operation follows from.

export type Bits = Uint32Array;

export const bitsFor = (size: number): Bits => new Uint32Array((size + 31) >>> 5);

export const hasBit = (bits: Bits, index: number): boolean => (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;

export function setBit(bits: Bits, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31));
}

/** Adds all of `other`, which is not longer. */
export function uniteInto(bits: Bits, other: Bits): void {
  for (let word = 0; word < other.length; word += 1) bits[word] = (bits[word] ?? 0) | (other[word] as number);
}

/** What both hold. */
export function intersection(a: Bits, b: Bits): Bits {
  return a.slice(0, Math.min(a.length, b.length)).map((word, index) => word & (b[index] as number));
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let word of bits) {
    while (word !== 0) {
      word &= word - 1;
      count += 1;
    }
  }
  return count;
}

/** The members of the set that are at least `from`, ascending. */
export function* each(bits: Bits, from = 0): Generator<number> {
  for (let word = from >>> 5; word < bits.length; word += 1) {
    let rest = bits[word] as number;
    if (word === from >>> 5) rest &= -1 << (from & 31);
    while (rest !== 0) {
      yield 32 * word + (31 - Math.clz32(rest & -rest));
      rest &= rest - 1;
    }
  }
}
