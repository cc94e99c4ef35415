// A small picture that travels ahead of an image: at most 320 px and 32 KiB, re-encoded, so without EXIF or GPS.
import { MAX_THUMBNAIL_BYTES } from '../core/wire/limits.ts';
import { HEADER_BYTES, type ImageHeader, safeImageHeader } from './image-header.ts';

const THUMBNAIL_SIDE = 320;
/** Tried in turn until the bytes fit. */
const attempts = [
  { scale: 1, quality: 0.75 },
  { scale: 1, quality: 0.5 },
  { scale: 0.6, quality: 0.5 },
  { scale: 0.3, quality: 0.4 },
];

/** The header of a picture that is safe to decode here; null for everything else. */
export async function imageHeaderOf(file: Blob): Promise<ImageHeader | null> {
  return safeImageHeader(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
}

async function draw(bitmap: ImageBitmap, scale: number, quality: number): Promise<Blob> {
  const fit = Math.min(1, THUMBNAIL_SIDE / Math.max(bitmap.width, bitmap.height)) * scale;
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * fit)),
    Math.max(1, Math.round(bitmap.height * fit)),
  );
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d context');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  // WebP keeps transparency; a browser without a WebP encoder answers with PNG.
  return canvas.convertToBlob({ type: 'image/webp', quality });
}

/** Null when `file` is not a raster image, cannot be decoded, or does not fit. */
export async function makeThumbnail(file: Blob): Promise<Uint8Array<ArrayBuffer> | null> {
  if ((await imageHeaderOf(file)) === null) return null;
  const bitmap = await createImageBitmap(file);
  try {
    for (const { scale, quality } of attempts) {
      const blob = await draw(bitmap, scale, quality);
      if (blob.size <= MAX_THUMBNAIL_BYTES) return new Uint8Array(await blob.arrayBuffer());
    }
    return null;
  } finally {
    bitmap.close();
  }
}
