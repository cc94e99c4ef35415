// What the bench says at its end: a table for people, JSON for programs.
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { findChromium } from '../tools/chromium.ts';
import { type Comparison, median, type Result, ratioOf } from './measure.ts';

export const comparisons = {
  file25MiBCold: { kith: 'file25MiBCold.kith', raw: 'file25MiBCold.raw', better: 'less', target: 0.8 },
  file25MiBWarm: { kith: 'file25MiBWarm.kith', raw: 'file25MiBWarm.raw', better: 'less', target: 0.8 },
  roundTrip200B: { kith: 'roundTrip200B.kith', raw: 'roundTrip200B.raw', better: 'less', target: 0.6 },
  messagesPerSecond: { kith: 'messagesPerSecond.kith', raw: 'messagesPerSecond.raw', better: 'more' },
  connect: { kith: 'connect.kith', raw: 'connect.raw', better: 'less' },
} as const satisfies Readonly<Record<string, Comparison>>;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly chromium: string;
}

export interface Report {
  readonly machine: Machine;
  readonly results: readonly Result[];
  /** How good Kith is beside a raw data channel of the same run; 1 = as good. What was not measured is left out. */
  readonly ratios: Readonly<Record<string, number>>;
}

export function machine(): Machine {
  const version = execFileSync(findChromium(), ['--version', '--no-sandbox'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    chromium: /[\d.]+/.exec(version)?.[0] ?? 'unknown',
  };
}

export function reportOf(on: Machine, results: readonly Result[]): Report {
  const ratios = Object.entries(comparisons).flatMap(([name, comparison]) => {
    const ratio = ratioOf(results, comparison);
    return ratio === undefined ? [] : [[name, ratio] as const];
  });
  return { machine: on, results, ratios: Object.fromEntries(ratios) };
}

/** Columns, in characters. */
const nameWidth = 36;
const cellWidth = 15;

const row = (name: string, ...cells: readonly string[]): string =>
  name.padEnd(nameWidth) + cells.map((cell) => cell.padStart(cellWidth)).join('');

export function table({ machine: on, results, ratios }: Report): string {
  const lines = [
    `${on.cpu}, ${on.cores} cores, ${on.memoryGB} GB; ${on.system}; Node ${on.node}; Chromium ${on.chromium}`,
    '',
    row('', 'median', 'min', 'max', 'runs', 'unit'),
    ...results.map(({ name, median: middle, min, max, runs, unit }) =>
      row(name, String(middle), String(min), String(max), String(runs), unit),
    ),
    '',
    row('beside a raw data channel', 'ratio', 'wanted', 'noise of raw'),
    ...Object.entries(ratios).map(([name, ratio]) => ratioLine(name, ratio, results)),
  ];
  return lines.join('\n');
}

function ratioLine(name: string, ratio: number, results: readonly Result[]): string {
  const comparison: Comparison | undefined = comparisons[name as keyof typeof comparisons];
  const { target, raw } = comparison;
  const wanted = target === undefined ? '–' : `≥ ${target}${ratio >= target ? '' : ' MISSED'}`;
  return row(name, ratio.toFixed(2), wanted, noiseOf(results.find((result) => result.name === raw)));
}

/** How far the raw runs lie apart, as shares of their median: a ratio is not known better than this. */
function noiseOf(result: Result | undefined): string {
  if (!result) return '';
  const middle = median(result.values);
  const share = (value: number) =>
    `${value >= middle ? '+' : '−'}${Math.abs(Math.round((100 * value) / middle - 100))}`;
  return `${share(result.min)}/${share(result.max)} %`;
}
