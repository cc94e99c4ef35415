// A simulation in several threads, for as many cores: each has a share of the nodes, and what crosses between them is handed over
// in step (windows.ts). For one seed and one number of shards the result is always the same; another number gives another,
// since chance falls differently.
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Held } from './held.ts';
import type { ShardOutcome } from './shard.ts';
import type { ShardTask } from './shard-worker.ts';
import { Signatures } from './signatures.ts';
import type { Outcome, SimulationOptions } from './simulation.ts';

/** Of the heaps of all shards together, MB: V8 lets them grow as far as it may, and 8 GB is what the whole process has. */
const MEMORY_MB = 6_400;
/** Of what is young, for each shard: a thread has 48 MB unless told, and moves much to the old heap that dies a moment later. */
const YOUNG_MB = 192;

/** In a thread `--import tsx` does nothing (tsx 4.23, Node 20): it is told to read TypeScript there. */
const START = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./shard-worker.ts', import.meta.url))});
})`;

/** `progress`: tells on stderr how far it is. @throws for what only one memory can show: liars know everybody, and whoever comes and goes waits for others. */
export async function simulateInShards(options: SimulationOptions, shards: number, progress = false): Promise<Outcome> {
  if (options.liars > 0 || options.minutes > 0) throw new Error('Liars, coming and going: in one shard only.');
  if (options.latencyMs <= 0) throw new Error('Shards need a latency: they may be that far apart in time.');
  const { nodes, seed, lookups, latencyMs, kill, loss } = options;
  const ports = channels(shards);
  const tables = ports.map(() => Signatures.table());
  const workers = ports.map((own, shard) => {
    const task: ShardTask = {
      options: { nodes, seed, lookups, latencyMs, kill, loss },
      shard,
      ports: own,
      tables,
      progress,
    };
    const resourceLimits = {
      maxOldGenerationSizeMb: Math.floor(MEMORY_MB / shards),
      maxYoungGenerationSizeMb: YOUNG_MB,
    };
    return new Worker(START, { eval: true, workerData: task, transferList: [...own.values()], resourceLimits });
  });
  try {
    return { options, ...merged(await Promise.all(workers.map(outcomeOf))) };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate())); // when one has failed the others wait for ever
  }
}

function outcomeOf(worker: Worker): Promise<ShardOutcome> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`A shard ended with ${code}.`)));
  });
}

/** Of each shard: a port to each other. */
function channels(shards: number): Map<number, MessagePort>[] {
  const ports = Array.from({ length: shards }, () => new Map<number, MessagePort>());
  for (let one = 0; one < shards; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const { port1, port2 } = new MessageChannel();
      ports[one]?.set(other, port1);
      ports[other]?.set(one, port2);
    }
  }
  return ports;
}

function merged(shards: readonly ShardOutcome[]): ShardOutcome {
  const sum = (value: (shard: ShardOutcome) => number) => shards.reduce((total, shard) => total + value(shard), 0);
  const [first] = shards as [ShardOutcome];
  return {
    samples: shards.flatMap(({ samples }) => samples),
    held: first.held.map((_, moment) => shards.map(({ held }) => held[moment] as Held).reduce(together)),
    forgedAccepted: sum(({ forgedAccepted }) => forgedAccepted),
    identitiesSubstituted: sum(({ identitiesSubstituted }) => identitiesSubstituted),
    impersonations: sum(({ impersonations }) => impersonations),
    questions: sum(({ questions }) => questions),
    network: {
      opened: sum(({ network }) => network.opened),
      frames: sum(({ network }) => network.frames),
      retransmissions: sum(({ network }) => network.retransmissions),
    },
  };
}

function together(one: Held, other: Held): Held {
  return {
    when: one.when,
    nodes: one.nodes + other.nodes,
    links: one.links + other.links,
    timers: one.timers + other.timers,
    connecting: one.connecting + other.connecting,
    heapMB: one.heapMB + other.heapMB,
  };
}
