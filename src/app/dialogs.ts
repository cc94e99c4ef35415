// Questions before something that cannot be undone, and short words that pass by.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Platform } from './platform.ts';

export interface Question {
  readonly title: string;
  readonly body: string;
  readonly yes: string;
  /** Left out: what is asked cannot be undone. */
  readonly harmless?: boolean;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

/** One question at a time; a second one answers the first with no. */
export class Questions {
  readonly #open = signal<Asked | null>(null);

  get open(): ReadonlySignal<Asked | null> {
    return this.#open;
  }

  ask(question: Question): Promise<boolean> {
    this.#open.peek()?.answer(false);
    return new Promise((resolve) => {
      const answer = (yes: boolean) => {
        this.#open.value = null;
        resolve(yes);
      };
      this.#open.value = { ...question, answer };
    });
  }
}

/** Milliseconds a passing word stays: long enough to read twenty words. */
export const TOAST_TIME = 5000;

export class Toasts {
  readonly #text = signal('');
  readonly #platform: Platform;
  #cancel: (() => void) | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** '' when nothing is shown. */
  get text(): ReadonlySignal<string> {
    return this.#text;
  }

  show(text: string): void {
    this.#cancel?.();
    this.#text.value = text;
    this.#cancel = this.#platform.after(TOAST_TIME, () => {
      this.#text.value = '';
    });
  }
}
