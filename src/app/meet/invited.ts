// An invitation link that was opened, until the person has said what to do with it: whose it is, and when a click counts.
import { batch, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { KithNode, LinkView } from '../../core/node-api.ts';
import type { PairError } from '../pairing.ts';
import type { Platform } from '../platform.ts';

/**
 * Milliseconds that the question must have been in sight before it can be answered: the second click of a double click in another
 * page, which then gives way to this one, says nothing about it.
 */
export const REST_MS = 600;

const internal = { ok: false, kind: 'internal', detail: {} } as const;

export class Invited {
  readonly #node: KithNode;
  readonly #platform: Pick<Platform, 'after'>;
  readonly #looking: ReadonlySignal<boolean>;
  readonly #fragment: string;
  readonly #view = signal<LinkView | null>(null);
  readonly #error = signal<PairError | null>(null);
  readonly #ready = signal(false);
  #taking = false;

  /** @param looking Somebody looks at this page. */
  constructor(node: KithNode, platform: Pick<Platform, 'after'>, looking: ReadonlySignal<boolean>, fragment: string) {
    this.#node = node;
    this.#platform = platform;
    this.#looking = looking;
    this.#fragment = fragment;
  }

  /** null until it was read, and when it cannot be used. */
  get view(): ReadonlySignal<LinkView | null> {
    return this.#view;
  }
  /** Why it cannot be used. */
  get error(): ReadonlySignal<PairError | null> {
    return this.#error;
  }
  /** A click counts. */
  get ready(): ReadonlySignal<boolean> {
    return this.#ready;
  }

  /** The question is shown, until the returned function is called. */
  open(): () => void {
    void this.#read();
    let wait: (() => void) | null = null;
    const stop = effect(() => {
      const sees = this.#looking.value && this.#view.value !== null;
      wait?.();
      this.#ready.value = false;
      wait = sees ? this.#platform.after(REST_MS, () => (this.#ready.value = true)) : null;
    });
    return () => {
      stop();
      wait?.();
    };
  }

  /** The person wants them. True: they are being called. */
  async take(): Promise<boolean> {
    if (!this.#ready.peek() || this.#taking) return false;
    this.#taking = true;
    const taken = await this.#node.takeLink(this.#fragment).catch(() => internal);
    this.#taking = false;
    if (!taken.ok) this.#refuse(taken);
    return taken.ok;
  }

  async #read(): Promise<void> {
    const read = await this.#node.readLink(this.#fragment).catch(() => internal);
    if (read.ok) this.#view.value = read.value;
    else this.#refuse(read);
  }

  #refuse({ kind, detail }: PairError): void {
    batch(() => {
      this.#view.value = null;
      this.#error.value = { kind, detail };
    });
  }
}
