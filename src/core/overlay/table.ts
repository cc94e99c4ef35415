// Whom a node wants as neighbours (Kademlia's table, Maymounkov and Mazières, 2002, §2.4, under a cap): the nearest ids of all,
// and a few in every bucket beyond, so that each step of a look-up halves the distance at least. A pure choice.
import { addressOf, ID_BYTES } from './address.ts';
import { GUEST_PLACES } from './limits.ts';
import { nearest } from './nearest.ts';

/** Nearest nodes that all know each other: a look-up ends among them. */
const NEAR = 8;
/**
 * Share of the far links that a node asks for itself. The others come: whoever asks one is asked by one, on average, and
 * two nodes that both insist on full tables would take the places from each other for ever.
 */
const ASKED_FOR = 0.5;

export interface Plan {
  /** Neighbours that the table rests on. */
  readonly table: readonly Uint8Array[];
  /** Known nodes to make neighbours of, the most wanted first. */
  readonly dial: readonly Uint8Array[];
  /** Buckets for which too few nodes are known. */
  readonly search: readonly number[];
}

export interface Situation {
  readonly self: Uint8Array;
  /** Most live links. */
  readonly cap: number;
  /** Those we have known for long first. */
  readonly neighbours: readonly Uint8Array[];
  /** Others that were alive lately, the latest first. */
  readonly candidates: readonly Uint8Array[];
}

export function planTable({ self, cap, neighbours, candidates }: Situation): Plan {
  const linked = new Set(neighbours.map(addressOf));
  const strangers = candidates.filter((id) => !linked.has(addressOf(id)));
  const nearCount = Math.min(NEAR, Math.floor(cap / 3));
  const all = [...neighbours, ...strangers].map((id) => ({ id }));
  const near = nearest(all, self, nearCount).map(({ id }) => id);
  const nearOnes = new Set(near);
  const table = near.filter((id) => linked.has(addressOf(id)));
  const dial = near.filter((id) => !linked.has(addressOf(id)));
  const search: number[] = [];
  // With few nodes about, the near ones are all there are.
  const depth = near.length < nearCount ? 0 : bucketOf(self, near.at(-1) as Uint8Array);
  const wanted = spread(cap - GUEST_PLACES - nearCount, depth);
  const known = byBucket(self, neighbours, nearOnes);
  const unknown = byBucket(self, strangers, nearOnes);
  for (const [bucket, count] of wanted.entries()) {
    const have = (known.get(bucket) ?? []).slice(0, count);
    const missing = Math.max(0, Math.ceil(count * ASKED_FOR) - have.length);
    const more = (unknown.get(bucket) ?? []).slice(0, missing);
    table.push(...have);
    dial.push(...more);
    if (more.length < missing) search.push(bucket);
  }
  return { table, dial, search };
}

/** Leading bits that two ids share: 0 for the far half of all ids. */
export function bucketOf(self: Uint8Array, id: Uint8Array): number {
  for (let index = 0; index < ID_BYTES; index += 1) {
    const difference = (self[index] as number) ^ (id[index] as number);
    if (difference !== 0) return 8 * index + Math.clz32(difference) - 24;
  }
  return 8 * ID_BYTES;
}

/** A target within a bucket: the leading bits of `self`, one turned over, the rest from `chance` (20 bytes). */
export function targetInBucket(self: Uint8Array, bucket: number, chance: Uint8Array): Uint8Array {
  const target = Uint8Array.from(chance);
  for (let bit = 0; bit <= bucket; bit += 1) {
    const [index, mask] = [bit >> 3, 0x80 >> (bit & 7)];
    const own = (self[index] as number) & mask;
    const wanted = bit === bucket ? own ^ mask : own;
    target[index] = ((target[index] as number) & ~mask) | wanted;
  }
  return target;
}

/** `total` links over `depth` buckets, the widest buckets first. */
function spread(total: number, depth: number): number[] {
  const [each, rest] = depth === 0 ? [0, 0] : [Math.floor(total / depth), total % depth];
  return Array.from({ length: depth }, (_, bucket) => each + (bucket < rest ? 1 : 0));
}

function byBucket(
  self: Uint8Array,
  ids: readonly Uint8Array[],
  without: ReadonlySet<Uint8Array>,
): Map<number, Uint8Array[]> {
  const buckets = new Map<number, Uint8Array[]>();
  for (const id of ids) {
    if (without.has(id)) continue;
    const bucket = bucketOf(self, id);
    const others = buckets.get(bucket);
    if (others) others.push(id);
    else buckets.set(bucket, [id]);
  }
  return buckets;
}
