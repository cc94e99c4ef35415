// WebP without metadata (RFC 9649 §2). Kept: picture, transparency, animation and colour profile. Left out: EXIF, XMP, unknown
// chunks, and whatever follows the end. The file's length and the flags of VP8X are set right.
import type { Piece } from './pieces.ts';

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Bits of VP8X that announce EXIF and XMP. */
const METADATA_FLAGS = 0x08 | 0x04;

const kept = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);

/** What stays of the file; undefined when that is all of it. @throws RangeError when it is no chain of chunks */
export function webpPieces(bytes: Uint8Array<ArrayBuffer>): Piece[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const riffEnd = Math.min(8 + view.getUint32(4, true), bytes.length);
  const chunks: Piece[] = [];
  let dropped = riffEnd < bytes.length;
  for (let at = HEADER_BYTES; at < riffEnd; ) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const end = Math.min(at + CHUNK_HEADER_BYTES + length + (length & 1), riffEnd);
    if (!kept.has(type)) dropped = true;
    else if (type === 'VP8X') chunks.push(withoutFlags(bytes.slice(at, end)));
    else chunks.push({ start: at, end });
    at = end;
  }
  if (!dropped && (bytes[12 + CHUNK_HEADER_BYTES] ?? 0) === flagsAfter(chunks, bytes)) return undefined;
  return [headerFor(bytes, chunks), ...chunks];
}

function withoutFlags(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  chunk[CHUNK_HEADER_BYTES] = (chunk[CHUNK_HEADER_BYTES] ?? 0) & ~METADATA_FLAGS;
  return chunk;
}

/** The flags byte as it will be; that of the file when it has no VP8X. */
function flagsAfter([first]: readonly Piece[], bytes: Uint8Array): number {
  return (first instanceof Uint8Array ? first[CHUNK_HEADER_BYTES] : bytes[12 + CHUNK_HEADER_BYTES]) ?? 0;
}

function headerFor(bytes: Uint8Array<ArrayBuffer>, chunks: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const header = bytes.slice(0, HEADER_BYTES);
  const length = chunks.reduce(
    (sum, chunk) => sum + (chunk instanceof Uint8Array ? chunk.length : chunk.end - chunk.start),
    0,
  );
  new DataView(header.buffer).setUint32(4, 4 + length, true);
  return header;
}
