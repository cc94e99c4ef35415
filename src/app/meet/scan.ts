// Scanning a code: the camera while it is on, or one picture; what was read goes to whoever asked, who may not like it.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { type ErrorKind, errorKinds } from '../../core/errors.ts';
import type { Camera, Scanner } from '../../core/ports/scanner.ts';
import type { PairError } from '../pairing.ts';
import type { Platform } from '../platform.ts';

export type ScanState = 'off' | 'opening' | 'looking' | 'reading';

/** Whoever wants to know what a code says. */
export interface Reading {
  /** Another attempt begins: what was said of the last one goes. */
  begun(): void;
  /** Takes what was read. null: that was it. Else why not; the camera goes on looking. */
  take(text: string): Promise<PairError | null>;
}

const problem = (error: unknown): PairError => {
  const { kind } = (error ?? {}) as { kind?: unknown };
  const known: ErrorKind | undefined = errorKinds.find((one) => one === kind);
  return { kind: known ?? 'internal', detail: {} };
};

export class Scan {
  readonly #platform: Pick<Platform, 'scanner' | 'imageSize'>;
  readonly #reading: Reading;
  readonly #state = signal<ScanState>('off');
  readonly #camera = signal<Camera | null>(null);
  readonly #lit = signal(false);
  readonly #error = signal<PairError | null>(null);
  readonly #hasCamera = signal<boolean | null>(null);
  /** What was read last: the same code stays in view for a while. */
  #seen = '';
  /** Rises whenever what was begun before means nothing any more. */
  #turn = 0;

  constructor(platform: Pick<Platform, 'scanner' | 'imageSize'>, reading: Reading) {
    this.#platform = platform;
    this.#reading = reading;
  }

  get state(): ReadonlySignal<ScanState> {
    return this.#state;
  }
  /** The camera that is on. */
  get camera(): ReadonlySignal<Camera | null> {
    return this.#camera;
  }
  /** Its light is on. */
  get lit(): ReadonlySignal<boolean> {
    return this.#lit;
  }
  get error(): ReadonlySignal<PairError | null> {
    return this.#error;
  }
  /** null until the browser has said. */
  get hasCamera(): ReadonlySignal<boolean | null> {
    return this.#hasCamera;
  }

  async look(): Promise<void> {
    this.#hasCamera.value = await this.#platform.scanner().then(
      (scanner) => scanner.hasCamera(),
      () => false,
    );
  }

  /** Turns the camera on. The alert of the time before goes first. */
  async start(): Promise<void> {
    const turn = this.#begin('opening');
    const camera = await this.#attempt(turn, (scanner) => scanner.openCamera());
    if (camera === null) return;
    // Called off while the browser asked.
    if (turn !== this.#turn) return camera.close();
    camera.onEnd(() => this.stop());
    batch(() => {
      this.#camera.value = camera;
      this.#state.value = 'looking';
    });
  }

  /** The camera is shown in this element from now on. */
  shown(video: object): void {
    const turn = this.#turn;
    this.#camera.peek()?.watch(video, (text) => {
      if (turn !== this.#turn || text === this.#seen) return;
      this.#seen = text;
      void this.#take(turn, text);
    });
  }

  /** Turns the camera off, or calls off what is being opened or read. What was said of it stays. */
  stop(): void {
    this.#turn += 1;
    this.#camera.peek()?.close();
    batch(() => {
      this.#camera.value = null;
      this.#state.value = 'off';
      this.#lit.value = false;
    });
  }

  async light(on: boolean): Promise<void> {
    const camera = this.#camera.peek();
    const turned = (await camera?.torch?.(on)) ?? false;
    if (turned && camera === this.#camera.peek()) this.#lit.value = on;
  }

  /** Reads a picture that was chosen, pasted or dropped. */
  async picture(picture: Blob): Promise<void> {
    const turn = this.#begin('reading');
    // Nothing is decoded that would take the whole memory.
    const safe = (await this.#platform.imageSize(picture).catch(() => null)) !== null;
    const text = safe
      ? await this.#attempt(turn, (scanner) => scanner.readPicture(picture))
      : this.#failed(turn, { kind: 'picture-unreadable', detail: {} });
    if (text === null || turn !== this.#turn) return;
    await this.#take(turn, text);
    if (turn === this.#turn) this.#state.value = 'off';
  }

  /** A text that was pasted beside the fields. */
  async text(text: string): Promise<void> {
    const turn = this.#begin('reading');
    await this.#take(turn, text);
    if (turn === this.#turn) this.#state.value = 'off';
  }

  async #take(turn: number, text: string): Promise<void> {
    const refused = await this.#reading.take(text);
    if (turn !== this.#turn) return;
    this.#error.value = refused;
    if (refused === null) this.stop();
  }

  #begin(state: ScanState): number {
    this.stop();
    this.#reading.begun();
    this.#seen = '';
    batch(() => {
      this.#error.value = null;
      this.#state.value = state;
    });
    return this.#turn;
  }

  async #attempt<T>(turn: number, work: (scanner: Scanner) => Promise<T>): Promise<T | null> {
    try {
      return await work(await this.#platform.scanner());
    } catch (error) {
      return this.#failed(turn, problem(error));
    }
  }

  #failed(turn: number, error: PairError): null {
    if (turn === this.#turn)
      batch(() => {
        this.#error.value = error;
        this.#state.value = 'off';
      });
    return null;
  }
}
