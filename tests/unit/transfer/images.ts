// Small images put together byte by byte, for tests of sniffing, dimensions and metadata.

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const be16 = (value: number): number[] => [value >> 8, value & 255];
const be32 = (value: number): number[] => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const le32 = (value: number): number[] => be32(value).reverse();
const le24 = (value: number): number[] => le32(value).slice(0, 3);

export const bytesOf = (...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? ascii(part) : [...part])));

/** A JPEG marker segment. */
export const segment = (marker: number, ...parts: readonly (string | readonly number[] | Uint8Array)[]) => {
  const body = bytesOf(...parts);
  return bytesOf([0xff, marker], be16(body.length + 2), body);
};

/** Exif with an orientation, a GPS pointer and the words 'Home 48.2N'. */
export function exif(orientation: number, little = false): Uint8Array<ArrayBuffer> {
  const u16 = (value: number) => (little ? be16(value).reverse() : be16(value));
  const u32 = (value: number) => (little ? le32(value) : be32(value));
  const entries = [
    [...u16(0x010f), ...u16(2), ...u32(11), ...u32(8 + 2 + 36 + 4)], // maker, text below
    [...u16(0x0112), ...u16(3), ...u32(1), ...u16(orientation), 0, 0],
    [...u16(0x8825), ...u16(4), ...u32(1), ...u32(0)],
  ];
  const tiff = bytesOf(little ? 'II' : 'MM', u16(42), u32(8), u16(3), entries.flat(), u32(0), 'Home 48.2N\0');
  return segment(0xe1, 'Exif\0\0', tiff);
}

export const jfif = segment(0xe0, 'JFIF\0', [1, 1, 0, 0, 1, 0, 1, 0, 0]);
export const xmp = segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', '<secret place/>');
export const iptc = segment(0xed, 'Photoshop 3.0\0', '8BIM secret');
export const comment = segment(0xfe, 'taken at home');
export const icc = segment(0xe2, 'ICC_PROFILE\0', [1, 1], 'profile');
export const multiPicture = segment(0xe2, 'MPF\0', 'more pictures');
export const adobe = segment(0xee, 'Adobe', [0, 100, 0, 0, 0, 0, 1]);
export const tables = segment(0xdb, [0], Array(64).fill(1));
export const frame = (width: number, height: number) => segment(0xc0, [8], be16(height), be16(width), [1, 1, 0x11, 0]);
/** A scan with a stuffed FF and a restart marker, in which FF FE does not begin a comment. */
export const scan = bytesOf(segment(0xda, [1, 1, 0, 0, 63, 0]), [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 5]);

export const SOI = bytesOf([0xff, 0xd8]);
export const EOI = bytesOf([0xff, 0xd9]);

export const jpeg = (...segments: readonly Uint8Array[]) => bytesOf(SOI, ...segments, EOI);

/** The Exif that Kith writes: the orientation and nothing else. */
export const orientationOnly = (orientation: number) =>
  segment(0xe1, 'Exif\0\0MM\0*\0\0\0\x08', [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);

/** A PNG chunk; its checksum is not looked at. */
export const chunk = (type: string, ...data: readonly (string | readonly number[])[]) => {
  const body = bytesOf(...data);
  return bytesOf(be32(body.length), type, body, [9, 9, 9, 9]);
};

export const ihdr = (width: number, height: number) => chunk('IHDR', be32(width), be32(height), [8, 6, 0, 0, 0]);
export const png = (...chunks: readonly Uint8Array[]) => bytesOf('\x89PNG\r\n\x1a\n', ...chunks, chunk('IEND'));

export const riffChunk = (type: string, ...data: readonly (string | readonly number[])[]) => {
  const body = bytesOf(...data);
  return bytesOf(type, le32(body.length), body, body.length % 2 ? [0] : []);
};

export const vp8x = (flags: number, width: number, height: number) =>
  riffChunk('VP8X', [flags, 0, 0, 0], le24(width - 1), le24(height - 1));

export const webp = (...chunks: readonly Uint8Array[]) => {
  const body = bytesOf('WEBP', ...chunks);
  return bytesOf('RIFF', le32(body.length), body);
};

/** A screen and one frame that fills it. */
export const gif = (width: number, height: number) => {
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  return bytesOf('GIF89a', size, [0, 0, 0], [0x2c, 0, 0, 0, 0], size, [0, 2, 0, 0x3b]);
};

export const isoFile = (brand: string, ...rest: readonly (string | readonly number[])[]) =>
  bytesOf(be32(24), 'ftyp', brand, [0, 0, 0, 0], 'mif1isom', ...rest);

/** A box of ISO media. */
export const box = (type: string, ...parts: readonly (readonly number[])[]) => {
  const body = parts.flat();
  return [...be32(8 + body.length), ...ascii(type), ...body];
};

export const ispe = (width: number, height: number) => [
  ...be32(20),
  ...ascii('ispe'),
  0,
  0,
  0,
  0,
  ...be32(width),
  ...be32(height),
];
