// `npm run sim`: the overlay in memory (simulation.ts), with seeded chance and virtual time. Ends with 1, and says why, when a
// threshold for that size was missed (thresholds.ts).
//   --nodes 200 --seed 1 --lookups N   how many nodes, which chance, how many values stored and looked up (as many as nodes, at most 1,000)
//   --latency 10                       one way, milliseconds
//   --kill 0.2                         share that is gone at once before the look-ups
//   --liars 0.3                        share that drops, delays, forges, invents and passes for others
//   --minutes 60                       of coming and going before the look-ups (median stay ten minutes)
//   --loss 0.01                        of what the links send: sent again, so it comes later, and all behind it
//   --shards 2                         in so many threads (shards.ts; 2 beyond 2,000 nodes), but for liars and minutes: 1
//   --json FILE                        also writes the result there
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { report } from './report.ts';
import { simulateInShards } from './shards.ts';
import { type Outcome, Simulation, type SimulationOptions } from './simulation.ts';
import { missed } from './thresholds.ts';

/** Up to so many nodes one thread is quick enough. */
const ONE_MEMORY = 2_000;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    lookups: { type: 'string' },
    latency: { type: 'string', default: '10' },
    kill: { type: 'string', default: '0' },
    liars: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '0' },
    loss: { type: 'string', default: '0' },
    shards: { type: 'string' },
    json: { type: 'string' },
  },
});

function number(name: keyof typeof values, least: number, most: number): number {
  const value = Number(values[name]);
  if (!(value >= least && value <= most))
    throw new Error(`--${name} must be ${least} … ${most}, not "${values[name]}".`);
  return value;
}

const nodes = number('nodes', 2, 100_000);
values.lookups ??= String(Math.min(nodes, 1_000));
const options: SimulationOptions = {
  nodes,
  seed: number('seed', 0, 2 ** 31),
  lookups: number('lookups', 1, 1_000_000),
  latencyMs: number('latency', 0, 10_000),
  kill: number('kill', 0, 0.9),
  liars: number('liars', 0, 0.9),
  minutes: number('minutes', 0, 100_000),
  loss: number('loss', 0, 0.5),
};
const large = nodes > ONE_MEMORY && options.liars === 0 && options.minutes === 0 && options.latencyMs > 0;
values.shards ??= large ? '2' : '1';
const shards = number('shards', 1, 64);
// Links that close are errors to somebody, by the million: nobody reads where.
if (nodes > 1_000) Error.stackTraceLimit = 0;
const started = performance.now();
const outcome = shards > 1 ? await simulateInShards(options, shards, true) : await inOneMemory();
for (const { when, nodes, links, timers, connecting, heapMB } of outcome.held) {
  process.stderr.write(
    `${when}: ${nodes} nodes, ${links} links, ${timers} timers, ${connecting} ends of connections in the making, ${heapMB} MB\n`,
  );
}
const { network, questions } = outcome;
process.stderr.write(
  `in all: ${network.opened} links, ${questions} questions, ${network.frames} frames, ${network.retransmissions} sent again\n`,
);
const result = report(outcome, started);
const json = JSON.stringify(result, undefined, 2);
if (values.json) writeFileSync(values.json, `${json}\n`);
process.stdout.write(`${json}\n`);
for (const line of missed(result, outcome.held, options)) {
  process.stderr.write(`MISSED  ${line}\n`);
  process.exitCode = 1;
}

async function inOneMemory(): Promise<Outcome> {
  const simulation = new Simulation(options);
  await simulation.run();
  return simulation;
}
