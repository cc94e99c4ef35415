// The simulation in several threads (tests/sim/shards.ts): what it finds is what one thread finds, and one seed gives one result.
import { expect, it } from 'vitest';
import { report } from '../sim/report.ts';
import { simulateInShards } from '../sim/shards.ts';
import { missed } from '../sim/thresholds.ts';

const usual = { nodes: 100, seed: 1, lookups: 100, latencyMs: 10, kill: 0, liars: 0, minutes: 0, loss: 0 };
const TIMEOUT_MS = 240_000;

async function simulate(shards: number, changes: Partial<typeof usual> = {}) {
  const options = { ...usual, ...changes };
  const { held, network, questions, ...outcome } = await simulateInShards(options, shards);
  const {
    wallSeconds: _,
    cpuSeconds: __,
    peakMemoryMB: ___,
    ...result
  } = report({ held, network, questions, ...outcome }, 0);
  // What the heap holds is no part of a result.
  return {
    ...result,
    held: held.map(({ heapMB, ...rest }) => rest),
    network,
    questions,
    missed: missed({ ...result, wallSeconds: 0, cpuSeconds: 0, peakMemoryMB: 0 }, held, options),
  };
}

it('finds every value from anywhere in few steps, across the border too, and leaves nothing behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const result = await simulate(2);
  expect(result.missed).toEqual([]);
  expect(result.found).toBe(100);
  expect(result.hopsP95).toBeLessThanOrEqual(3);
  expect(result.p95Ms).toBeLessThanOrEqual(300);
  expect(result.newConnectionsP95).toBeLessThanOrEqual(1);
  expect(result.identitiesSubstituted).toBe(0);
  expect(result.held[0]).toMatchObject({ when: 'before', nodes: 100 });
  expect(result.held[0]?.links).toBeGreaterThan(1_000);
  expect(result.held.at(-1)).toEqual({ when: 'left', nodes: 0, links: 0, timers: 0, connecting: 0 });
});

it('gives the same result for the same seed and as many threads, and another for another seed', {
  timeout: TIMEOUT_MS,
}, async () => {
  const small = { nodes: 40, lookups: 40, seed: 9, kill: 0.1, loss: 0.01 };
  const first = await simulate(3, small);
  expect(first.nodes).toBe(40);
  expect(first.network.retransmissions).toBeGreaterThan(0);
  expect(await simulate(3, small)).toEqual(first);
  const other = await simulate(3, { ...small, seed: 10 });
  expect(other.network.frames).not.toBe(first.network.frames);
});

it('refuses what only one thread can show', async () => {
  await expect(simulate(2, { liars: 0.1 })).rejects.toThrow('one shard');
  await expect(simulate(2, { minutes: 1 })).rejects.toThrow('one shard');
  await expect(simulate(2, { latencyMs: 0 })).rejects.toThrow('latency');
});
