// Ways to nodes that are no neighbours. What is remembered is who has a live link to whom: "X is reachable over its
// introducer Y". A way is put together from that when it is needed, so it follows every change of our own links.
import type { Address } from './address.ts';
import { MAX_INTRODUCERS, MAX_PATH_LINKS, MAX_ROUTES } from './limits.ts';
import { GONE, Shares } from './shares.ts';

/** Partial ways looked at in one search. */
const MAX_STEPS = 64;

interface Introducer {
  readonly via: Address;
  /** Over whose link the news came: a neighbour, ourselves, or GONE. */
  source: Address;
}

export interface RoutesOptions {
  readonly self: Address;
  /** Whether it is ours, our own address or an alias: no way leads through us. Default: `self` alone. */
  isOurs?(address: Address): boolean;
  isNeighbour(address: Address): boolean;
  /** Live neighbours. */
  neighbours(): number;
  /** The neighbour that says to be reached under this address too. */
  ownerOf?(alias: Address): Address | undefined;
  readonly capacity?: number;
}

export class Routes {
  readonly #options: RoutesOptions;
  readonly #capacity: number;
  readonly #isOurs: (address: Address) => boolean;
  /** Least recently learnt first. The introducers of each: those that have proven good first, the latest before others. */
  readonly #known = new Map<Address, Introducer[]>();
  readonly #shares: Shares;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? MAX_ROUTES;
    this.#isOurs = (address) => options.isOurs?.(address) ?? address === options.self;
    const known = () => ({ routes: this.#known.size, neighbours: options.neighbours() });
    this.#shares = new Shares({ self: options.self, known });
  }

  /** Nodes to which somebody has a link. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * It is said that `via` has a live link to `target`. `source`: the neighbour over whose link that came, whoever said it, since it
   * alone is proven; or ourselves, for what we were given elsewhere.
   */
  learn(target: Address, via: Address, source: Address): void {
    if (target === via || this.#isOurs(target) || this.#isOurs(via)) return;
    const introducers = this.#known.get(target) ?? [];
    const known = introducers.find((each) => each.via === via);
    if (known?.source === source) this.#shares.note(source, target);
    if (known && known.source !== GONE) {
      this.#touch(target, introducers);
      return;
    }
    this.#makeRoom(source);
    if (known) this.#charge(target, known, source);
    this.#touch(target, known ? introducers : this.#introduced(target, introducers, { via, source }));
    while (this.#known.size > this.#capacity) this.forgetNode(this.#known.keys().next().value as Address);
  }

  /**
   * Something came along this way: from path[0], over the others in order, the last being our neighbour. `source`: its own
   * address, should it stand there under an alias; else its share would grow with every alias.
   */
  learnReverse(path: readonly Address[], source: Address): void {
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

  /** A neighbour has gone: what it told is kept, and counts as told by those who have gone. */
  disown(source: Address): void {
    for (const target of this.#shares.told(source)) {
      for (const introducer of [...(this.#known.get(target) ?? [])]) {
        if (introducer.source !== source) continue;
        this.#makeRoom(GONE);
        if (this.#known.get(target)?.includes(introducer)) this.#charge(target, introducer, GONE);
      }
    }
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
    const found: Address[][] = this.#options.isNeighbour(target) ? [[]] : [];
    this.#throughOthers(target, most, found);
    if (found.length < most && this.#options.ownerOf?.(target) !== undefined) found.push([]);
    return found;
  }

  /** As `ways`, none of them without a relay: also not over a neighbour that says to be the target, and so could only pass on to itself. */
  waysThroughOthers(target: Address, most = MAX_INTRODUCERS): Address[][] {
    return this.#throughOthers(target, most, [], this.#options.ownerOf?.(target));
  }

  /** Adds to `found` what leads over others, none of them `except`. */
  #throughOthers(target: Address, most: number, found: Address[][], except?: Address): Address[][] {
    // Neighbours call a path malformed that passes us twice; what was learnt before an alias was made may lead through it.
    let open: Address[][] = this.#isOurs(target) ? [] : [[target]];
    let steps = 0;
    for (let relays = 1; relays < MAX_PATH_LINKS && open.length > 0; relays += 1) {
      const next: Address[][] = [];
      for (const partial of open) {
        for (const { via } of this.#known.get(partial[0] as Address) ?? []) {
          if (found.length >= most || steps >= MAX_STEPS) return found;
          if (this.#isOurs(via) || via === except || partial.includes(via)) continue;
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

  #introduced(target: Address, introducers: Introducer[], introducer: Introducer): Introducer[] {
    if (introducers.length >= MAX_INTRODUCERS) this.#remove(target, introducers, introducers.length - 1);
    this.#shares.note(introducer.source, target);
    // `concat` fits exactly; one that grows, or is spread, keeps room for sixteen more, thousands of times.
    return introducers.concat(introducer);
  }

  /** From now on it counts as told by `source`. */
  #charge(target: Address, introducer: Introducer, source: Address): void {
    const before = introducer.source;
    introducer.source = source;
    this.#shares.note(source, target);
    this.#release(before, target);
  }

  /** No peer may have told us more than its share: its oldest news goes. */
  #makeRoom(source: Address): void {
    for (let target = this.#shares.surplus(source); target !== undefined; target = this.#shares.surplus(source)) {
      const introducers = this.#known.get(target) as Introducer[];
      for (let at = introducers.length - 1; at >= 0; at -= 1) {
        if (introducers[at]?.source === source) this.#remove(target, introducers, at);
      }
    }
  }

  #remove(target: Address, introducers: Introducer[], at: number): void {
    const [removed] = introducers.splice(at, 1) as [Introducer];
    this.#release(removed.source, target);
    if (introducers.length === 0) this.#known.delete(target);
  }

  #release(source: Address, target: Address): void {
    if (!this.#known.get(target)?.some((each) => each.source === source)) this.#shares.drop(source, target);
  }
}
