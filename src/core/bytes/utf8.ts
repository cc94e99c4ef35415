// Text to bytes and back (RFC 3629).
import { KithError } from '../errors.ts';
import type { Bytes } from './bytes.ts';

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of `text`; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** @throws KithError 'frame-malformed' when the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new KithError('frame-malformed', {}, { cause });
  }
}
