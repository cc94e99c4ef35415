// A camera by getUserMedia (W3C Media Capture and Streams), on until it is closed, taken away, or the page is hidden.
import { type ErrorKind, KithError } from '../../core/errors.ts';
import type { Camera } from '../../core/ports/scanner.ts';
import type { CodeReader } from './code-reader.ts';

/** Pixels to the longer side of what is read: a code that fills a third of it has 8 pixels a square. More is only slower. */
const MAX_SIDE = 1_024;
/** Between two looks, milliseconds: a phone stays cool, and nobody notices. */
const PAUSE_MS = 80;

/** Why getUserMedia failed, by the name of its DOMException. */
const reasons: Readonly<Record<string, ErrorKind>> = {
  NotAllowedError: 'camera-refused',
  SecurityError: 'camera-refused',
  NotFoundError: 'camera-none',
  OverconstrainedError: 'camera-none',
  NotReadableError: 'camera-busy',
  AbortError: 'camera-busy',
};

/** Not in every library of types: W3C MediaStream Image Capture, "torch". */
interface TorchCapability {
  readonly torch?: boolean;
}
type TorchConstraint = MediaTrackConstraintSet & { torch: boolean };

/** @throws KithError 'camera-…' */
export async function openCamera(reader: CodeReader): Promise<Camera> {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices?.getUserMedia === undefined) throw new KithError(isSecureContext ? 'camera-none' : 'camera-insecure');
  const video = { facingMode: 'environment', width: { ideal: 1_280 }, height: { ideal: 720 } };
  const stream = await devices.getUserMedia({ video, audio: false }).catch((cause: unknown) => {
    const name = cause instanceof Error ? cause.name : '';
    throw new KithError(reasons[name] ?? 'camera-busy', {}, { cause });
  });
  return new OpenCamera(stream, reader);
}

class OpenCamera implements Camera {
  readonly torch: Camera['torch'];
  readonly #reader: CodeReader;
  readonly #closed = new AbortController();
  #ended: () => void = () => undefined;

  constructor(
    readonly stream: MediaStream,
    reader: CodeReader,
  ) {
    this.#reader = reader;
    const [track] = stream.getVideoTracks();
    this.torch = torchOf(track);
    const { signal } = this.#closed;
    const end = () => this.#end();
    track?.addEventListener('ended', end, { signal });
    document.addEventListener('visibilitychange', () => document.hidden && end(), { signal });
    addEventListener('pagehide', end, { signal });
  }

  watch(video: HTMLVideoElement, onText: (text: string) => void): void {
    void this.#look(video, onText);
  }

  onEnd(listener: () => void): void {
    this.#ended = listener;
  }

  close(): void {
    this.#closed.abort();
    for (const track of this.stream.getTracks()) track.stop();
    this.#reader.rest();
  }

  #end(): void {
    this.close();
    this.#ended();
  }

  async #look(video: HTMLVideoElement, onText: (text: string) => void): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const frame = await frameOf(video);
      const text = frame === null ? null : await this.#reader.read(frame, 'frame');
      if (text !== null && !this.#closed.signal.aborted) onText(text);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** null while there is nothing to see yet. */
async function frameOf(video: HTMLVideoElement): Promise<ImageBitmap | null> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0 || video.readyState < video.HAVE_CURRENT_DATA) return null;
  return createImageBitmap(video, sizeWithin(width, height, MAX_SIDE)).catch(() => null);
}

/** Options that make an image no larger than `side`. */
export function sizeWithin(width: number, height: number, side: number): ImageBitmapOptions {
  const scale = Math.min(1, side / Math.max(width, height));
  if (scale === 1) return {};
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return { resizeWidth: scaled(width), resizeHeight: scaled(height), resizeQuality: 'medium' };
}

function torchOf(track: MediaStreamTrack | undefined): Camera['torch'] {
  // Firefox tells no capabilities.
  const capabilities = track?.getCapabilities?.() as TorchCapability | undefined;
  if (track === undefined || capabilities?.torch !== true) return null;
  return (on) =>
    track.applyConstraints({ advanced: [{ torch: on } as TorchConstraint] }).then(
      () => true,
      () => false,
    );
}
