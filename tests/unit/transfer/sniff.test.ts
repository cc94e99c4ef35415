// What a file is, by its bytes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageDimensions } from '../../../src/core/transfer/dimensions.ts';
import { MAX_PREVIEW_PIXELS, previewType, sniff } from '../../../src/core/transfer/sniff.ts';
import {
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
} from './images.ts';

describe('sniffing', () => {
  const known: [string, Uint8Array][] = [
    ['image/png', png(ihdr(1, 1))],
    ['image/jpeg', jpeg(jfif)],
    ['image/gif', gif(1, 1)],
    ['image/gif', bytesOf('GIF87a')],
    ['image/webp', webp(vp8x(0, 1, 1))],
    ['image/webp', webp(riffChunk('VP8 ', 'x'))],
    ['image/avif', isoFile('avif')],
    ['video/mp4', isoFile('isom')],
    ['video/mp4', isoFile('mp42')],
    ['audio/mp4', isoFile('M4A ')],
    ['video/webm', bytesOf([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x84], 'webm')],
    ['audio/mpeg', bytesOf('ID3\x04')],
    ['audio/mpeg', bytesOf([0xff, 0xfb, 0x90, 0x44])],
    ['audio/ogg', bytesOf('OggS\0\x02')],
    ['audio/wav', bytesOf('RIFF', [0, 0, 0, 0], 'WAVEfmt ')],
  ];

  for (const [type, bytes] of known)
    test(`knows ${type} by ${[...bytes.subarray(0, 12)].map((byte) => byte.toString(16)).join(' ')}`, () => {
      expect(sniff(bytes)).toBe(type);
    });

  const never: [string, Uint8Array][] = [
    ['an SVG', bytesOf('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['an SVG behind an XML declaration', bytesOf('<?xml version="1.0"?><svg/>')],
    ['a web page', bytesOf('<!doctype html><script>alert(1)</script>')],
    ['a PDF', bytesOf('%PDF-1.7')],
    ['a zip or office document', bytesOf('PK\x03\x04')],
    ['QuickTime', isoFile('qt  ')],
    ['HEIC', isoFile('heic')],
    ['Matroska', bytesOf([0x1a, 0x45, 0xdf, 0xa3, 0x93, 0x42, 0x82, 0x88], 'matroska')],
    ['text in UTF-16', bytesOf([0xff, 0xfe, 0x3c, 0])],
    ['AAC in ADTS', bytesOf([0xff, 0xf1, 0x50, 0x80])],
    ['a RIFF of another kind', bytesOf('RIFF', [0, 0, 0, 0], 'AVI LIST')],
    ['nothing', bytesOf()],
  ];

  for (const [name, bytes] of never)
    test(`${name} is never shown`, () => {
      expect(sniff(bytes)).toBeUndefined();
      expect(previewType(bytes)).toBeUndefined();
    });

  test('what a file is called does not matter: a web page with a picture’s first bytes is only a picture', () => {
    expect(sniff(bytesOf('GIF89a<script>alert(1)</script>'))).toBe('image/gif');
  });
});

describe('dimensions', () => {
  const bigExif = segment(0xe1, 'Exif\0\0', Array(60_000).fill(7));
  const images: [string, Uint8Array, string, number, number][] = [
    ['PNG', png(ihdr(640, 480)), 'image/png', 640, 480],
    ['GIF', gif(320, 200), 'image/gif', 320, 200],
    ['JPEG', jpeg(jfif, exif(1), tables, frame(4000, 3000), scan), 'image/jpeg', 4000, 3000],
    ['JPEG behind much metadata', jpeg(bigExif, bigExif, frame(7, 9)), 'image/jpeg', 7, 9],
    ['WebP, extended', webp(vp8x(0, 16_000, 3)), 'image/webp', 16_000, 3],
    ['WebP, lossy', webp(riffChunk('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0])), 'image/webp', 320, 240],
    ['WebP, lossless', webp(riffChunk('VP8L', [0x2f, 0x3f, 0xc1, 0x3b, 0])), 'image/webp', 320, 240],
    ['AVIF with tiles', isoFile('avif', ispe(512, 512), ispe(3000, 2000), ispe(512, 512)), 'image/avif', 3000, 2000],
  ];

  for (const [name, bytes, type, width, height] of images)
    test(`of a ${name}`, () => {
      expect(imageDimensions(bytes, type)).toEqual({ width, height });
      expect(previewType(bytes)).toBe(type);
    });

  test('an image of more than 50 megapixels is not decoded', () => {
    expect(previewType(png(ihdr(10_000, MAX_PREVIEW_PIXELS / 10_000)))).toBe('image/png');
    expect(previewType(png(ihdr(10_001, MAX_PREVIEW_PIXELS / 10_000)))).toBeUndefined();
    expect(previewType(png(ihdr(0xffffffff, 0xffffffff)))).toBeUndefined();
  });

  test('an image that does not say how large it is is not decoded', () => {
    expect(previewType(bytesOf('\x89PNG\r\n\x1a\n'))).toBeUndefined();
    expect(previewType(jpeg(jfif, scan))).toBeUndefined();
    expect(previewType(isoFile('avif'))).toBeUndefined();
  });

  test('no bytes make it throw', () => {
    const start = fc.constantFrom(...images.map(([, bytes]) => bytes.subarray(0, 64)));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), fc.nat(64), (head, rest, cut) => {
        previewType(bytesOf(head.subarray(0, cut), rest));
      }),
      { seed: 20260103, numRuns: 3000 },
    );
  });
});
