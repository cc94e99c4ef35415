// Width and height of an image from its header, without decoding it (PNG, GIF89a, JPEG, WebP and HEIF specifications).

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

type Reader = (view: DataView, bytes: Uint8Array) => Dimensions | undefined;

const readers: Readonly<Record<string, Reader>> = {
  'image/png': (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  'image/gif': (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  'image/jpeg': jpegDimensions,
  'image/webp': webpDimensions,
  'image/avif': avifDimensions,
};

/** `type`: as sniffed. undefined when the header does not say, or lies beyond the bytes given. */
export function imageDimensions(head: Uint8Array, type: string): Dimensions | undefined {
  try {
    return readers[type]?.(new DataView(head.buffer, head.byteOffset, head.byteLength), head);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut before the end of its header
    throw error;
  }
}

/** The first frame header (SOF0 … SOF15 without DHT, JPG, DAC: ITU-T T.81 table B.1). */
function jpegDimensions(view: DataView): Dimensions | undefined {
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpDimensions(view: DataView, bytes: Uint8Array): Dimensions | undefined {
  const chunk = String.fromCharCode(...bytes.subarray(12, 16));
  const uint24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (chunk === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (chunk === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk !== 'VP8L') return undefined;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** The largest of all `ispe` properties (ISO/IEC 23008-12 §6.5.3): a grid has one for each tile and one for the whole. */
function avifDimensions(view: DataView, bytes: Uint8Array): Dimensions | undefined {
  let largest: Dimensions | undefined;
  for (let at = bytes.indexOf(0x69); at >= 0; at = bytes.indexOf(0x69, at + 1)) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const found = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (largest === undefined || found.width * found.height > largest.width * largest.height) largest = found;
  }
  return largest;
}
