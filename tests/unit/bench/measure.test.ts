import { describe, expect, test } from 'vitest';
import { Measurements, median, ratioOf } from '../../bench/measure.ts';
import { comparisons, type Machine, reportOf, table } from '../../bench/report.ts';

const machine: Machine = { cpu: 'Test', cores: 2, memoryGB: 8, system: 'Linux', node: '20', chromium: '156' };

function measured(values: Readonly<Record<string, readonly number[]>>) {
  const measurements = new Measurements();
  for (const [name, list] of Object.entries(values)) for (const value of list) measurements.add(name, 'ms', value);
  return measurements.results();
}

test('the median is the middle one, or the mean of the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([10, 1, 4, 2])).toBe(3);
  expect(median([7])).toBe(7);
});

test('a result has median, range, the number of runs and every value in the order it was measured', () => {
  expect(measured({ a: [3, 1, 2.00004] })).toEqual([
    { name: 'a', unit: 'ms', median: 2, min: 1, max: 3, runs: 3, values: [3, 1, 2] },
  ]);
});

describe('a ratio', () => {
  const results = measured({ 'x.raw': [100, 80, 120], 'x.kith': [125, 120, 500] });

  test('says how good Kith is beside raw: less time is better', () => {
    expect(ratioOf(results, { kith: 'x.kith', raw: 'x.raw', better: 'less' })).toBe(0.8);
  });

  test('and more messages are better', () => {
    expect(ratioOf(results, { kith: 'x.kith', raw: 'x.raw', better: 'more' })).toBe(1.25);
  });

  test('is left out when one of the two was not measured', () => {
    expect(ratioOf(results, { kith: 'y', raw: 'x.raw', better: 'less' })).toBeUndefined();
  });
});

describe('the report', () => {
  const everything = Object.values(comparisons).flatMap(({ kith, raw }) => [
    [kith, [200, 210, 190]],
    [raw, [100, 90, 110]],
  ]);
  const report = reportOf(machine, measured(Object.fromEntries(everything)));

  test('has the five ratios that CONTRACT.md names', () => {
    expect(report.ratios).toEqual({
      file25MiBCold: 0.5,
      file25MiBWarm: 0.5,
      roundTrip200B: 0.5,
      messagesPerSecond: 2,
      connect: 0.5,
    });
  });

  test('shows every result, what is wanted, whether it is missed, and the noise of raw', () => {
    const lines = table(report).split('\n');
    for (const { name } of report.results) expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
    const line = lines.find((one) => one.startsWith('file25MiBCold '));
    expect(line).toMatch(/0\.50\s+≥ 0\.8 MISSED\s+−10\/\+10 %$/);
    expect(lines.find((one) => one.startsWith('connect '))).toMatch(/0\.50\s+–\s+−10\/\+10 %$/);
  });
});
