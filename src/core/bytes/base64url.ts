// Base64 with the URL-safe alphabet and no padding (RFC 4648 §5). Decoding is strict: one text for each byte string.
import { KithError } from '../errors.ts';
import type { Bytes } from './bytes.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]));

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(index, index + 3) as unknown as [number, number?, number?];
    const block = (a << 16) | (b << 8) | c;
    const characters = Math.min(bytes.length - index, 3) + 1;
    for (let place = 0; place < characters; place += 1) text += ALPHABET[(block >> (18 - 6 * place)) & 63];
  }
  return text;
}

/** @throws KithError 'frame-malformed' for another character, an impossible length or stray bits at the end. */
export function fromBase64url(text: string): Bytes {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let written = 0;
  for (const character of text) {
    const value = VALUES.get(character);
    if (value === undefined) throw new KithError('frame-malformed');
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = (buffer >> bits) & 0xff;
  }
  const stray = buffer & ((1 << bits) - 1);
  if (bits >= 6 || stray !== 0) throw new KithError('frame-malformed');
  return bytes;
}
