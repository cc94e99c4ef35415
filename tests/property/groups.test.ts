// Seeded histories of three to eight members. KITH_GROUP_HISTORIES raises their number, KITH_GROUP_SEED changes them.
import { expect, it } from 'vitest';
import { playMany } from '../fixtures/group-history.ts';
import { budget } from '../fixtures/mutate.ts';

const COUNT = budget('KITH_GROUP_HISTORIES', 20);
const SEED = budget('KITH_GROUP_SEED', 20_261_126);

it(
  `R-merge: after ${COUNT} histories of partitions, crashes, backups and admins at odds all have the same members`,
  async () => {
    const outcomes = await playMany(COUNT, SEED);
    const sum = (of: (one: (typeof outcomes)[number]) => number) => outcomes.reduce((total, one) => total + of(one), 0);
    const told = {
      operations: sum((one) => one.operations),
      forks: sum((one) => one.forks),
      refused: sum((one) => one.refused),
    };
    console.log(`groups: ${JSON.stringify({ histories: outcomes.length, ...told })}`);
    expect(outcomes.length).toBe(COUNT);
    // The histories are worth something only if much happened in them.
    expect(told.operations).toBeGreaterThan(10 * COUNT);
    expect(told.forks).toBeGreaterThan(0);
    expect(told.refused).toBeLessThan(30 * COUNT);
  },
  Math.max(120_000, 3_000 * COUNT),
);
