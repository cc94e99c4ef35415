// GOSSIP.md, "Neighbours" and "Spreading": a crowd under churn. KITH_GROUP_MESSAGES raises the number of messages.
import { describe, expect, it } from 'vitest';
import { MAX_LINKS } from '../../src/core/group/gossip/neighbours.ts';
import { Crowd } from '../fixtures/group-crowd.ts';
import { budget } from '../fixtures/mutate.ts';

const MESSAGES = budget('KITH_GROUP_MESSAGES', 300);

describe('rules twelve-links, one-piece and constant-cost', () => {
  it(`50 members of whom 20 % are away: ${MESSAGES} messages reach everybody, no one holds more than ${MAX_LINKS} links`, async () => {
    const report = await new Crowd(50).run(50, MESSAGES, 0.2);
    console.log(`group crowd: ${JSON.stringify(report)}`);
    expect(report.missing).toBe(0);
    expect(report.pieces).toBe(1);
    expect(report.mostLinks).toBeLessThanOrEqual(MAX_LINKS);
    expect(report.copies).toBeLessThan(1.2);
  });

  it('each member pays the same for a message in a group of 12, 25 and 50', async () => {
    const reports = [];
    for (const members of [12, 25, 50]) reports.push(await new Crowd(7).run(members, 100, 0));
    console.log(
      `group crowd, cost per message and member: ${JSON.stringify(reports.map(({ members, copies, names }) => ({ members, copies, names })))}`,
    );
    for (const { missing, copies, names } of reports) {
      expect(missing).toBe(0);
      expect(copies).toBeLessThan(1.2);
      expect(names).toBeLessThan(MAX_LINKS);
    }
  });
});
