// Places of a group's messages on this device: numbers that ascend in the order on show. A late message finds one between its
// neighbours, so that what is on the screen keeps its own.

/** Between two that follow each other at the end; halved for each one that comes between. */
const STEP = 2 ** 20;

export class ScreenOrder {
  #places = new Map<string, number>();

  /** undefined when it is not on show. */
  of(id: string): number | undefined {
    return this.#places.get(id);
  }

  /**
   * Takes the ids on show, first to last. True: there was no room left between two of them, and everything has a new place;
   * screens must read all of it again.
   */
  update(ids: readonly string[]): boolean {
    const placed = this.#among(ids);
    this.#places = placed ?? new Map(ids.map((id, at) => [id, (at + 1) * STEP]));
    return placed === undefined;
  }

  /** Everybody's old place where it still ascends, and new ones evenly between. Undefined: no room. */
  #among(ids: readonly string[]): Map<string, number> | undefined {
    const places = new Map<string, number>();
    let low = 0;
    let fresh: string[] = [];
    for (const id of ids) {
      const own = this.#places.get(id);
      if (own === undefined || own <= low) {
        fresh.push(id);
        continue;
      }
      const gap = (own - low) / (fresh.length + 1);
      if (gap < 1) return undefined;
      for (const [at, one] of fresh.entries()) places.set(one, Math.floor(low + gap * (at + 1)));
      places.set(id, own);
      low = own;
      fresh = [];
    }
    for (const [at, one] of fresh.entries()) places.set(one, low + STEP * (at + 1));
    return places;
  }
}
