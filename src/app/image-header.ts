// Width and height of a raster image from its first bytes, before anything decodes it. PNG (W3C PNG §11.2.2), JPEG
// (ITU T.81 §B.2.2), GIF89a, WebP (RFC 9649 §2.5-2.7). Anything else, SVG above all, is not an image here.

export interface ImageHeader {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/** Pixels a page may decode: 64 million (256 MiB as RGBA), above every common camera's normal mode. */
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

function gif(bytes: Uint8Array, view: DataView): ImageHeader | null {
  if (bytes.length < 10 || !(ascii(bytes, 0, 'GIF87a') || ascii(bytes, 0, 'GIF89a'))) return null;
  return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
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
    if (isFrameHeader(marker))
      return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // A fill byte stands alone; every other segment tells its length.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** What the bytes say they are; null when they are no raster image that browsers show. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = png(bytes, view) ?? gif(bytes, view) ?? webp(bytes, view) ?? jpeg(bytes, view);
  return header !== null && header.width > 0 && header.height > 0 ? header : null;
}

/** As above, and small enough to be decoded. */
export function safeImageHeader(bytes: Uint8Array): ImageHeader | null {
  const header = readImageHeader(bytes);
  return header !== null && header.width * header.height <= MAX_PIXELS ? header : null;
}
