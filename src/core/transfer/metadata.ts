// Photos lose where, when and with what they were taken before they are sent, without being encoded again: only whole segments
// are left out. What decides how the picture looks (colour profile, transparency, animation, orientation) stays.
import { KithError } from '../errors.ts';
import { jpegPieces } from './metadata-jpeg.ts';
import { pngPieces } from './metadata-png.ts';
import { webpPieces } from './metadata-webp.ts';
import type { Piece } from './pieces.ts';
import { type PreviewType, sniff } from './sniff.ts';

/** undefined: nothing to remove. @throws RangeError or KithError when the structure cannot be followed */
type Stripper = (bytes: Uint8Array<ArrayBuffer>) => Piece[] | undefined;

const strippers: Partial<Record<PreviewType, Stripper>> = {
  'image/jpeg': jpegPieces,
  'image/png': pngPieces,
  'image/webp': webpPieces,
};

const HEAD_BYTES = 4096;

/**
 * The file without the metadata of JPEG, PNG and WebP images; the very same Blob when there is none, or when it is something else.
 * Reads an image whole, once; the result refers to parts of the original and holds no copy.
 * @throws KithError 'file-unreadable' when it begins as such an image but its structure cannot be followed: then nobody can say
 * what it would give away, so it is not sent as a photo.
 */
export async function withoutMetadata(file: Blob): Promise<Blob> {
  const stripper = strippers[sniff(await bytesOf(file.slice(0, HEAD_BYTES))) ?? 'audio/wav'];
  if (stripper === undefined) return file;
  const pieces = piecesOf(stripper, await bytesOf(file));
  if (pieces === undefined) return file;
  const parts = pieces.map((piece) => (piece instanceof Uint8Array ? piece : file.slice(piece.start, piece.end)));
  return new Blob(parts, { type: file.type });
}

function piecesOf(stripper: Stripper, bytes: Uint8Array<ArrayBuffer>): Piece[] | undefined {
  try {
    return stripper(bytes);
  } catch (cause) {
    throw new KithError('file-unreadable', {}, { cause });
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new KithError('file-unreadable', {}, { cause });
  }
}
