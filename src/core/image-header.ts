// Width and height of a raster image from its first bytes, before anything decodes it. PNG (W3C PNG §11.2.2), JPEG
// (ITU T.81 §B.2.2), GIF89a, WebP (RFC 9649 §2.5-2.7), AVIF (ISO/IEC 23008-12 §6.5.3). Anything else, SVG above all, is not an
// image here. The one reader for what is sent and what is received: a header that one took and another not would be a hole.

export interface ImageHeader {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif';
  readonly width: number;
  readonly height: number;
}

/** Pixels a page may decode: 64 million (256 MB as RGBA), above the 50 million that phones take. */
export const MAX_PIXELS = 64_000_000;
/** Bytes to look at: a JPEG's frame header comes after its EXIF and colour profile, which are a few 64 KiB segments. */
export const HEADER_BYTES = 524_288;

function ascii(bytes: Uint8Array, at: number, text: string): boolean {
  return bytes.length >= at + text.length && [...text].every((c, index) => bytes[at + index] === c.charCodeAt(0));
}

const le24 = (bytes: Uint8Array, at: number) =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);

function png(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (bytes.length < 24 || view.getUint32(0) !== 0x89504e47 || !ascii(bytes, 12, 'IHDR')) return null;
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** Bytes of the colour table whose size the low bits of `packed` tell; 0 when the high bit says that there is none. */
const colourTable = (packed: number) => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);

/** Where a row of sub-blocks ends that begins at `at`: each tells its length, the last has none. */
function afterSubBlocks(bytes: Uint8Array, at: number): number {
  let next = at;
  while ((bytes[next] ?? 0) > 0) next += 1 + (bytes[next] ?? 0);
  return next + 1;
}

/** The screen, or what the frames need where that is more: decoders enlarge a screen to its first frame, so one must be in sight. */
function gif(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (bytes.length < 10 || !(ascii(bytes, 0, 'GIF87a') || ascii(bytes, 0, 'GIF89a'))) return null;
  let [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  let frames = 0;
  let at = 13 + colourTable(bytes[10] ?? 0);
  while (at + 10 <= bytes.length) {
    if (bytes[at] === 0x21) at = afterSubBlocks(bytes, at + 2);
    else if (bytes[at] === 0x2c) {
      frames += 1;
      width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
      height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
      at = afterSubBlocks(bytes, at + 11 + colourTable(bytes[at + 9] ?? 0));
    } else break;
  }
  return frames === 0 ? null : { type: 'image/gif', width, height };
}

function webp(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (bytes.length < 30 || !ascii(bytes, 0, 'RIFF') || !ascii(bytes, 8, 'WEBP')) return null;
  const type = 'image/webp' as const;
  if (ascii(bytes, 12, 'VP8X')) return { type, width: le24(bytes, 24) + 1, height: le24(bytes, 27) + 1 };
  if (ascii(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!ascii(bytes, 12, 'VP8 ')) return null;
  return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** SOF0…SOF15 but DHT (C4), JPG (C8) and DAC (CC). */
const isFrameHeader = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpeg(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // SOI again, EOI, SOS: no frame header can follow.
    if (marker >= 0xd8 && marker <= 0xda) return null;
    if (isFrameHeader(marker))
      return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += segmentLength(view, at, marker);
  }
  return null;
}

/** Fill bytes, TEM and RST0…7 stand alone; every other segment tells its length. */
function segmentLength(view: DataView, at: number, marker: number): number {
  if (marker === 0xff) return 1;
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) ? 2 : 2 + view.getUint16(at + 2);
}

/**
 * The largest of all sizes in `meta`: a picture made of tiles has one for each tile and one for the whole. Decoders refuse
 * frames that are larger. Only the brand `avif`: the size of the frames of a sequence stands elsewhere.
 */
function avif(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (!ascii(bytes, 4, 'ftypavif')) return null;
  const meta = boxOf(bytes, view, 'meta');
  if (meta === null) return null;
  let largest: ImageHeader | null = null;
  for (let at = meta.start; at + 16 <= meta.end; at++) {
    if (!ascii(bytes, at, 'ispe')) continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (largest === null || width * height > largest.width * largest.height)
      largest = { type: 'image/avif', width, height };
  }
  return largest;
}

/** A box of the outermost level (ISO/IEC 14496-12 §4.2); null when not all of it is in sight. */
function boxOf(bytes: Uint8Array, view: DataView, type: string): { start: number; end: number } | null {
  for (let start = 0; start + 8 <= bytes.length; ) {
    const size = view.getUint32(start);
    const end = start + size;
    if (size < 8 || end > bytes.length) return null;
    if (ascii(bytes, start + 4, type)) return { start, end };
    start = end;
  }
  return null;
}

/** What the bytes say they are; null when they are no raster image that browsers show. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = png(bytes, view) ?? gif(bytes, view) ?? webp(bytes, view) ?? jpeg(bytes, view) ?? avif(bytes, view);
  return header !== null && header.width > 0 && header.height > 0 ? header : null;
}

/** As above, and small enough to be decoded. */
export function safeImageHeader(bytes: Uint8Array): ImageHeader | null {
  const header = readImageHeader(bytes);
  return header !== null && header.width * header.height <= MAX_PIXELS ? header : null;
}
