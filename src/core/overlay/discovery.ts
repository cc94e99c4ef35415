// Finding and being found: the DHT on a transport, its table kept equal to the neighbours, and those kept useful.
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { Random } from '../ports/random.ts';
import { routerDatagrams } from './datagrams.ts';
import { Dht } from './dht.ts';
import { MAX_NEIGHBOURS } from './limits.ts';
import { Maintenance } from './maintenance.ts';
import type { Transport } from './transport.ts';

export interface DiscoveryOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: OverlayCrypto;
  readonly log: Log;
  /** Most neighbours. */
  readonly cap?: number;
  /** Makes a node a neighbour; rejects when no link comes about. */
  readonly dial: (id: Uint8Array) => Promise<unknown>;
}

export class Discovery {
  readonly dht: Dht;
  readonly #maintenance: Maintenance;

  constructor({ transport, cap = MAX_NEIGHBOURS, dial, ...tools }: DiscoveryOptions) {
    const { neighbours, router, routes, id } = transport;
    const dht = new Dht({
      ...tools,
      id,
      datagrams: routerDatagrams(router, routes),
      onMet: (met, sure) => this.#maintenance.met(met, sure),
    });
    this.dht = dht;
    this.#maintenance = new Maintenance({
      ...tools,
      id,
      cap,
      neighbours,
      dial,
      search: (target) => dht.closest(target),
    });
    neighbours.onAdded((neighbour) => dht.addNeighbour(neighbour.id));
    neighbours.onRemoved((neighbour) => dht.removeNeighbour(neighbour.id));
  }

  close(): void {
    this.#maintenance.close();
    this.dht.close();
  }
}
