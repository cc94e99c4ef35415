// Photos lose what they know about their taking, and nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutMetadata } from '../../../src/core/transfer/metadata.ts';
import {
  adobe,
  bytesOf,
  chunk,
  comment,
  EOI,
  exif,
  frame,
  icc,
  ihdr,
  iptc,
  jfif,
  jpeg,
  multiPicture,
  orientationOnly,
  png,
  riffChunk,
  SOI,
  scan,
  segment,
  tables,
  vp8x,
  webp,
  xmp,
} from './images.ts';
import { fail, sourceThat } from './sources.ts';

const strip = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await (await withoutMetadata(new Blob([bytes], { type: 'image/x' }))).arrayBuffer());

const picture = [tables, frame(640, 480), scan];

async function isTheSame(bytes: Uint8Array<ArrayBuffer>) {
  const file = new Blob([bytes]);
  return (await withoutMetadata(file)) === file;
}

describe('a JPEG', () => {
  test('loses Exif with its GPS, XMP, IPTC, comments, thumbnails and second pictures; all else stays as it was', async () => {
    const jfxx = segment(0xe0, 'JFXX\0', [0x10], 'thumbnail');
    const full = jpeg(jfif, exif(1), xmp, jfxx, icc, multiPicture, iptc, adobe, comment, ...picture);
    expect(await strip(full)).toEqual(jpeg(jfif, icc, adobe, ...picture));
  });

  for (const little of [false, true]) {
    test(`keeps its orientation, from ${little ? 'little' : 'big'}-endian Exif, and of Exif only that`, async () => {
      const stripped = await strip(jpeg(jfif, exif(6, little), ...picture));
      expect(stripped).toEqual(jpeg(jfif, orientationOnly(6), ...picture));
      expect(await strip(jpeg(exif(8, little), ...picture))).toEqual(jpeg(orientationOnly(8), ...picture));
      expect(new TextDecoder('latin1').decode(stripped)).not.toContain('Home');
    });
  }

  test('loses what stands between its scans and behind its end', async () => {
    const two = bytesOf(SOI, tables, frame(1, 1), scan, comment, xmp, scan, EOI);
    const clean = bytesOf(SOI, tables, frame(1, 1), scan, scan, EOI);
    expect(await strip(bytesOf(two, 'a film with its place'))).toEqual(clean);
  });

  test('keeps what belongs to no application, and what stands alone; of applications only what decides the look', async () => {
    const alone = [bytesOf([0xff, 0x01]), bytesOf([0xff, 0xd0]), segment(0xf7, 'lossless')];
    const others = [segment(0xee, 'Other'), segment(0xed, 'Adobe elsewhere'), segment(0xef, 'Adobe'), segment(0xfe)];
    const shortest = [segment(0xe0, 'JFIF\0'), segment(0xee, 'Adobe')];
    expect(await strip(jpeg(...shortest, ...alone, ...others, ...picture))).toEqual(
      jpeg(...shortest, ...alone, ...picture),
    );
  });

  test('loses what stands behind its end also where that is all', async () => {
    expect(await strip(bytesOf(jpeg(jfif, ...picture), 'a film'))).toEqual(jpeg(jfif, ...picture));
  });

  test('has one orientation when it had it alone already, and one of another Exif behind other words of APP1', async () => {
    expect(await strip(jpeg(jfif, orientationOnly(6), comment, ...picture))).toEqual(
      jpeg(jfif, orientationOnly(6), ...picture),
    );
    expect(await strip(jpeg(jfif, xmp, exif(2), ...picture))).toEqual(jpeg(jfif, orientationOnly(2), ...picture));
    expect(await strip(bytesOf(SOI, exif(6)))).toEqual(bytesOf(SOI, orientationOnly(6)));
  });

  test('has none that means nothing, or that stands behind the last entry', async () => {
    const entry = (tag: number, value: number) => [1, tag, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
    const behind = segment(0xe1, 'Exif\0\0MM\0*', [0, 0, 0, 8, 0, 1], entry(0x0f, 6), entry(0x12, 6));
    for (const metadata of [exif(0), exif(1), exif(9), behind])
      expect(await strip(jpeg(metadata, ...picture))).toEqual(jpeg(...picture));
  });

  test('a restart of any number belongs to its scan', async () => {
    const restarts = bytesOf(scan, ...[0xd1, 0xd6, 0xd7].map((marker) => [0xff, marker, 7]));
    expect(await strip(bytesOf(SOI, tables, restarts, comment, EOI))).toEqual(bytesOf(SOI, tables, restarts, EOI));
  });

  test('cut short in a marker it ends with the segment before', async () => {
    expect(await strip(bytesOf(SOI, tables, [0xff, 0xff]))).toEqual(bytesOf(SOI, tables));
  });

  test('without metadata it is the very same file', async () => {
    expect(await isTheSame(jpeg(jfif, icc, adobe, ...picture))).toBe(true);
    expect(await isTheSame(jpeg(jfif, orientationOnly(3), ...picture))).toBe(true);
    expect(await isTheSame(jpeg(...picture))).toBe(true);
  });

  test('stripped twice it is as stripped once', async () => {
    for (const orientation of [0, 1, 6, 9]) {
      const once = await strip(jpeg(jfif, exif(orientation), comment, ...picture));
      expect(await isTheSame(once)).toBe(true);
    }
  });

  test('cut short in its scan it loses its metadata all the same', async () => {
    const cut = bytesOf(SOI, exif(1), tables, frame(1, 1), scan);
    expect(await strip(cut)).toEqual(bytesOf(SOI, tables, frame(1, 1), scan));
  });

  test('an Exif that cannot be read is dropped whole', async () => {
    const broken = segment(0xe1, 'Exif\0\0', 'MM\0*', [0xff, 0xff, 0xff, 0xff]);
    expect(await strip(jpeg(broken, ...picture))).toEqual(jpeg(...picture));
  });

  test('whose structure cannot be followed is not sent as a photo: file-unreadable', async () => {
    for (const broken of [
      bytesOf(SOI, [0xff, 0xe1, 0, 1], 'no length'),
      bytesOf(SOI, exif(1), 'not a marker', EOI),
      bytesOf(SOI, SOI, exif(1), EOI),
    ])
      await expect(strip(broken)).rejects.toMatchObject({ kind: 'file-unreadable' });
  });
});

describe('a PNG', () => {
  const data = chunk('IDAT', 'pixels');

  test('loses Exif, texts, time, unknown chunks and what stands behind its end', async () => {
    const full = png(
      ihdr(4, 4),
      chunk('eXIf', 'MM GPS'),
      chunk('iCCP', 'profile'),
      chunk('tEXt', 'Author\0me'),
      chunk('iTXt', 'XML:com.adobe.xmp'),
      chunk('zTXt', 'x'),
      chunk('tIME', 'now'),
      chunk('caBX', 'claims'),
      chunk('tRNS', [0]),
      data,
    );
    expect(await strip(bytesOf(full, 'trailer'))).toEqual(
      png(ihdr(4, 4), chunk('iCCP', 'profile'), chunk('tRNS', [0]), data),
    );
  });

  test('loses a text, or what stands behind its end, also where that is all', async () => {
    const clean = png(ihdr(4, 4), data);
    expect(await strip(png(ihdr(4, 4), chunk('tEXt', 'Author\0me'), data))).toEqual(clean);
    expect(await strip(bytesOf(clean, chunk('IDAT', 'more')))).toEqual(clean);
  });

  test('cut short between two chunks it is the very same file', async () => {
    expect(await isTheSame(png(ihdr(4, 4), data).slice(0, -12))).toBe(true);
  });

  test('without metadata it is the very same file, animation included', async () => {
    expect(await isTheSame(png(ihdr(4, 4), chunk('acTL', 'x'), chunk('fcTL', 'x'), data, chunk('fdAT', 'y')))).toBe(
      true,
    );
  });

  test('whose structure cannot be followed is not sent as a photo: file-unreadable', async () => {
    for (const type of ['\0\0\0\0', '1DAT', 'IDA1']) {
      const broken = bytesOf(png(ihdr(4, 4)).slice(0, -12), chunk(type, 'x'));
      await expect(strip(broken)).rejects.toMatchObject({ kind: 'file-unreadable' });
    }
  });
});

describe('a WebP', () => {
  test('loses EXIF, XMP and unknown chunks; its flags and length are set right', async () => {
    const full = webp(
      vp8x(0x3c, 9, 9),
      riffChunk('ICCP', 'profile'),
      riffChunk('VP8L', 'odd'),
      riffChunk('EXIF', 'GPS'),
      riffChunk('XMP ', '<x/>'),
      riffChunk('MINE', 'unknown'),
    );
    const clean = webp(vp8x(0x30, 9, 9), riffChunk('ICCP', 'profile'), riffChunk('VP8L', 'odd'));
    expect(await strip(bytesOf(full, 'trailer'))).toEqual(clean);
  });

  test('loses an unknown chunk, or what stands behind its end, also where that is all', async () => {
    const clean = webp(riffChunk('VP8L', 'data'));
    expect(await strip(webp(riffChunk('VP8L', 'data'), riffChunk('MINE', 'unknown')))).toEqual(clean);
    expect(await strip(bytesOf(clean, 'trailer'))).toEqual(clean);
  });

  test('without metadata it is the very same file', async () => {
    expect(await isTheSame(webp(riffChunk('VP8 ', '\x0f\x0c', Array(20).fill(0xff))))).toBe(true);
    expect(await isTheSame(webp(vp8x(0x10, 9, 9), riffChunk('VP8L', 'data')))).toBe(true);
  });
});

describe('any file', () => {
  test('that is no such image is the very same file', async () => {
    for (const other of [
      '',
      'GIF89a with a comment',
      '%PDF-1.7',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'PK\x03\x04',
    ])
      expect(await isTheSame(bytesOf(other))).toBe(true);
  });

  test('keeps its declared type', async () => {
    const file = new Blob([jpeg(exif(1), ...picture)], { type: 'image/jpeg' });
    expect((await withoutMetadata(file)).type).toBe('image/jpeg');
  });

  test('that cannot be read says so', async () => {
    const gone = sourceThat(jpeg(exif(1), ...picture), () => fail('NotFoundError'));
    await expect(withoutMetadata(gone)).rejects.toMatchObject({ kind: 'file-unreadable' });
  });

  test('however it is mangled: an answer or file-unreadable, never another error', async () => {
    const originals = [
      jpeg(jfif, exif(6), comment, xmp, ...picture),
      png(ihdr(4, 4), chunk('tEXt', 'Home'), chunk('IDAT', 'x')),
      webp(vp8x(0x0c, 9, 9), riffChunk('VP8L', 'odd'), riffChunk('EXIF', 'Home')),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
        fc.nat(400),
        async (original, changes, cut) => {
          const mangled = original.slice(0, Math.max(12, original.length - cut));
          for (const [at, value] of changes) if (at < mangled.length && at > 11) mangled[at] = value;
          const answer = await strip(mangled).catch((error: { kind?: string }) => error.kind);
          expect(answer instanceof Uint8Array || answer === 'file-unreadable').toBe(true);
        },
      ),
      { seed: 20260102, numRuns: 2000 },
    );
  });
});
