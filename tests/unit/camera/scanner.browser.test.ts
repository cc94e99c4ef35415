// The decoder that the page brings, in its worker, before pictures as cameras take them; and a camera's end.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openCamera } from '../../../src/adapters/camera/camera.ts';
import { CodeReader } from '../../../src/adapters/camera/code-reader.ts';
import { systemScanner } from '../../../src/adapters/camera/scanner.ts';
import { encodeCard, parseCard } from '../../../src/core/identity/card.ts';
import qrWorkerUrl from '../../../src/workers/qr.worker.ts?worker&url';
import { type Circumstances, photographed } from '../../fixtures/code-pictures.ts';

const card = {
  fingerprint: new Uint8Array(32).map((_, at) => at * 7),
  secret: new Uint8Array(16).map((_, at) => at * 13),
};
const text = encodeCard(card);
const scanner = systemScanner((url) => url);
const newWorker = () => new Worker(qrWorkerUrl, { type: 'module' });

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const circumstances: readonly [string, Circumstances][] = [
  ['straight', {}],
  ['blurred', { blur: 2.5 }],
  ['turned by 33 degrees', { turn: 33 }],
  ['upside down', { turn: 180 }],
  // A code that is looked at from 45 degrees at arm's length is so much shorter at its far edge.
  ['tilted away', { perspective: 0.18 }],
  ['tilted and turned', { perspective: 0.14, turn: 20 }],
  ['with dark and light turned round', { inverted: true }],
  ['turned round and blurred', { inverted: true, blur: 1.5 }],
  ['small, at 2.3 pixels to a square', { side: 160, share: 0.6 }],
  ['pale', { haze: 0.35 }],
  ['blurred, tilted and pale', { blur: 1.2, perspective: 0.12, turn: 8, haze: 0.2 }],
];

describe('a card is read', () => {
  test.each(circumstances)('from a frame: %s', async (_title, how) => {
    const reader = new CodeReader(newWorker);
    const image = (await photographed(text, how)).transferToImageBitmap();
    expect(parseCard((await reader.read(image, 'frame')) ?? '')).toEqual(card);
    reader.rest();
  });

  test.each(['image/png', 'image/jpeg', 'image/webp'])('from a file: %s', async (type) => {
    const file = await (await photographed(text, { side: 900, turn: 5 })).convertToBlob({ type, quality: 0.6 });
    expect(parseCard(await scanner.readPicture(file))).toEqual(card);
  });

  test('from a photo of twelve megapixels in which the code is small', async () => {
    const file = await (await photographed(text, { side: 3_400, share: 0.12 })).convertToBlob({ type: 'image/jpeg' });
    expect(parseCard(await scanner.readPicture(file))).toEqual(card);
  });

  test('from a drawing on nothing', async () => {
    const code = await photographed(text, { share: 1 });
    const context = code.getContext('2d');
    const pixels = context?.getImageData(0, 0, code.width, code.height);
    if (!context || !pixels) throw new Error('no canvas');
    for (let at = 0; at < pixels.data.length; at += 4) if ((pixels.data[at] ?? 0) > 128) pixels.data[at + 3] = 0;
    context.putImageData(pixels, 0, 0);
    expect(parseCard(await scanner.readPicture(await code.convertToBlob()))).toEqual(card);
  });
});

describe('what cannot be read', () => {
  test('a picture without a code', async () => {
    const empty = new OffscreenCanvas(300, 200);
    empty.getContext('2d')?.fillRect(50, 50, 200, 20);
    const file = await empty.convertToBlob();
    await expect(scanner.readPicture(file)).rejects.toMatchObject({ kind: 'picture-no-code' });
  });

  test('half of a code', async () => {
    const whole = await photographed(text, { share: 0.9 });
    const half = new OffscreenCanvas(whole.width / 2, whole.height);
    half.getContext('2d')?.drawImage(whole, 0, 0);
    await expect(scanner.readPicture(await half.convertToBlob())).rejects.toMatchObject({ kind: 'picture-no-code' });
  });

  test('what is no picture', async () => {
    await expect(scanner.readPicture(new Blob(['hello']))).rejects.toMatchObject({ kind: 'picture-unreadable' });
  });

  test('anything, when the worker does not start; the next time it is tried again', async () => {
    let broken = true;
    const reader = new CodeReader(() => (broken ? new Worker('/no-such.worker.js', { type: 'module' }) : newWorker()));
    expect(await reader.read((await photographed(text)).transferToImageBitmap(), 'frame')).toBeNull();
    broken = false;
    expect(await reader.read((await photographed(text)).transferToImageBitmap(), 'frame')).toBe(text.toUpperCase());
    reader.rest();
  });
});

