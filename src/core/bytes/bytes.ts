// Plain operations on byte strings.

/** Bytes that WebCrypto takes as they are: backed by an ArrayBuffer of this realm, never a shared one. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The parts one after another, copied. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The parts one after another: one view of the buffer when they already lie there so, else copied. At least one part. */
export function joined(first: Uint8Array, ...others: readonly Uint8Array[]): Uint8Array {
  let end = first.byteOffset + first.length;
  for (const part of others) {
    if (part.buffer !== first.buffer || part.byteOffset !== end) return concat(first, ...others);
    end += part.length;
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
}

/** The same bytes typed for WebCrypto; copied only when they lie in shared memory. */
export function unshared(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : new Uint8Array(bytes);
}

/** Equality in time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] as number) ^ (b[index] as number);
  return difference === 0;
}

/** Bytewise order, a prefix before its extensions: negative, 0 or positive. Not constant time: for public values. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether every byte is zero, in constant time. */
export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.reduce((seen, byte) => seen | byte, 0) === 0;
}
