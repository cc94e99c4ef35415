// Scanner over a browser: a camera where there is one, and pictures in any case. Loaded when somebody is about to be added.
import { KithError } from '../../core/errors.ts';
import type { Scanner } from '../../core/ports/scanner.ts';
import qrWorkerUrl from '../../workers/qr.worker.ts?worker&url';
import { openCamera, sizeWithin } from './camera.ts';
import { CodeReader } from './code-reader.ts';

/** Pixels to the longer side of a picture that is read: finer squares than these no camera has seen. */
const MAX_SIDE = 2_048;

/** `trusted` turns the address of our own script into what the page's Trusted Types policy lets through. */
export function systemScanner(trusted: (url: string) => string): Scanner {
  const newReader = () => new CodeReader(() => new Worker(trusted(qrWorkerUrl), { type: 'module', name: 'kith-qr' }));
  return {
    hasCamera,
    openCamera: () => openCamera(newReader()),
    async readPicture(picture) {
      const reader = newReader();
      try {
        const text = await reader.read(await decoded(picture), 'picture');
        if (text === null) throw new KithError('picture-no-code');
        return text;
      } finally {
        reader.rest();
      }
    },
  };
}

async function hasCamera(): Promise<boolean> {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return devices.some(({ kind }) => kind === 'videoinput');
}

/** @throws KithError 'picture-unreadable' */
async function decoded(picture: Blob): Promise<ImageBitmap> {
  try {
    const whole = await createImageBitmap(picture);
    const options = sizeWithin(whole.width, whole.height, MAX_SIDE);
    if (options.resizeWidth === undefined) return whole;
    const small = await createImageBitmap(whole, options);
    whole.close();
    return small;
  } catch (cause) {
    throw new KithError('picture-unreadable', {}, { cause });
  }
}
