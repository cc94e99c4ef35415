// Work that reads, decides and writes, one piece after the other: nothing is read that somebody is about to change.

export class Queue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything given before, whatever became of that. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
