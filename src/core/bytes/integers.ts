// Unsigned integers, most significant byte first.
import type { Bytes } from './bytes.ts';

/** `value`: 0 … 2^16 - 1. */
export function uint16be(value: number): Bytes {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

/** `value`: 0 … 2^32 - 1. */
export function uint32be(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** `value`: 0 … 2^64 - 1. */
export function uint64be(value: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** The whole of `bytes` as one integer; 0 for none. */
export function bigIntFromBytes(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** @throws RangeError when fewer than 4 bytes stand at `offset`. */
export function readUint32be(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}

/** @throws RangeError when fewer than 2 bytes stand at `offset`. */
export function readUint16be(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(offset);
}
