// Reads QR codes off the thread that draws: takes { id, image, care }, answers { id, text }; null: no code was found.
import decodeQR from 'qr/decode.js';

declare const self: DedicatedWorkerGlobalScope;

interface Request {
  readonly id: number;
  readonly image: ImageBitmap;
  /** frame: another one comes in a moment. picture: the only one there is. */
  readonly care: 'frame' | 'picture';
}

/** Milliseconds for second tries. */
const patience = { frame: 60, picture: 3_000 } as const;
/** The decoder's tier of effort, 1 the least. */
const effort = { frame: 2, picture: 8 } as const;

let canvas: OffscreenCanvas | undefined;

self.addEventListener('message', ({ data: { id, image, care } }: MessageEvent<Request>) => {
  self.postMessage({ id, text: read(image, care) });
});

function read(image: ImageBitmap, care: Request['care']): string | null {
  const { width, height } = image;
  try {
    canvas ??= new OffscreenCanvas(width, height);
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) return null;
    // What is clear in a picture is paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return decodeQR({ width, height, data }, { effort: effort[care], timeLimit: patience[care] });
  } catch {
    return null;
  } finally {
    image.close();
  }
}
