// What QR codes say: by the browser's own BarcodeDetector where it knows them (Shape Detection API), else by the decoder that the
// page brings, in a worker.

/** The part of Worker that is used. */
export interface ReaderWorker {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Reply>) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: () => void): void;
  terminate(): void;
}

interface Reply {
  readonly id: number;
  readonly text: string | null;
}

interface Detector {
  detect(image: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** frame: another comes in a moment, so that a hasty look is enough. picture: the only one there is. */
export type Care = 'frame' | 'picture';

export class CodeReader {
  readonly #createWorker: () => ReaderWorker;
  readonly #pending = new Map<number, (text: string | null) => void>();
  #detector: Promise<Detector | null> | undefined;
  #worker: ReaderWorker | undefined;
  #lastId = 0;

  /** @param createWorker Makes workers/qr.worker.ts run. */
  constructor(createWorker: () => ReaderWorker) {
    this.#createWorker = createWorker;
  }

  /** The text of a code in the image, which is used up; null: none was found. Never rejects. */
  async read(image: ImageBitmap, care: Care): Promise<string | null> {
    this.#detector ??= systemDetector();
    const detector = await this.#detector;
    const found = detector === null ? null : await detect(detector, image);
    // One detector misses what the other finds; a frame is better looked at again than twice.
    if (found === null && (detector === null || care === 'picture')) return this.#ask(image, care);
    image.close();
    return found;
  }

  /** No worker stays while there is nothing to read. */
  rest(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const answer of this.#pending.values()) answer(null);
    this.#pending.clear();
  }

  #ask(image: ImageBitmap, care: Care): Promise<string | null> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      try {
        this.#worker ??= this.#start();
        this.#worker.postMessage({ id, image, care }, [image]);
      } catch {
        this.rest();
      }
    });
  }

  #start(): ReaderWorker {
    const worker = this.#createWorker();
    worker.addEventListener('message', ({ data: { id, text } }) => {
      this.#pending.get(id)?.(text);
      this.#pending.delete(id);
    });
    for (const type of ['error', 'messageerror'] as const) worker.addEventListener(type, () => this.rest());
    return worker;
  }
}

async function systemDetector(): Promise<Detector | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  try {
    const formats = (await BarcodeDetector?.getSupportedFormats()) ?? [];
    return BarcodeDetector && formats.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : null;
  } catch {
    return null;
  }
}

async function detect(detector: Detector, image: ImageBitmap): Promise<string | null> {
  const codes = await detector.detect(image).catch(() => []);
  return codes.find(({ rawValue }) => rawValue !== '')?.rawValue ?? null;
}
