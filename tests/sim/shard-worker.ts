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
parentPort?.postMessage(await new Shard(options, shard, ports).run());
for (const port of ports.values()) port.close();
