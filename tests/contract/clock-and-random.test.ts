// What every Clock and every Random must do: the twins of the tests and the real ones.
import { describe, expect, it } from 'vitest';
import { MemoryClock, skewed } from '../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Random } from '../../src/core/ports/random.ts';

const clocks: [string, () => { clock: Clock; pass(ms: number): Promise<unknown> }][] = [
  [
    'memory',
    () => {
      const clock = new MemoryClock();
      return { clock, pass: (ms) => clock.advance(ms) };
    },
  ],
  ['system', () => ({ clock: systemClock, pass: (ms) => new Promise((done) => setTimeout(done, ms)) })],
];

describe.each(clocks)('the %s clock', (_name, make) => {
  it('calls once, in the order of the times asked for, and not what was cancelled', async () => {
    const { clock, pass } = make();
    const called: string[] = [];
    const last = new Promise<void>((resolve) => {
      clock.after(30, () => {
        called.push('30');
        resolve();
      });
    });
    clock.after(10, () => called.push('10'));
    clock.after(20, () => called.push('never')).cancel();
    clock.after(0, () => called.push('0'));
    expect(called).toEqual([]);
    await Promise.all([last, pass(30)]);
    expect(called).toEqual(['0', '10', '30']);
  });

  it('does not fire at once what lies further ahead than setTimeout can count', async () => {
    const { clock, pass } = make();
    let fired = false;
    const far = clock.after(40 * 86_400_000, () => {
      fired = true;
    });
    await pass(5);
    expect(fired).toBe(false);
    far.cancel();
  });
});

describe('the memory clock', () => {
  it('fires timers set by timers at their own time, and tells them that time', async () => {
    const clock = new MemoryClock(1_000);
    const times: number[] = [];
    clock.after(10, () => {
      times.push(clock.now());
      clock.after(10, () => times.push(clock.now()));
    });
    await clock.advance(25);
    expect(times).toEqual([1_010, 1_020]);
    expect([clock.now(), clock.pending]).toEqual([1_025, 0]);
  });

  it('can be seen through a watch that is ahead', () => {
    const clock = new MemoryClock(1_000);
    expect(skewed(clock, 500).now()).toBe(1_500);
  });
});

const randoms: [string, Random][] = [
  ['seeded', seededRandom(1)],
  ['system', systemRandom],
];

describe.each(randoms)('%s randomness', (_name, random) => {
  it('gives as many bytes as asked for, all values about equally often', () => {
    expect(random.bytes(0)).toHaveLength(0);
    const counts = new Uint32Array(256);
    for (const byte of random.bytes(1_048_576)) counts[byte]!++;
    expect(Math.min(...counts)).toBeGreaterThan(3_500);
    expect(Math.max(...counts)).toBeLessThan(4_700);
  });

  it('gives fractions from 0 up to 1', () => {
    const fractions = Array.from({ length: 10_000 }, () => random.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    expect(fractions.reduce((sum, one) => sum + one) / 10_000).toBeCloseTo(0.5, 1);
  });

  it('does not repeat itself', () => {
    expect(random.bytes(32)).not.toEqual(random.bytes(32));
  });
});

describe('seeded randomness', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(seededRandom(5).bytes(64)).toEqual(seededRandom(5).bytes(64));
    expect(seededRandom(5).bytes(64)).not.toEqual(seededRandom(6).bytes(64));
  });
});
