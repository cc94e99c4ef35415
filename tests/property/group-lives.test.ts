// KITH_GROUP_LIVES raises the number, KITH_GROUP_SEED begins elsewhere.
import { expect, it } from 'vitest';
import { liveGroups } from '../fixtures/group-model.ts';
import { budget } from '../fixtures/mutate.ts';

const LIVES = budget('KITH_GROUP_LIVES', 15);
const SEED = budget('KITH_GROUP_SEED', 20_261_126);

it(
  `in ${LIVES} lives of groups everybody ends with the same history, nothing lost or twice, and the removed read nothing later`,
  async () => {
    const reports = await liveGroups(LIVES, SEED);
    const written = reports.reduce((sum, report) => sum + report.written, 0);
    console.log(`group lives: ${reports.length}, messages written: ${written}`);
    expect(reports.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(written).toBeGreaterThan(15 * LIVES);
  },
  Math.max(240_000, 5_000 * LIVES),
);
