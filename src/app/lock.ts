// What the screens do about the passphrase: one deed at a time, and why the last one failed.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { KithNode, LockDeed, Result } from '../core/node-api.ts';

export { autoLockChoices } from '../core/vault/auto-lock.ts';

/** Milliseconds between two words that somebody is there: far below the shortest time to choose. */
export const USED_EVERY = 10_000;

export class Lock {
  readonly #node: KithNode;
  readonly #busy = signal(false);
  readonly #error = signal<{ readonly kind: ErrorKind; readonly detail: ErrorDetail } | null>(null);

  constructor(node: KithNode) {
    this.#node = node;
  }

  get busy(): ReadonlySignal<boolean> {
    return this.#busy;
  }
  get error() {
    return this.#error as ReadonlySignal<{ readonly kind: ErrorKind; readonly detail: ErrorDetail } | null>;
  }

  forgetError(): void {
    this.#error.value = null;
  }

  /** Whether it was done. */
  async carryOut(deed: LockDeed): Promise<boolean> {
    if (this.#busy.peek()) return false;
    this.#error.value = null;
    this.#busy.value = true;
    const done: Result = await this.#node
      .lock(deed)
      .catch(() => ({ ok: false, kind: 'internal', detail: {} }) as const);
    this.#busy.value = false;
    if (!done.ok) this.#error.value = done;
    return done.ok;
  }
}
