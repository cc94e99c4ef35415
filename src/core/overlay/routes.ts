// Ways to nodes that are no neighbours. What is remembered is who has a live link to whom: "X is reachable over its
// introducer Y". A way is put together from that when it is needed, so it follows every change of our own links.
import type { Address } from './address.ts';
import {
  MAX_INTRODUCERS,
  MAX_PATH_LINKS,
  MAX_ROUTES,
  MAX_SHARE_OF_ONE_PEER,
  MIN_LEARNT_FROM_ONE_PEER,
} from './limits.ts';

/** Partial ways looked at in one search. */
const MAX_STEPS = 64;

interface Introducer {
  readonly via: Address;
  /** Who told us. */
  readonly source: Address;
}

export interface RoutesOptions {
  readonly self: Address;
  isNeighbour(address: Address): boolean;
  /** A neighbour says that it is reached under this address too. */
  isAlias?(address: Address): boolean;
  readonly capacity?: number;
}

export class Routes {
  readonly #options: RoutesOptions;
  readonly #capacity: number;
  /** Least recently learnt first. The introducers of each: those that have proven good first, the latest before others. */
  readonly #known = new Map<Address, Introducer[]>();
  /** What each peer told us, oldest first. */
  readonly #told = new Map<Address, Set<Address>>();

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? MAX_ROUTES;
  }

  /** Nodes to which somebody has a link. */
  get size(): number {
    return this.#known.size;
  }

  /** `via` says (or `source` says of it) that it has a live link to `target`. */
  learn(target: Address, via: Address, source: Address = via): void {
    if (target === via || target === this.#options.self || via === this.#options.self) return;
    const introducers = this.#known.get(target) ?? [];
    if (introducers.some((each) => each.via === via)) {
      this.#touch(target, introducers);
      return;
    }
    this.#makeRoom(source);
    if (introducers.length >= MAX_INTRODUCERS) this.#remove(target, introducers, introducers.length - 1);
    this.#note(source, target);
    // A new array fits exactly; one that grows keeps room for sixteen, thousands of times.
    this.#touch(target, [...introducers, { via, source }]);
    while (this.#known.size > this.#capacity) this.forgetNode(this.#known.keys().next().value as Address);
  }

  /**
   * Something came along this way: from path[0], over the others in order, the last being our neighbour. `source`: its own
   * address, should it stand there under an alias; else its share would grow with every alias.
   */
  learnReverse(path: readonly Address[], source: Address = path.at(-1) as Address): void {
    for (let index = path.length - 2; index >= 0; index -= 1) {
      const [target, via] = [path[index] as Address, path[index + 1] as Address];
      this.learn(target, via, source);
      this.#prove(target, via);
    }
  }

  /** The link from `via` to `target` is no more. */
  forget(via: Address, target: Address): void {
    const introducers = this.#known.get(target);
    const at = introducers?.findIndex((each) => each.via === via) ?? -1;
    if (introducers && at >= 0) this.#remove(target, introducers, at);
  }

  forgetNode(target: Address): void {
    const introducers = this.#known.get(target);
    while (introducers && introducers.length > 0) this.#remove(target, introducers, introducers.length - 1);
  }

  /** Nothing came back over `via`: try the others first. */
  doubt(via: Address, target: Address): void {
    const introducers = this.#known.get(target);
    const at = introducers?.findIndex((each) => each.via === via) ?? -1;
    if (!introducers || at < 0) return;
    const [doubted] = introducers.splice(at, 1) as [Introducer];
    introducers.push(doubted);
  }

  /** Introducers of a node, the best first. */
  introducers(target: Address): Address[] {
    return (this.#known.get(target) ?? []).map(({ via }) => via);
  }

  /**
   * Up to `most` ways to `target`, each as the relays between us and it in order (none for a neighbour), at most four. The
   * shortest first, among equals those that were good lately. A neighbour that says to be the target comes after all others: it
   * could say so of anybody.
   */
  ways(target: Address, most = MAX_INTRODUCERS): Address[][] {
    const found = this.#throughOthers(target, most);
    if (found.length < most && this.#options.isAlias?.(target)) found.push([]);
    return found;
  }

  #throughOthers(target: Address, most: number): Address[][] {
    const found: Address[][] = this.#options.isNeighbour(target) ? [[]] : [];
    let open: Address[][] = [[target]];
    let steps = 0;
    for (let relays = 1; relays < MAX_PATH_LINKS && open.length > 0; relays += 1) {
      const next: Address[][] = [];
      for (const partial of open) {
        for (const { via } of this.#known.get(partial[0] as Address) ?? []) {
          if (found.length >= most || steps >= MAX_STEPS) return found;
          if (via === this.#options.self || partial.includes(via)) continue;
          steps += 1;
          if (this.#options.isNeighbour(via)) found.push([via, ...partial.slice(0, -1)]);
          else next.push([via, ...partial]);
        }
      }
      open = next;
    }
    return found;
  }

  #prove(target: Address, via: Address): void {
    const introducers = this.#known.get(target);
    const at = introducers?.findIndex((each) => each.via === via) ?? -1;
    if (!introducers || at <= 0) return;
    const proven = introducers[at] as Introducer;
    introducers.copyWithin(1, 0, at);
    introducers[0] = proven;
  }

  #touch(target: Address, introducers: Introducer[]): void {
    this.#known.delete(target);
    this.#known.set(target, introducers);
  }

  /** No peer may have told us more than its share: its oldest news goes. */
  #makeRoom(source: Address): void {
    const told = this.#told.get(source);
    const share = Math.max(MIN_LEARNT_FROM_ONE_PEER, Math.floor(MAX_SHARE_OF_ONE_PEER * this.#known.size));
    if (told === undefined || told.size < share) return;
    const oldest = told.values().next().value as Address;
    const introducers = this.#known.get(oldest) as Introducer[];
    for (let at = introducers.length - 1; at >= 0; at -= 1) {
      if (introducers[at]?.source === source) this.#remove(oldest, introducers, at);
    }
  }

  #note(source: Address, target: Address): void {
    const told = this.#told.get(source);
    if (told) told.add(target);
    else this.#told.set(source, new Set([target]));
  }

  #remove(target: Address, introducers: Introducer[], at: number): void {
    const [removed] = introducers.splice(at, 1) as [Introducer];
    if (!introducers.some(({ source }) => source === removed.source)) {
      const told = this.#told.get(removed.source);
      told?.delete(target);
      if (told?.size === 0) this.#told.delete(removed.source);
    }
    if (introducers.length === 0) this.#known.delete(target);
  }
}
