// Hexadecimal (RFC 4648 §8), lower case.
import { KithError } from '../errors.ts';
import type { Bytes } from './bytes.ts';

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Either case. @throws KithError 'frame-malformed' for an odd length or another character. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new KithError('frame-malformed');
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}
