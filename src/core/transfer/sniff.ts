// What a received file is, by its first bytes and never by its name or declared type (WHATWG MIME Sniffing Standard §6). Only
// raster images, audio and video that a browser decodes without running anything; SVG, HTML and PDF are never among them.
import { HEADER_BYTES, safeImageHeader } from '../image-header.ts';

export type PreviewType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'video/mp4'
  | 'video/webm'
  | 'audio/mpeg'
  | 'audio/mp4'
  | 'audio/ogg'
  | 'audio/wav';

/** How much of a file `previewType` should be given. */
export const PREVIEW_HEAD_BYTES = HEADER_BYTES;

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean => latin1(bytes, at, at + text.length) === text;

/** The type, or undefined for anything that is only saved. 4,096 bytes are enough. */
export function sniff(bytes: Uint8Array): PreviewType | undefined {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'image/gif';
  if (startsWith(bytes, 'RIFF')) return riffType(bytes);
  if (startsWith(bytes, 'ftyp', 4)) return isoMediaType(bytes);
  if (startsWith(bytes, '\x1a\x45\xdf\xa3')) return isWebm(bytes) ? 'video/webm' : undefined;
  if (startsWith(bytes, 'OggS\0')) return 'audio/ogg';
  return startsWith(bytes, 'ID3') || isMp3Frame(bytes) ? 'audio/mpeg' : undefined;
}

function riffType(bytes: Uint8Array): PreviewType | undefined {
  if (startsWith(bytes, 'WEBPVP', 8)) return 'image/webp';
  return startsWith(bytes, 'WAVE', 8) ? 'audio/wav' : undefined;
}

const brandTypes: Readonly<Record<string, PreviewType>> = {
  avif: 'image/avif',
  'M4A ': 'audio/mp4',
  'M4B ': 'audio/mp4',
  'M4V ': 'video/mp4',
  isom: 'video/mp4',
  iso2: 'video/mp4',
  iso4: 'video/mp4',
  iso5: 'video/mp4',
  iso6: 'video/mp4',
  mp41: 'video/mp4',
  mp42: 'video/mp4',
  avc1: 'video/mp4',
  dash: 'video/mp4',
  MSNV: 'video/mp4',
};

/** The major brand decides (ISO/IEC 14496-12 §4.3); HEIF images and QuickTime are not for every browser. */
function isoMediaType(bytes: Uint8Array): PreviewType | undefined {
  return brandTypes[latin1(bytes, 8, 12)];
}

/** DocType (42 82) is "webm" within the EBML header, which stands at the very start (RFC 8794 §11.2.4). */
function isWebm(bytes: Uint8Array): boolean {
  const header = latin1(bytes, 0, 64);
  const at = header.indexOf('\x42\x82');
  return at > 0 && header.slice(at + 3, at + 7) === 'webm';
}

/** A frame header of MPEG-1 or -2 layer III with a bit rate and a sampling rate that exist. */
function isMp3Frame(bytes: Uint8Array): boolean {
  const [sync, kind = 0, rates = 0] = bytes;
  const layer3 = (kind & 0xe6) === 0xe2 && (kind & 0x18) !== 0x08;
  return sync === 0xff && layer3 && rates >> 4 !== 0 && rates >> 4 !== 15 && (rates & 0x0c) !== 0x0c;
}

/** The type under which a received file may be shown; undefined also for images too large, or of unknown size, to decode. */
export function previewType(head: Uint8Array): PreviewType | undefined {
  const type = sniff(head);
  if (!type?.startsWith('image/')) return type;
  return safeImageHeader(head)?.type === type ? type : undefined;
}
