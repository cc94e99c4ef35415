// A thread of Vitest's that lives on from one run to the next, with the modules that it has loaded. For every mutant Stryker begins a run of its
// own, and a fresh thread would load all of core/ anew: most of what a mutant costs.
import { Worker } from 'node:worker_threads';
import type { PoolOptions, PoolWorker, WorkerRequest } from 'vitest/node';

const NAME = 'kept-thread';

interface Listening {
  readonly event: string;
  readonly callback: (argument: unknown) => void;
}

let kept: Worker | undefined;

function threadFor({ distPath, env, execArgv }: PoolOptions): Worker {
  if (kept) return kept;
  const entry = new URL('workers/threads.js', `file://${distPath}/`);
  const thread = new Worker(entry, { env: env as NodeJS.ProcessEnv, execArgv });
  // One that has died is not kept.
  thread.once('exit', () => {
    if (kept === thread) kept = undefined;
  });
  // Nobody ends it: it goes with the process.
  thread.unref();
  kept = thread;
  return thread;
}

class KeptThread implements PoolWorker {
  readonly name = NAME;
  #thread: Worker | undefined;
  #listening: Listening[] = [];

  constructor(private readonly options: PoolOptions) {}

  async start(): Promise<void> {
    this.#thread = threadFor(this.options);
  }

  async stop(): Promise<void> {
    for (const { event, callback } of this.#listening.splice(0)) this.#thread?.off(event, callback);
  }

  on(event: string, callback: Listening['callback']): void {
    this.#listening.push({ event, callback });
    this.#thread?.on(event, callback);
  }

  off(event: string, callback: Listening['callback']): void {
    this.#listening = this.#listening.filter((one) => one.event !== event || one.callback !== callback);
    this.#thread?.off(event, callback);
  }

  send(message: WorkerRequest): void {
    if (message.type !== 'stop') this.#thread?.postMessage(message);
    else this.#answer({ type: 'stopped', __vitest_worker_response__: true });
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  /** In the place of the thread, which would listen no more. */
  #answer(message: unknown): void {
    for (const { event, callback } of this.#listening) if (event === 'message') callback(message);
  }
}

/** For a Vite configuration: this project's tests run in the one thread. They must leave nothing in a module. */
export const keptThread = {
  name: NAME,
  configureVitest({ project }: { readonly project: { readonly config: object } }): void {
    const createPoolWorker = (options: PoolOptions) => new KeptThread(options);
    Object.assign(project.config, { pool: NAME, poolRunner: { name: NAME, createPoolWorker } });
  },
};
