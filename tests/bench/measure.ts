// Numbers of a run and what is made of them: medians, ranges, ratios (JSON of `npm run bench`).

export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many values. */
  readonly runs: number;
  /** In the order in which they were measured. */
  readonly values: readonly number[];
}

/** What was measured under one name, run by run. */
export class Measurements {
  readonly #values = new Map<string, { readonly unit: string; readonly values: number[] }>();

  add(name: string, unit: string, value: number): void {
    const known = this.#values.get(name);
    if (known) known.values.push(value);
    else this.#values.set(name, { unit, values: [value] });
  }

  results(): Result[] {
    return [...this.#values].map(([name, { unit, values }]) => resultOf(name, unit, values));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function resultOf(name: string, unit: string, values: readonly number[]): Result {
  return {
    name,
    unit,
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    runs: values.length,
    values: values.map(rounded),
  };
}

/** Four significant digits: more would be noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** What a ratio compares; `better` says which way is good. */
export interface Comparison {
  readonly kith: string;
  readonly raw: string;
  readonly better: 'less' | 'more';
  /** The ratio that Kith wants to reach; left out: it is only reported. */
  readonly target?: number;
}

/** How good Kith is beside a raw channel of the same run: 1 = as good, above 1 = better. undefined when one was not measured. */
export function ratioOf(results: readonly Result[], { kith, raw, better }: Comparison): number | undefined {
  const of = (name: string) => results.find((result) => result.name === name)?.median;
  const [ours, theirs] = [of(kith), of(raw)];
  if (ours === undefined || theirs === undefined) return undefined;
  return rounded(better === 'less' ? theirs / ours : ours / theirs);
}
