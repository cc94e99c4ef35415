// What a simulation of a size must reach, in words for whoever reads that it did not.

import type { Held } from './held.ts';
import type { Report } from './report.ts';
import type { SimulationOptions } from './simulation.ts';

/** Beyond these shares nothing is promised but that nothing forged is believed and nothing left behind. */
const MAX_KILL = 0.2;
const MAX_LIARS = 0.3;
const MAX_LOSS = 0.02;
/** Up to so many nodes every value is found, and within these times at up to so many milliseconds one way. */
const SMALL = 1_000;
const LATENCY_MS = 10;
/** What is held after the coming and going may exceed what was held before by so much, of links, timers and memory. */
const MAX_GROWTH = 1.25;
const HEAP_SLACK_MB = 32;

/** One line for each threshold that was missed; none: all is well. */
export function missed(result: Report, held: readonly Held[], options: SimulationOptions): string[] {
  return [...safety(result), ...leaks(held, options), ...success(result, options), ...steps(result, options)];
}

function safety({ forgedAccepted, identitiesSubstituted, impersonations }: Report): string[] {
  return [
    ...most('forged values accepted', forgedAccepted, 0),
    ...most(`identities substituted in ${impersonations} attempts`, identitiesSubstituted, 0),
  ];
}

function leaks(held: readonly Held[], { minutes }: SimulationOptions): string[] {
  const [before, after, left] = ['before', 'after', 'left'].map((when) => held.find((each) => each.when === when));
  if (!before || !after || !left) return ['the simulation did not come to its end'];
  const remains = (['nodes', 'links', 'timers', 'connecting'] as const).flatMap((name) =>
    most(`${name} when everybody has left`, left[name], 0),
  );
  // Without --expose-gc memory says nothing.
  const memory = globalThis.gc
    ? [
        ...most('MB after the coming and going', after.heapMB, MAX_GROWTH * before.heapMB + HEAP_SLACK_MB),
        ...most('MB when everybody has left', left.heapMB, before.heapMB / 4 + HEAP_SLACK_MB),
      ]
    : [];
  if (minutes === 0) return [...remains, ...memory];
  return [
    ...remains,
    ...memory,
    ...most('links after the coming and going', after.links, MAX_GROWTH * before.links),
    ...most('timers after the coming and going', after.timers, MAX_GROWTH * before.timers),
  ];
}

function success({ found, lookups, nodes }: Report, options: SimulationOptions): string[] {
  const { kill, liars, minutes, loss } = options;
  if (kill > MAX_KILL || liars > MAX_LIARS || loss > MAX_LOSS) return [];
  const plain = kill === 0 && liars === 0 && minutes === 0 && loss === 0;
  const least = plain ? (nodes <= SMALL ? 1 : 0.995) : 0.99;
  return found >= least * lookups ? [] : [`found: ${found} of ${lookups}, at least ${100 * least} % expected`];
}

/** Links, times and connections are promised where nobody dies or lies. */
function steps(result: Report, { kill, liars, minutes, loss, latencyMs }: SimulationOptions): string[] {
  if (kill > 0 || liars > 0 || minutes > 0 || loss > 0) return [];
  const small = result.nodes <= SMALL;
  const timely = small && latencyMs <= LATENCY_MS;
  return [
    ...most('hops p95', result.hopsP95, small ? 3 : 5),
    ...(small ? most('hops, at most', result.hopsMax, 5) : []),
    ...(timely ? most('milliseconds p50', result.p50Ms, 150) : []),
    ...(timely ? most('milliseconds p95', result.p95Ms, 300) : []),
    ...most('new connections p50', result.newConnectionsP50, 0),
    ...most('new connections p95', result.newConnectionsP95, 1),
  ];
}

function most(what: string, value: number, bound: number): string[] {
  return value <= bound ? [] : [`${what}: ${value}, at most ${Math.floor(bound)} expected`];
}
