// The thread of one shard.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { shareSignatures } from './node-crypto.ts';
import { Shard, type ShardOptions } from './shard.ts';
import { Signatures } from './signatures.ts';

/** What shards.ts hands over. */
export interface ShardTask {
  readonly options: ShardOptions;
  readonly shard: number;
  /** To each other shard, by its number. */
  readonly ports: ReadonlyMap<number, MessagePort>;
  /** Of the signatures each shard makes (signatures.ts). */
  readonly tables: readonly SharedArrayBuffer[];
  readonly progress: boolean;
}

const { options, shard, ports, tables, progress } = workerData as ShardTask;
shareSignatures(new Signatures(tables, shard));
// Links that close are errors to somebody, by the million: nobody reads where.
Error.stackTraceLimit = 0;
const started = performance.now();
const tell = (how: string) => {
  if (progress && shard === 0) console.error(`${Math.round((performance.now() - started) / 1000)} s: ${how}`);
};
parentPort?.postMessage(await new Shard(options, shard, ports, tell).run());
