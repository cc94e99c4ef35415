// Values that are stored, and looked up.
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { SimNode } from './node.ts';
import { nodeOverlayCrypto } from './node-crypto.ts';

/** BEP44's limit is 1,000 bytes; records are sealed to this. */
const VALUE_BYTES = 256;

export interface Stored {
  readonly publicKey: Uint8Array;
  readonly value: Uint8Array;
  publish(from: SimNode): Promise<number>;
}

/** One look-up. */
export interface Sample {
  readonly found: boolean;
  /** Links from asker to answerer, and milliseconds until the verified value was in hand. */
  readonly hops: number;
  readonly ms: number;
  readonly newConnections: number;
  readonly queries: number;
}

export async function newItem(random: Random, clock: Clock): Promise<Stored> {
  const seed = random.bytes(32);
  const value = random.bytes(VALUE_BYTES);
  const { publicKey } = await nodeOverlayCrypto.keyFromSeed(seed);
  const publish = (from: SimNode) => from.overlay.put({ seed, value, seq: Math.floor(clock.now() / 1000) });
  return { publicKey, value, publish };
}

/** Counts what was handed over and nobody had stored. */
export async function lookUp(
  { publicKey, value }: Stored,
  { dht, dialer }: SimNode,
  clock: Clock,
  forgeries: { accepted: number },
): Promise<Sample> {
  const start = { at: clock.now(), connections: dialer.opened, queries: dht.queries };
  let first: { hops: number; ms: number } | undefined;
  await dht.get(publicKey, (item) => {
    if (Buffer.compare(item.value, value) !== 0) forgeries.accepted += 1;
    else first ??= { hops: item.links, ms: clock.now() - start.at };
  });
  return {
    found: first !== undefined,
    hops: first?.hops ?? 0,
    ms: first?.ms ?? 0,
    newConnections: dialer.opened - start.connections,
    queries: dht.queries - start.queries,
  };
}
