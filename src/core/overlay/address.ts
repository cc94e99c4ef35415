// Ids and addresses. An id is BEP5's 160 bits; an address is its first 48, written as the `a.b.c.d:port` that Kademlia over
// UDP expects. Nobody's IP is in it.
import { toHex } from '../bytes/hex.ts';
import type { Random } from '../ports/random.ts';

export const ID_BYTES = 20;
export const ADDRESS_BYTES = 6;
/** An address as 12 hexadecimal characters, lower case: the form for maps. */
export type Address = string;

/** Twelve bits as three characters. */
const TRIPLES = Array.from({ length: 4_096 }, (_, bits) => bits.toString(16).padStart(3, '0'));
const [ZERO, LETTERS] = [0x30, 0x61 - 10];

/** The address that stands at `offset`. Every packet is read with this, so it builds no array and few strings. */
export function readAddress(bytes: Uint8Array, offset = 0): Address {
  return triples(bytes, offset) + triples(bytes, offset + 3);
}

function triples(bytes: Uint8Array, offset: number): string {
  const three =
    ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
  return (TRIPLES[three >> 12] as string) + (TRIPLES[three & 0xfff] as string);
}

export function writeAddress(address: Address, into: Uint8Array, offset: number): void {
  for (let index = 0; index < ADDRESS_BYTES; index += 1) into[offset + index] = byteAt(address, index);
}

function byteAt(address: Address, index: number): number {
  return (digitAt(address, 2 * index) << 4) | digitAt(address, 2 * index + 1);
}

function digitAt(address: Address, place: number): number {
  const code = address.charCodeAt(place);
  return code < LETTERS ? code - ZERO : code - LETTERS;
}

export function addressOf(id: Uint8Array): Address {
  return readAddress(id);
}

/** 6 bytes. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  writeAddress(address, bytes, 0);
  return bytes;
}

/** The id (20 bytes) of which no more than its address is known: the rest is zero. Good for routing, not for comparing. */
export function idFromAddress(address: Address): Uint8Array {
  const id = new Uint8Array(ID_BYTES);
  writeAddress(address, id, 0);
  return id;
}

/** Whether an id may be used: 20 bytes, and bytes 4–5, its "port", not both zero, because the library drops port 0. */
export function isUsableId(id: Uint8Array): boolean {
  return id.length === ID_BYTES && (id[4] !== 0 || id[5] !== 0);
}

/** An id that nobody has: an alias. */
export function randomId(random: Random): Uint8Array {
  for (;;) {
    const id = random.bytes(ID_BYTES);
    if (isUsableId(id)) return id;
  }
}

export function isAddress(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text) && !text.endsWith('0000');
}

export interface HostPort {
  /** Four decimal bytes with dots. */
  readonly host: string;
  /** 1 … 65,535. */
  readonly port: number;
}

export function toHostPort(address: Address): HostPort {
  const host = `${byteAt(address, 0)}.${byteAt(address, 1)}.${byteAt(address, 2)}.${byteAt(address, 3)}`;
  return { host, port: (byteAt(address, 4) << 8) | byteAt(address, 5) };
}

/** undefined when it is not four decimal bytes and a port. */
export function fromHostPort(host: string, port: number): Address | undefined {
  const parts = host.split('.');
  if (parts.length !== 4 || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  const bytes = new Uint8Array(ADDRESS_BYTES);
  for (const [index, part] of parts.entries()) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  bytes[4] = port >> 8;
  bytes[5] = port & 0xff;
  return readAddress(bytes);
}

/** Kademlia's distance (Maymounkov and Mazières, 2002, §2.1): negative when `a` is nearer to `target` than `b`, 0 when equal. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < target.length; index += 1) {
    const wanted = target[index] as number;
    const difference = (wanted ^ (a[index] ?? 0)) - (wanted ^ (b[index] ?? 0));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** a xor b, as long as the shorter. */
export function distance(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: Math.min(a.length, b.length) }, (_, i) => (a[i] as number) ^ (b[i] as number));
}

/** An id as 40 hexadecimal characters, for maps. */
export function idKey(id: Uint8Array): string {
  return toHex(id);
}
