// PNG without metadata (PNG Third Edition, W3C 2025, §5 and §11). Kept: critical chunks and those that change how it looks. Left
// out: text, time, Exif (PNG's orientation tag with it), unknown ancillary chunks, and whatever follows the end.
import type { Piece } from './pieces.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const CHUNK_OVERHEAD = 12;

const keptAncillary = new Set(
  'tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(' '),
);

const isCritical = (type: string): boolean => /^[A-Z]/.test(type);

/** What stays of the file; undefined when that is all of it. @throws RangeError when it is no chain of chunks */
export function pngPieces(bytes: Uint8Array<ArrayBuffer>): Piece[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Piece[] = [{ start: 0, end: SIGNATURE_BYTES }];
  let at = SIGNATURE_BYTES;
  let dropped = false;
  for (let type = ''; type !== 'IEND' && at < bytes.length; ) {
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw new RangeError('no chunk');
    // A picture cut short ends where the file does.
    const end = Math.min(at + CHUNK_OVERHEAD + view.getUint32(at), bytes.length);
    if (isCritical(type) || keptAncillary.has(type)) pieces.push({ start: at, end });
    else dropped = true;
    at = end;
  }
  return dropped || at < bytes.length ? pieces : undefined;
}
