// JPEG without metadata (ITU-T T.81 annex B; Exif 2.32 §4.5; ICC.1 annex B.4). Kept: what decoding needs, JFIF, Adobe's colour
// transform, the ICC profile, and of Exif the orientation alone. Left out: every other APPn (Exif, XMP, IPTC, thumbnails, second
// images), comments, and whatever a phone appended behind the end of the picture.
import type { Piece } from './pieces.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;

interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

const isStandalone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= EOI);

const hasTag = (bytes: Uint8Array, { start, end }: Segment, tag: string): boolean =>
  end - start - 4 >= tag.length && String.fromCharCode(...bytes.subarray(start + 4, start + 4 + tag.length)) === tag;

/** What stays of the file; undefined when that is all of it. @throws RangeError when it is no chain of segments */
export function jpegPieces(bytes: Uint8Array<ArrayBuffer>): Piece[] | undefined {
  const segments = [...segmentsOf(bytes)];
  const orientation = orientationOf(bytes, segments);
  const minimal = orientation === undefined ? undefined : orientationSegment(orientation);
  const kept = segments.filter((segment) => isKept(bytes, segment) || isSame(bytes, segment, minimal));
  const end = segments.at(-1)?.end ?? 0;
  if (kept.length === segments.length && end === bytes.length) return undefined;
  const hasMinimal = kept.some((segment) => isSame(bytes, segment, minimal));
  if (minimal === undefined || hasMinimal) return kept;
  // Exif wants to be first, JFIF insists on it: behind SOI and JFIF.
  const at = kept[1]?.marker === APP0 ? 2 : 1;
  return [...kept.slice(0, at), minimal, ...kept.slice(at)];
}

function isKept(bytes: Uint8Array, segment: Segment): boolean {
  const { marker } = segment;
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  if (marker === APP0) return hasTag(bytes, segment, 'JFIF\0');
  if (marker === APP2) return hasTag(bytes, segment, 'ICC_PROFILE\0');
  return marker === APP14 && hasTag(bytes, segment, 'Adobe');
}

function isSame(bytes: Uint8Array, { start, end }: Segment, other: Uint8Array | undefined): boolean {
  if (other === undefined || end - start !== other.length) return false;
  return other.every((byte, index) => byte === bytes[start + index]);
}

/** Marker segments with the entropy-coded data that follows them. A picture cut short ends where the file does. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    if (bytes[at] !== 0xff) throw new RangeError('no marker');
    while (bytes[at] === 0xff) at++; // fill bytes
    const marker = bytes[at++];
    if (marker === undefined) return;
    if ((start === 0) !== (marker === SOI)) throw new RangeError('not one picture');
    if (!isStandalone(marker)) at += lengthAt(bytes, at);
    if (marker === SOS) at = endOfScan(bytes, at);
    yield { marker, start, end: Math.min(at, bytes.length) };
    if (marker === EOI) return;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (length < 2) throw new RangeError('segment without a length');
  return length;
}

/** Where the next marker stands that is neither a stuffed FF nor a restart (T.81 §B.1.1.5). */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    const inScan = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!inScan) return at;
  }
  return bytes.length;
}

/** 2 … 8 when the picture must be turned, else undefined. */
function orientationOf(bytes: Uint8Array, segments: readonly Segment[]): number | undefined {
  const exif = segments.find((segment) => segment.marker === APP1 && hasTag(bytes, segment, 'Exif\0\0'));
  if (exif === undefined) return undefined;
  const tiff = bytes.subarray(exif.start + 10, exif.end);
  try {
    return orientationInTiff(new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength));
  } catch {
    return undefined; // an Exif nobody can read turns nothing
  }
}

/** Tag 0x0112 of IFD0 (TIFF 6.0 §2). @throws RangeError */
function orientationInTiff(view: DataView): number | undefined {
  const little = view.getUint16(0) === 0x4949;
  const ifd = view.getUint32(4, little);
  const entries = view.getUint16(ifd, little);
  for (let entry = 0; entry < entries; entry++) {
    const at = ifd + 2 + 12 * entry;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 2 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** An Exif segment with nothing but the orientation: APP1, "Exif", a big-endian TIFF of one entry. */
function orientationSegment(orientation: number): Uint8Array<ArrayBuffer> {
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];
  const tiffHeader = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8];
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const body = [...exif, ...tiffHeader, 0, 1, ...entry, 0, 0, 0, 0];
  return Uint8Array.from([0xff, APP1, 0, body.length + 2, ...body]);
}
