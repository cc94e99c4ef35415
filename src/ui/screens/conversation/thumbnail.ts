// A sender's thumbnail as an object URL while it is on screen. A stranger's bytes: shown only when their header says
// they are a small raster image.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readImageHeader } from '../../../app/image-header.ts';
import { useApp } from '../../context.ts';

export interface ShownThumbnail {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels per side a thumbnail may have; ours have 320. */
const MAX_SIDE = 1024;

export function useThumbnail(bytes: Uint8Array | null): ShownThumbnail | null {
  const { platform } = useApp();
  const shown = useSignal<ShownThumbnail | null>(null);
  useEffect(() => {
    const header = bytes === null ? null : readImageHeader(bytes);
    if (bytes === null || header === null || header.width > MAX_SIDE || header.height > MAX_SIDE) return;
    const url = platform.objectUrl(new Blob([new Uint8Array(bytes)], { type: header.type }));
    shown.value = { url, width: header.width, height: header.height };
    return () => {
      shown.value = null;
      platform.revokeUrl(url);
    };
  }, [bytes?.length]);
  return shown.value;
}
