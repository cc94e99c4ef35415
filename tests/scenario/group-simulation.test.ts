// `npm run sim:groups`, short: a group on links of the overlay in memory, with members who lose the network, come back, join, leave and
// are removed, from a seed. `missed` is what the command itself ends with.
import { expect, it } from 'vitest';
import { MAX_LINKS } from '../../src/core/group/gossip/neighbours.ts';
import { missed, report } from '../sim/groups/report.ts';
import { GroupSimulation } from '../sim/groups/simulation.ts';

const usual = { members: 12, messages: 100, churn: 0.2, seed: 2, changes: true };
const TIMEOUT_MS = 240_000;

async function simulate(changes: Partial<typeof usual> = {}) {
  const simulation = new GroupSimulation({ ...usual, ...changes });
  await simulation.run();
  return { simulation, result: report(simulation) };
}

it('everybody has every message once and in one order after healing, on at most 12 links each', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { result } = await simulate();
  console.log(`group on the overlay: ${JSON.stringify(result)}`);
  expect(missed(result)).toEqual([]);
  expect(result).toMatchObject({ written: 100, missing: 0, orders: 0, duplicates: 0, readLater: 0, rosters: 1 });
  expect(result.departures).toBeGreaterThan(0);
  expect(result.mostLinks).toBeLessThanOrEqual(MAX_LINKS);
  // One copy of a message for each member, not one for each link.
  expect(result.byKind.framesPerMessageAndMember.messages).toBeLessThan(1.2);
});

it('would see it if a member had lost a message, or had one twice', { timeout: TIMEOUT_MS }, async () => {
  const { simulation } = await simulate({ members: 6, messages: 20, changes: false });
  const [first, second] = simulation.current as [(typeof simulation.current)[0], (typeof simulation.current)[0]];
  const [hash] = [...first.told.keys()];
  first.told.set(hash as string, 2);
  const { history } = second.group;
  const find = history.find;
  Object.assign(history, { find: (one: string) => (one === hash ? undefined : find(one)) });
  const lines = missed(report(simulation)).join();
  expect(lines).toContain('lacks 1 messages');
  expect(lines).toContain('shown or told twice: 1');
});

it('gives the same result for the same seed', { timeout: TIMEOUT_MS }, async () => {
  const small = { members: 6, messages: 30, seed: 5 };
  const [one, again] = [await simulate(small), await simulate(small)];
  expect(again.result).toEqual(one.result);
});
