// What a file is, by its bytes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { previewType, sniff } from '../../../src/core/transfer/sniff.ts';
import {
  box,
  bytesOf,
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
    ['audio/mpeg', bytesOf([0xff, 0xf3, 0x18])],
    ['audio/mpeg', bytesOf([0xff, 0xe2, 0xe0])],
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
    ['a sequence of AVIF pictures', isoFile('avis')],
    ['HEIC', isoFile('heic')],
    ['Matroska', bytesOf([0x1a, 0x45, 0xdf, 0xa3, 0x93, 0x42, 0x82, 0x88], 'matroska')],
    ['text in UTF-16', bytesOf([0xff, 0xfe, 0x3c, 0])],
    ['AAC in ADTS', bytesOf([0xff, 0xf1, 0x50, 0x80])],
    ['MPEG audio of a version that is reserved', bytesOf([0xff, 0xeb, 0x90])],
    ['MPEG audio of layer II', bytesOf([0xff, 0xfd, 0x90])],
    ['MPEG audio without a sync', bytesOf([0xfe, 0xfb, 0x90])],
    ['MPEG audio of any bit rate', bytesOf([0xff, 0xfb, 0x00])],
    ['MPEG audio of a bit rate that does not exist', bytesOf([0xff, 0xfb, 0xf0])],
    ['MPEG audio of a sampling rate that does not exist', bytesOf([0xff, 0xfb, 0x9c])],
    ['MPEG audio without its third byte', bytesOf([0xff, 0xfb])],
    ['EBML that does not say what it is', bytesOf([0x1a, 0x45, 0xdf, 0xa3, 0x9f], 'webm')],
    ['EBML that says so too late', bytesOf([0x1a, 0x45, 0xdf, 0xa3], Array(60).fill(0), [0x42, 0x82, 0x84], 'webm')],
    ['a web page with a picture’s name in it', bytesOf('....ftypavif'.replace('ftyp', 'type'))],
    ['a picture’s first bytes in the wrong place', bytesOf(' GIF89a')],
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

describe('a picture is shown', () => {
  test('as what it is, when it has no more than 64 megapixels', () => {
    expect(previewType(png(ihdr(10_000, 6_400)))).toBe('image/png');
    expect(previewType(png(ihdr(10_001, 6_400)))).toBeUndefined();
    expect(previewType(png(ihdr(0xffffffff, 0xffffffff)))).toBeUndefined();
    expect(previewType(gif(320, 200))).toBe('image/gif');
    expect(previewType(jpeg(jfif, frame(4000, 3000), scan))).toBe('image/jpeg');
    expect(previewType(webp(vp8x(0, 16_000, 3)))).toBe('image/webp');
    expect(previewType(isoFile('avif', box('meta', ispe(512, 512))))).toBe('image/avif');
  });

  test('not when it does not say how large it is', () => {
    expect(previewType(bytesOf('\x89PNG\r\n\x1a\n'))).toBeUndefined();
    expect(previewType(jpeg(jfif, scan))).toBeUndefined();
    expect(previewType(isoFile('avif'))).toBeUndefined();
  });

  test('whatever the bytes, without an error', () => {
    const starts = [png(ihdr(1, 1)), jpeg(jfif), gif(1, 1), webp(vp8x(0, 1, 1)), isoFile('avif', ispe(1, 1))];
    const start = fc.constantFrom(...starts.map((bytes) => bytes.subarray(0, 64)));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), fc.nat(64), (head, rest, cut) => {
        previewType(bytesOf(head.subarray(0, cut), rest));
      }),
      { seed: 20260103, numRuns: 3000 },
    );
  });
});
