// What a picture is and how large, from its first bytes: nothing may look smaller to us than it is to a decoder.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PIXELS, readImageHeader, safeImageHeader } from '../../src/core/image-header.ts';
import {
  box,
  bytesOf,
  exif,
  frame,
  gif,
  ihdr,
  isoFile,
  ispe,
  jfif,
  jpeg,
  png,
  riffChunk,
  scan,
  segment,
  tables,
  vp8x,
  webp,
} from './transfer/images.ts';

const bigExif = segment(0xe1, 'Exif\0\0', Array(60_000).fill(7));
const meta = (...boxes: readonly number[][]) => box('meta', [0, 0, 0, 0], ...boxes);

describe('what is a picture', () => {
  it.each([
    ['PNG', png(ihdr(640, 480)), 'image/png', 640, 480],
    ['GIF', gif(320, 200), 'image/gif', 320, 200],
    ['JPEG', jpeg(jfif, exif(1), tables, frame(4000, 3000), scan), 'image/jpeg', 4000, 3000],
    [
      'JPEG, progressive',
      jpeg(segment(0xc2, [8, 0x01, 0xe0, 0x02, 0x80, 3], Array(9).fill(0))),
      'image/jpeg',
      640,
      480,
    ],
    ['JPEG behind much metadata', jpeg(bigExif, bigExif, frame(7, 9)), 'image/jpeg', 7, 9],
    ['WebP, extended', webp(vp8x(0, 16_000, 3)), 'image/webp', 16_000, 3],
    ['WebP, lossy', webp(riffChunk('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0])), 'image/webp', 320, 240],
    ['WebP, lossless', webp(riffChunk('VP8L', [0x2f, 0x3f, 0xc1, 0x3b, 0], Array(5).fill(0))), 'image/webp', 320, 240],
    ['AVIF with tiles', isoFile('avif', meta(ispe(512, 512), ispe(3000, 2000), ispe(5, 5))), 'image/avif', 3000, 2000],
  ])('is read from the bytes: %s', (_, bytes, type, width, height) => {
    expect(readImageHeader(bytes)).toEqual({ type, width, height });
  });

  it('is no AVIF whose sizes lie out of sight, or that is a sequence', () => {
    const far = [0, 0, 0xff, 0xff, ...bytesOf('meta')];
    expect(readImageHeader(isoFile('avif', box('free', ispe(1, 1)), far, ispe(1, 1)))).toBeNull();
    expect(readImageHeader(isoFile('avif', box('free', ispe(1, 1))))).toBeNull();
    expect(readImageHeader(isoFile('avis', meta(ispe(1, 1))))).toBeNull();
  });

  it('is never SVG, HTML or a PDF, whatever they are called', () => {
    for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<!doctype html>', '%PDF-1.7', '']) {
      expect(readImageHeader(bytesOf(text))).toBeNull();
    }
  });

  it('is refused before decoding when it has too many pixels', () => {
    expect(safeImageHeader(png(ihdr(8000, 8000)))?.width).toBe(8000);
    expect(8000 * 8000).toBe(MAX_PIXELS);
    expect(safeImageHeader(png(ihdr(8001, 8000)))).toBeNull();
    expect(safeImageHeader(png(ihdr(2 ** 31, 2 ** 31)))).toBeNull();
  });

  it('is as large as its largest frame, when a GIF says that its screen is smaller', () => {
    const u16 = (value: number) => [value & 255, value >> 8];
    const comment = [0x21, 0xfe, 2, 0x2c, 0x2c, 0];
    const image = (width: number, height: number) => [0x2c, ...u16(0), ...u16(0), ...u16(width), ...u16(height), 0, 2];
    const bomb = bytesOf(
      'GIF89a',
      [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255],
      comment,
      [...image(20, 10), 1, 0x2c, 0],
      [...image(10_000, 9_000), 1, 0, 0, 0x3b],
    );
    expect(readImageHeader(bomb)).toEqual({ type: 'image/gif', width: 10_000, height: 9_000 });
    expect(safeImageHeader(bomb)).toBeNull();
    const hidden = bytesOf('GIF89a', [1, 0, 1, 0, 0, 0, 0], [0x21, 0xfe, 255], Array(255).fill(1));
    expect(readImageHeader(hidden), 'no frame within the bytes that are looked at').toBeNull();
  });

  it('is not a JPEG whose small frame header only stands where a decoder does not look', () => {
    const sof = (side: number) => [0xff, 0xc0, 0, 17, 8, side >> 8, side & 255, side >> 8, side & 255, 3];
    const short = [0xff, 0xe1, 0x00, 0x04, 1, 2];
    // A marker without a length, followed by one that would be taken for it.
    for (const alone of [0x01, 0xd0, 0xd7]) {
      const jpeg = bytesOf([0xff, 0xd8, 0xff, alone], short, sof(12_000), Array(65_600).fill(0), sof(10));
      expect(readImageHeader(jpeg)).toEqual({ type: 'image/jpeg', width: 12_000, height: 12_000 });
    }
    for (const end of [0xd8, 0xd9, 0xda]) {
      expect(readImageHeader(bytesOf([0xff, 0xd8, 0xff, end], sof(10), Array(20).fill(0)))).toBeNull();
    }
  });

  it('is decided for any bytes without an error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom('', 'GIF89a', '\xff\xd8\xff', 'RIFF0000WEBPVP8X', '\0\0\0\x18ftypavif'),
        (rest, start) => {
          const header = readImageHeader(bytesOf(start, [...rest]));
          expect(header === null || (header.width > 0 && header.height > 0)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 2000 },
    );
  });
});
