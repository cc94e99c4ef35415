// The simulation of `npm run sim`, short: 200 nodes that keep, find, die, lie, come and go, from a seed. `missed` is what the
// command itself ends with (thresholds.ts).
import { expect, it } from 'vitest';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';
import { nodeOverlayCrypto } from '../sim/node-crypto.ts';
import { report } from '../sim/report.ts';
import { Simulation } from '../sim/simulation.ts';
import { missed } from '../sim/thresholds.ts';

const usual = { nodes: 200, seed: 1, lookups: 200, latencyMs: 10, kill: 0, liars: 0, minutes: 0, loss: 0 };
const TIMEOUT_MS = 240_000;

async function simulate(changes: Partial<typeof usual> & { readonly crypto?: OverlayCrypto }) {
  const options = { ...usual, ...changes };
  const simulation = new Simulation(options);
  await simulation.run();
  const result = report(simulation, 0);
  return { ...result, held: simulation.held, missed: missed(result, simulation.held, options) };
}

it('finds every value from anywhere in few steps, opens no connection for it, and leaves nothing behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const result = await simulate({});
  expect(result.missed).toEqual([]);
  expect(result.found).toBe(200);
  expect(result.hopsP95).toBeLessThanOrEqual(3);
  expect(result.hopsMax).toBeLessThanOrEqual(5);
  expect(result.p50Ms).toBeLessThanOrEqual(150);
  expect(result.p95Ms).toBeLessThanOrEqual(300);
  expect(result.newConnectionsP50).toBe(0);
  expect(result.newConnectionsP95).toBeLessThanOrEqual(1);
  expect(result.held.at(-1)).toMatchObject({ nodes: 0, links: 0, timers: 0, connecting: 0 });
});

it('finds what is there when a fifth of the nodes is gone at once', { timeout: TIMEOUT_MS }, async () => {
  const result = await simulate({ kill: 0.2 });
  expect(result.missed).toEqual([]);
  expect(result.found / result.lookups).toBeGreaterThanOrEqual(0.99);
});

it('finds nearly everything among liars, believes no forgery, and takes nobody for somebody else', {
  timeout: TIMEOUT_MS,
}, async () => {
  const result = await simulate({ liars: 0.3 });
  expect(result.missed).toEqual([]);
  expect(result.found / result.lookups).toBeGreaterThanOrEqual(0.99);
  expect(result.forgedAccepted).toBe(0);
  expect(result.impersonations).toBeGreaterThan(500);
  expect(result.identitiesSubstituted).toBe(0);
});

it('would see it if somebody were taken for somebody else', { timeout: TIMEOUT_MS }, async () => {
  const credulous = { ...nodeOverlayCrypto, verify: async () => true };
  const result = await simulate({ nodes: 40, lookups: 40, liars: 0.3, crypto: credulous });
  expect(result.identitiesSubstituted).toBeGreaterThan(0);
  expect(result.forgedAccepted).toBeGreaterThan(0);
  expect(result.missed.join()).toContain('identities substituted');
});

// The hour that is promised takes minutes: `npm run sim:churn`.
it('still finds nearly everything, and holds no more than before, when nodes come and go', {
  timeout: TIMEOUT_MS,
}, async () => {
  const result = await simulate({ minutes: 3 });
  expect(result.missed).toEqual([]);
  expect(result.found / result.lookups).toBeGreaterThanOrEqual(0.99);
  expect(result.held.at(-1)).toMatchObject({ nodes: 0, links: 0, timers: 0, connecting: 0 });
});

it('gives the same result for the same seed', { timeout: TIMEOUT_MS }, async () => {
  const small = { nodes: 40, lookups: 40, seed: 9, kill: 0.1, loss: 0.01 };
  const { wallSeconds: _, cpuSeconds: __, peakMemoryMB: ___, held: ____, ...first } = await simulate(small);
  expect(await simulate(small)).toMatchObject(first);
});
