// How much of what we know one peer may have told us (OVERLAY.md, "Routes"). Detox (2018) limits it to a fifth: whoever tells
// more makes room for its own news, never for that of others.
import type { Address } from './address.ts';
import { MAX_SHARE_OF_ONE_PEER, MIN_LEARNT_FROM_ONE_PEER, NODES_FOR_JOINING } from './limits.ts';

/** Who told it is no neighbour any more. All of them count as one: else whoever comes again under another id has a share anew. */
export const GONE = 'gone';

export interface SharesOptions {
  /** What we were given elsewhere, as with a contact's record, counts as told by ourselves. */
  readonly self: Address;
  /** Nodes known by route, and live neighbours. */
  known(): { readonly routes: number; readonly neighbours: number };
}

export class Shares {
  readonly #options: SharesOptions;
  /** What each told us, least recently first. */
  readonly #told = new Map<Address, Set<Address>>();

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  note(source: Address, target: Address): void {
    const told = this.#told.get(source) ?? new Set();
    told.delete(target);
    this.#told.set(source, told.add(target));
  }

  drop(source: Address, target: Address): void {
    const told = this.#told.get(source);
    told?.delete(target);
    if (told?.size === 0) this.#told.delete(source);
  }

  told(source: Address): readonly Address[] {
    return [...(this.#told.get(source) ?? [])];
  }

  /** What has to go before `source` may tell more. */
  surplus(source: Address): Address | undefined {
    const told = this.#told.get(source);
    return told && told.size >= this.#limit(source) ? told.values().next().value : undefined;
  }

  #limit(source: Address): number {
    const { routes, neighbours } = this.#options.known();
    const share = Math.floor(MAX_SHARE_OF_ONE_PEER * (routes + neighbours));
    return Math.max(share, this.#least(source, neighbours));
  }

  /** Nobody can be held to a fifth by fewer than five: those share what joining needs. */
  #least(source: Address, neighbours: number): number {
    if (source === this.#options.self) return NODES_FOR_JOINING;
    if (neighbours * MAX_SHARE_OF_ONE_PEER >= 1) return MIN_LEARNT_FROM_ONE_PEER;
    return Math.floor(NODES_FOR_JOINING / Math.max(1, neighbours));
  }
}
