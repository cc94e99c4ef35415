// The simulation of `npm run sim`, short: 200 nodes that keep, find, die and lie, from a seed.
import { expect, it } from 'vitest';
import { report } from '../sim/report.ts';
import { Simulation } from '../sim/simulation.ts';

const usual = { nodes: 200, seed: 1, lookups: 200, latencyMs: 10, kill: 0, liars: 0, minutes: 0 };
const TIMEOUT_MS = 240_000;

async function simulate(options: Partial<typeof usual>) {
  const simulation = new Simulation({ ...usual, ...options });
  await simulation.run();
  return { ...report(simulation, 0), left: simulation.held.at(-1) };
}

it('finds every value from anywhere in few steps, opens no connection for it, and leaves nothing behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const result = await simulate({});
  expect(result.found).toBe(200);
  expect(result.hopsP95).toBeLessThanOrEqual(3);
  expect(result.hopsMax).toBeLessThanOrEqual(5);
  expect(result.p50Ms).toBeLessThanOrEqual(150);
  expect(result.p95Ms).toBeLessThanOrEqual(300);
  expect(result.newConnectionsP50).toBe(0);
  expect(result.newConnectionsP95).toBeLessThanOrEqual(1);
  expect(result.left).toMatchObject({ nodes: 0, links: 0, timers: 0 });
});

it('finds what is there when a fifth of the nodes is gone at once', { timeout: TIMEOUT_MS }, async () => {
  const { found, lookups } = await simulate({ nodes: 100, lookups: 100, kill: 0.2 });
  expect(found / lookups).toBeGreaterThanOrEqual(0.99);
});

it('finds nearly everything among liars, and believes no forgery', { timeout: TIMEOUT_MS }, async () => {
  const { found, forgedAccepted, lookups } = await simulate({ nodes: 100, lookups: 100, liars: 0.3 });
  expect(found / lookups).toBeGreaterThanOrEqual(0.99);
  expect(forgedAccepted).toBe(0);
});

it('gives the same result for the same seed', { timeout: TIMEOUT_MS }, async () => {
  const small = { nodes: 40, lookups: 40, seed: 9, kill: 0.1 };
  const { wallSeconds: _, peakMemoryMB: __, left: ___, ...first } = await simulate(small);
  expect(await simulate(small)).toMatchObject(first);
});
