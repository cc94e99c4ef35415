// What a simulation holds at a moment: nothing may be left behind.
import type { SimWorld } from './node.ts';

export interface Held {
  readonly when: string;
  readonly nodes: number;
  readonly links: number;
  readonly timers: number;
  /** Ends of connections in the making. */
  readonly connecting: number;
  readonly heapMB: number;
}

/** One leaves behind what finalizers hold, and sometimes more. */
const GC_ROUNDS = 3;

/** `settle` lets go what the turn still holds. `rounds`: how often garbage is collected, which takes seconds where there is much. */
export async function holdings(
  when: string,
  world: SimWorld,
  settle: () => Promise<void>,
  rounds = GC_ROUNDS,
): Promise<Held> {
  for (let round = 0; round < rounds; round += 1) {
    await settle();
    globalThis.gc?.(); // with --expose-gc
  }
  const heapMB = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  const { network, exchange, nodes } = world;
  const [links, timers, connecting] = [network.open, network.time.pending, exchange.size];
  return { when, nodes: nodes.size, links, timers, connecting, heapMB };
}
