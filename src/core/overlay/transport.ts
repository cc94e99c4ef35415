// The overlay without its DHT: links, routes and packets joined.
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { Random } from '../ports/random.ts';
import { addressOf } from './address.ts';
import { Circuits } from './circuits.ts';
import { MAX_NEIGHBOURS } from './limits.ts';
import { Names } from './names.ts';
import type { NeighbourLimits } from './neighbour.ts';
import { Neighbours } from './neighbours.ts';
import { makeNodeKey, type NodeKey } from './node-key.ts';
import type { PulseTimes } from './pulse.ts';
import { Requests } from './requests.ts';
import { Router } from './router.ts';
import { Routes } from './routes.ts';

export interface TransportOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: OverlayCrypto;
  readonly log: Log;
  /** Most neighbours. */
  readonly cap?: number;
  /** Most nodes to which ways are remembered. */
  readonly maxRoutes?: number;
  readonly limits?: NeighbourLimits;
  readonly pulse?: PulseTimes;
  /** Made when none is given. */
  readonly key?: NodeKey;
}

export class Transport {
  readonly key: NodeKey;
  readonly neighbours: Neighbours;
  readonly names: Names;
  readonly routes: Routes;
  readonly router: Router;
  readonly requests: Requests;
  readonly circuits: Circuits;

  private constructor(options: TransportOptions, key: NodeKey) {
    const { clock, cap = MAX_NEIGHBOURS } = options;
    const self = addressOf(key.id);
    this.key = key;
    this.neighbours = new Neighbours({ ...options, key, cap });
    const names = new Names(key.id, this.neighbours);
    this.names = names;
    this.routes = new Routes({
      self,
      isOurs: (address) => names.isOurs(address),
      isNeighbour: (address) => this.neighbours.get(address) !== undefined,
      neighbours: () => this.neighbours.size,
      ownerOf: (address) => (this.neighbours.get(address) ? undefined : names.neighbour(address)?.address),
      ...(options.maxRoutes === undefined ? {} : { capacity: options.maxRoutes }),
    });
    this.neighbours.onRemoved(({ address }) => this.routes.disown(address));
    this.router = new Router(clock, this.neighbours, names, this.routes);
    this.requests = new Requests({ ...options, names, routes: this.routes, router: this.router });
    this.circuits = new Circuits({ ...options, names, routes: this.routes, neighbours: this.neighbours });
  }

  static async start(options: TransportOptions): Promise<Transport> {
    return new Transport(options, options.key ?? (await makeNodeKey(options.crypto, options.random)));
  }

  /** 20 bytes. */
  get id(): Uint8Array {
    return this.key.id;
  }

  close(): void {
    this.requests.close();
    this.circuits.close();
    this.neighbours.close();
  }
}
