import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PIXELS, readImageHeader, safeImageHeader } from '../../../src/app/image-header.ts';
import { pieces } from '../../../src/app/rich-text.ts';

const bytesOf = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );

const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const png = (width: number, height: number) =>
  bytesOf([0x89], 'PNG\r\n', [0x1a, 0x0a], u32(13), 'IHDR', u32(width), u32(height), [8, 6, 0, 0, 0]);

describe('what is a picture', () => {
  it('is read from the bytes: PNG, GIF, JPEG after its EXIF, and the three kinds of WebP', () => {
    expect(readImageHeader(png(640, 480))).toEqual({ type: 'image/png', width: 640, height: 480 });
    const gif = bytesOf('GIF89a', [10, 0, 20, 0, 0, 0, 0], [0x2c, 0, 0, 0, 0, 10, 0, 20, 0, 0, 2, 0, 0x3b]);
    expect(readImageHeader(gif)).toEqual({ type: 'image/gif', width: 10, height: 20 });
    const exif = [0xff, 0xe1, 0x00, 0x06, 1, 2, 3, 4];
    const frame = [0xff, 0xc2, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80, 3, 0, 0, 0, 0, 0, 0];
    const jpeg = bytesOf([0xff, 0xd8], exif, frame);
    expect(readImageHeader(jpeg)).toEqual({ type: 'image/jpeg', width: 640, height: 480 });
    const webp = (kind: string, rest: readonly number[]) =>
      bytesOf('RIFF', [0, 0, 0, 0], 'WEBP', kind, rest, Array(12).fill(0));
    const extended = webp('VP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0]);
    expect(readImageHeader(extended)).toEqual({ type: 'image/webp', width: 640, height: 480 });
    const lossless = webp('VP8L', [0, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0x00]);
    expect(readImageHeader(lossless)).toEqual({ type: 'image/webp', width: 640, height: 480 });
    const lossy = webp('VP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
    expect(readImageHeader(lossy)).toEqual({ type: 'image/webp', width: 640, height: 480 });
  });

  it('is never SVG, HTML or a PDF, whatever they are called', () => {
    for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<!doctype html>', '%PDF-1.7', '']) {
      expect(readImageHeader(bytesOf(text))).toBeNull();
    }
  });

  it('is refused before decoding when it has too many pixels', () => {
    expect(safeImageHeader(png(8000, 8000))?.width).toBe(8000);
    expect(8000 * 8000).toBe(MAX_PIXELS);
    expect(safeImageHeader(png(8001, 8000))).toBeNull();
    expect(safeImageHeader(png(2 ** 31, 2 ** 31))).toBeNull();
  });

  it('is as large as its largest frame, when a GIF says that its screen is smaller', () => {
    const u16 = (value: number) => [value & 255, value >> 8];
    const comment = [0x21, 0xfe, 2, 0x2c, 0x2c, 0];
    const frame = (width: number, height: number) => [0x2c, ...u16(0), ...u16(0), ...u16(width), ...u16(height), 0, 2];
    const bomb = bytesOf(
      'GIF89a',
      [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255],
      comment,
      [...frame(20, 10), 1, 0x2c, 0],
      [...frame(10_000, 9_000), 1, 0, 0, 0x3b],
    );
    expect(readImageHeader(bomb)).toEqual({ type: 'image/gif', width: 10_000, height: 9_000 });
    expect(safeImageHeader(bomb)).toBeNull();
    const hidden = bytesOf('GIF89a', [1, 0, 1, 0, 0, 0, 0], [0x21, 0xfe, 255], Array(255).fill(1));
    expect(readImageHeader(hidden), 'no frame within the bytes that are looked at').toBeNull();
  });

  it('is not a JPEG whose small frame header only stands where a decoder does not look', () => {
    const frame = (side: number) => [0xff, 0xc0, 0, 17, 8, side >> 8, side & 255, side >> 8, side & 255, 3];
    const short = [0xff, 0xe1, 0x00, 0x04, 1, 2];
    // A marker without a length, followed by one that would be taken for it.
    for (const alone of [0x01, 0xd0, 0xd7]) {
      const jpeg = bytesOf([0xff, 0xd8, 0xff, alone], short, frame(12_000), Array(65_600).fill(0), frame(10));
      expect(readImageHeader(jpeg)).toEqual({ type: 'image/jpeg', width: 12_000, height: 12_000 });
    }
    for (const end of [0xd8, 0xd9, 0xda]) {
      expect(readImageHeader(bytesOf([0xff, 0xd8, 0xff, end], frame(10), Array(20).fill(0)))).toBeNull();
    }
  });

  it('is decided for any bytes without an error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom('', 'GIF89a', '\xff\xd8\xff', 'RIFF0000WEBPVP8X'),
        (rest, start) => {
          const header = readImageHeader(bytesOf(start, [...rest]));
          expect(header === null || (header.width > 0 && header.height > 0)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('links in a text', () => {
  const hrefs = (text: string) => pieces(text).flatMap(({ href }) => href ?? []);

  it('are web and mail addresses', () => {
    expect(hrefs('see https://example.org/a?b=c, example.com or ana@example.org.')).toEqual([
      'https://example.org/a?b=c',
      'http://example.com',
      'mailto:ana@example.org',
    ]);
  });

  it('are never scripts, data, files or protocol-relative', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      '//example.org/x',
      'ftp://example.org/x',
    ]) {
      expect(hrefs(text).filter((href) => !/^(https?|mailto):/.test(href))).toEqual([]);
    }
    expect(hrefs('javascript:alert(1) //example.org/x')).toEqual([]);
  });

  it('show what would reverse or hide a part of them', () => {
    expect(pieces('https://example.org/\u202egpj.exe \u202e https://example.org/a\u200bb')).toEqual([
      { text: 'https://example.org/%E2%80%AEgpj.exe', href: 'https://example.org/\u202egpj.exe' },
      { text: ' \u202e ', href: null },
      { text: 'https://example.org/a%E2%80%8Bb', href: 'https://example.org/a\u200bb' },
    ]);
  });

  it('keep every character of the text', () => {
    const parts = fc.array(
      fc.constantFrom('https://a.example/x', 'b@c.example', ' ', '<b>', '&amp;', '\n', 'é', '👍', '(', ')', '"'),
    );
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join('');
        expect(
          pieces(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
