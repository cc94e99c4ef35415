// The thread of one shard.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Shard, type ShardOptions } from './shard.ts';

/** What shards.ts hands over. */
export interface ShardTask {
  readonly options: ShardOptions;
  readonly shard: number;
  /** To each other shard, by its number. */
  readonly ports: ReadonlyMap<number, MessagePort>;
}

const { options, shard, ports } = workerData as ShardTask;
// Links that close are errors to somebody, by the million: nobody reads where.
Error.stackTraceLimit = 0;
const started = performance.now();
const progress = (how: string) => {
  if (shard === 0) console.error(`${Math.round((performance.now() - started) / 1000)} s: ${how}`);
};
parentPort?.postMessage(await new Shard(options, shard, ports, progress).run());
