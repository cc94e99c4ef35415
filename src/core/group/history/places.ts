// Which places of an author's sequence are here: the highest, and the ranges that are missing below it.

/** First and last place, both missing. */
export type Range = readonly [number, number];

export class Places {
  #high: number;
  readonly #missing: Range[];

  constructor(high = 0, missing: readonly Range[] = []) {
    this.#high = high;
    this.#missing = [...missing];
  }

  /** 0 while there is nothing. */
  get high(): number {
    return this.#high;
  }

  /** In order. */
  get missing(): readonly Range[] {
    return this.#missing;
  }

  add(seq: number): void {
    if (seq > this.#high) {
      if (seq > this.#high + 1) this.#missing.push([this.#high + 1, seq - 1]);
      this.#high = seq;
      return;
    }
    const at = this.#missing.findIndex(([first, last]) => first <= seq && seq <= last);
    const range = this.#missing[at];
    if (range === undefined) return;
    const [first, last] = range;
    const rest: Range[] = [];
    if (first < seq) rest.push([first, seq - 1]);
    if (seq < last) rest.push([seq + 1, last]);
    this.#missing.splice(at, 1, ...rest);
  }

  /** Taken back: it counts no more. Ranges that touch become one: a receipt names few. */
  remove(seq: number): void {
    if (!this.has(seq)) return;
    const after = this.#missing.findIndex(([first]) => first > seq);
    const at = after < 0 ? this.#missing.length : after;
    const [left, right] = [this.#missing[at - 1], this.#missing[at]];
    const first = left?.[1] === seq - 1 ? left[0] : seq;
    const last = right?.[0] === seq + 1 ? right[1] : seq;
    this.#missing.splice(first < seq ? at - 1 : at, Number(first < seq) + Number(last > seq), [first, last]);
    if (last < this.#high) return;
    this.#high = first - 1;
    this.#missing.pop();
  }

  has(seq: number): boolean {
    return seq > 0 && seq <= this.#high && !isIn(this.#missing, seq);
  }
}

export const isIn = (ranges: readonly Range[], seq: number): boolean =>
  ranges.some(([first, last]) => first <= seq && seq <= last);
