// Making a gadget a mailbox as one screen sees it: what is being done, how far it is, and what came of it.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { GadgetOutcome, GadgetProgress, Workshop } from '../../core/ports/workshop.ts';
import type { Platform } from '../platform.ts';

export type GadgetTask = 'make' | 'unmake';

export type GadgetState =
  | { readonly at: 'idle' }
  /** The browser's list is open. */
  | { readonly at: 'choosing' }
  | { readonly at: 'working'; readonly progress: GadgetProgress }
  | { readonly at: 'over'; readonly outcome: GadgetOutcome };

/** Nothing has been said yet. */
const beginning: GadgetProgress = { step: 'connecting', share: 0 };

export class GadgetMaking {
  readonly #platform: Pick<Platform, 'radio'>;
  readonly #state = signal<GadgetState>({ at: 'idle' });
  readonly #task = signal<GadgetTask>('make');
  #workshop: Workshop | undefined;
  /** Of what is being done. */
  #controller: AbortController | undefined;
  #closed = false;

  constructor(platform: Pick<Platform, 'radio'>) {
    this.#platform = platform;
  }

  get state(): ReadonlySignal<GadgetState> {
    return this.#state;
  }
  /** What is being done, or was done last. */
  get task(): ReadonlySignal<GadgetTask> {
    return this.#task;
  }

  /** The screen opens: a click has to reach the browser's list with nothing to load in between. */
  async open(): Promise<void> {
    this.#closed = false;
    try {
      this.#workshop = await (await this.#platform.radio()).workshop();
    } catch {
      this.#state.value = { at: 'over', outcome: { ok: false, problem: 'program' } };
    }
  }

  /** Lets the person choose a gadget and does it; call it while their click is fresh. */
  async start(task: GadgetTask): Promise<void> {
    const workshop = this.#workshop;
    const { at } = this.#state.peek();
    if (workshop === undefined) {
      // By the time it has come the click is too old for the browser's list: they click once more.
      this.#state.value = { at: 'idle' };
      return this.open();
    }
    if (at === 'choosing' || at === 'working') return;
    const controller = new AbortController();
    this.#controller = controller;
    const say = (state: GadgetState): void => {
      if (this.#controller === controller && !this.#closed) this.#state.value = state;
    };
    batch(() => {
      this.#task.value = task;
      this.#state.value = { at: 'choosing' };
    });
    const outcome = await workshop[task]({
      signal: controller.signal,
      chosen: () => say({ at: 'working', progress: beginning }),
      progress: (progress) => say({ at: 'working', progress }),
    });
    say({ at: 'over', outcome });
  }

  /** The person has had enough of it. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** The screen is left: what is not finished is given up. */
  close(): void {
    this.#closed = true;
    this.#state.value = { at: 'idle' };
    this.cancel();
  }
}