describe('the browser’s own detector', () => {
  class Detector {
    static found: string[] = [];
    static getSupportedFormats = async () => ['qr_code', 'ean_13'];
    detect = async () => Detector.found.map((rawValue) => ({ rawValue }));
  }

  test('is asked first, and no worker starts for a frame', async () => {
    vi.stubGlobal('BarcodeDetector', Detector);
    Detector.found = ['from the system'];
    const reader = new CodeReader(() => expect.unreachable());
    expect(await reader.read((await photographed(text)).transferToImageBitmap(), 'frame')).toBe('from the system');
    Detector.found = [];
    expect(await reader.read((await photographed(text)).transferToImageBitmap(), 'frame')).toBeNull();
  });

  test('that finds nothing in a picture, or knows no QR codes, leaves it to ours', async () => {
    vi.stubGlobal('BarcodeDetector', Detector);
    const reader = new CodeReader(newWorker);
    expect(await reader.read((await photographed(text)).transferToImageBitmap(), 'picture')).toBe(text.toUpperCase());
    vi.spyOn(Detector, 'getSupportedFormats').mockResolvedValue(['ean_13']);
    const other = new CodeReader(newWorker);
    expect(await other.read((await photographed(text)).transferToImageBitmap(), 'frame')).toBe(text.toUpperCase());
    for (const one of [reader, other]) one.rest();
  });
});

describe('a camera', () => {
  /** A camera that films a canvas. */
  function film(canvas: HTMLCanvasElement): MediaStream {
    const stream = canvas.captureStream(10);
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockResolvedValue(stream);
    return stream;
  }

  test('tells what comes into view, until it is closed, and then it is off', async () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 640 });
    const context = canvas.getContext('2d');
    const stream = film(canvas);
    const camera = await openCamera(new CodeReader(newWorker));
    const video = document.createElement('video');
    Object.assign(video, { muted: true, srcObject: stream });
    document.body.append(video);
    void video.play();
    const seen = new Promise<string>((resolve) => camera.watch(video, resolve));
    const code = await photographed(text);
    const drawing = setInterval(() => context?.drawImage(code, 0, 0), 50);
    expect(parseCard(await seen)).toEqual(card);
    clearInterval(drawing);
    camera.close();
    expect(stream.getTracks().map(({ readyState }) => readyState)).toEqual(['ended']);
    expect(camera.torch).toBeNull();
    video.remove();
  });

  test.each([
    ['NotAllowedError', 'camera-refused'],
    ['SecurityError', 'camera-refused'],
    ['NotFoundError', 'camera-none'],
    ['OverconstrainedError', 'camera-none'],
    ['NotReadableError', 'camera-busy'],
    ['AbortError', 'camera-busy'],
  ])('that fails with %s is %s', async (name, kind) => {
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(new DOMException('', name));
    await expect(scanner.openCamera()).rejects.toMatchObject({ kind });
  });

  test('is not there on a page that did not come over HTTPS', async () => {
    vi.spyOn(navigator, 'mediaDevices', 'get').mockReturnValue(undefined as unknown as MediaDevices);
    expect(await scanner.hasCamera()).toBe(false);
    await expect(scanner.openCamera()).rejects.toMatchObject({ kind: 'camera-none' });
    vi.stubGlobal('isSecureContext', false);
    await expect(scanner.openCamera()).rejects.toMatchObject({ kind: 'camera-insecure' });
  });

  test('ends when the page is hidden, and tells', async () => {
    const stream = film(document.createElement('canvas'));
    const camera = await openCamera(new CodeReader(newWorker));
    const ended = vi.fn();
    camera.onEnd(ended);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(ended).not.toHaveBeenCalled();
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(ended).toHaveBeenCalledTimes(1);
    expect(stream.getTracks().map(({ readyState }) => readyState)).toEqual(['ended']);
  });
});
