// A real photo, made and decoded by Chromium: without its metadata it looks exactly as before.
import { expect, test } from 'vitest';
import { withoutMetadata } from '../../../src/core/transfer/metadata.ts';
import { previewType } from '../../../src/core/transfer/sniff.ts';
import { bytesOf, comment, exif, SOI, xmp } from './images.ts';

async function photo(type: string): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(64, 32);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  for (let x = 0; x < 64; x += 4) {
    context.fillStyle = `hsl(${x * 5} 80% 50%)`;
    context.fillRect(x, 0, 4, 32 - x / 4);
  }
  return new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.9 })).arrayBuffer());
}

async function pixelsOf(file: Blob): Promise<{ width: number; height: number; data: Uint8ClampedArray }> {
  const bitmap = await createImageBitmap(file);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext(
    '2d',
  ) as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width, height, data };
}

test('a turned JPEG with GPS: the same pixels, still turned, without the place', async () => {
  const plain = await photo('image/jpeg');
  const withPlace = bytesOf(SOI, exif(6), xmp, comment, plain.subarray(2));
  const file = new Blob([withPlace], { type: 'image/jpeg' });
  const clean = await withoutMetadata(file);
  expect(clean.size).toBeLessThan(file.size);
  expect(new TextDecoder('latin1').decode(await clean.arrayBuffer())).not.toMatch(/Home|secret/);
  const [before, after] = [await pixelsOf(file), await pixelsOf(clean)];
  expect([after.width, after.height]).toEqual([32, 64]);
  expect(after).toEqual(before);
});

for (const type of ['image/jpeg', 'image/png', 'image/webp'])
  test(`an ${type} that Chromium itself wrote goes as it is, or looks the same`, async () => {
    const file = new Blob([await photo(type)], { type });
    const clean = await withoutMetadata(file);
    expect(await pixelsOf(clean)).toEqual(await pixelsOf(file));
    expect(previewType(new Uint8Array(await clean.arrayBuffer()))).toBe(type);
  });
