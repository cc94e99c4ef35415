// The result of a simulation as `npm run sim` prints it.
import type { Sample } from './items.ts';
import type { Outcome } from './simulation.ts';

export type Report = ReturnType<typeof report>;

export function report(outcome: Outcome, started: number) {
  const { samples, forgedAccepted, identitiesSubstituted, impersonations, options } = outcome;
  const found = samples.filter((sample) => sample.found);
  const share = (samplesOf: readonly Sample[], name: 'hops' | 'ms' | 'newConnections' | 'queries', rank: number) =>
    quantile(
      samplesOf.map((sample) => sample[name]),
      rank,
    );
  return {
    nodes: options.nodes,
    seed: options.seed,
    lookups: samples.length,
    found: found.length,
    hopsP95: share(found, 'hops', 0.95),
    hopsMax: share(found, 'hops', 1),
    p50Ms: share(found, 'ms', 0.5),
    p95Ms: share(found, 'ms', 0.95),
    newConnectionsP50: share(samples, 'newConnections', 0.5),
    newConnectionsP95: share(samples, 'newConnections', 0.95),
    queriesP50: share(samples, 'queries', 0.5),
    forgedAccepted,
    identitiesSubstituted,
    impersonations,
    wallSeconds: Math.round((performance.now() - started) / 100) / 10,
    cpuSeconds: cpuSeconds(),
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Of all threads since the process began: what wallSeconds would be on a machine that does nothing else, or less. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 100_000) / 10;
}

/** The smallest value that at least `rank` of all do not exceed; 0 of none. */
function quantile(values: readonly number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? 0;
}
