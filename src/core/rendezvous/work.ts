// Cryptography under way, so that whoever wants to know (a test, an orderly end) can wait until there is none.

export class Work {
  readonly #running = new Set<Promise<unknown>>();

  /** The same promise, remembered until it settles. */
  run<T>(promise: Promise<T>): Promise<T> {
    const forget = () => {
      this.#running.delete(settled);
    };
    const settled: Promise<void> = promise.then(forget, forget);
    this.#running.add(settled);
    return promise;
  }

  /** Resolves when nothing is under way, not even what the last piece of work has started. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all(this.#running);
      // Continuations of what has just settled come first.
      for (let turn = 0; turn < 10; turn++) await undefined;
    }
  }
}
