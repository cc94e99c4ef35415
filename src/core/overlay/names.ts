// Who is reached under which address: ourselves and our aliases, the neighbours and theirs (OVERLAY.md, "Aliases").
import { KithError } from '../errors.ts';
import { ADDRESS_BYTES, type Address, addressBytes, addressOf, isUsableId, readAddress } from './address.ts';
import { frameTypes } from './frames.ts';
import { MAX_ALIASES } from './limits.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';

export class Names {
  readonly self: Address;
  readonly #neighbours: Neighbours;
  /** Our id and our aliases in full. */
  readonly #ours = new Map<Address, Uint8Array>();
  readonly #theirs = new Map<Address, Neighbour>();

  constructor(id: Uint8Array, neighbours: Neighbours) {
    this.self = addressOf(id);
    this.#ours.set(this.self, id);
    this.#neighbours = neighbours;
    neighbours.onAdded((neighbour) => {
      for (const alias of this.#ours.keys()) if (alias !== this.self) neighbour.send(aliasFrame(alias, true));
    });
    neighbours.onRemoved((neighbour) => {
      for (const alias of neighbour.aliases) this.#theirs.delete(alias);
    });
    neighbours.onFrame(frameTypes.alias, (neighbour, frame) => this.#told(neighbour, frame));
  }

  isOurs(address: Address): boolean {
    return this.#ours.has(address);
  }

  /** The whole id behind an address of ours. */
  ourId(address: Address): Uint8Array | undefined {
    return this.#ours.get(address);
  }

  /** What leaves or arrives under such an address of ours must not tell whose link it is: there is always a relay between. */
  isAlias(ours: Address): boolean {
    return ours !== this.self;
  }

  neighbour(address: Address): Neighbour | undefined {
    return this.#neighbours.get(address) ?? this.#theirs.get(address);
  }

  /** Whether what `neighbour` sends may come from this address. */
  speaksFor(neighbour: Neighbour, address: Address): boolean {
    return this.neighbour(address) === neighbour;
  }

  /** `id`: 20 random bytes. Ignored when there are too many, or it cannot be an address. */
  add(id: Uint8Array): void {
    const alias = addressOf(id);
    if (!isUsableId(id) || this.#ours.has(alias) || this.#ours.size > MAX_ALIASES) return;
    this.#ours.set(alias, id);
    for (const neighbour of this.#neighbours.all()) neighbour.send(aliasFrame(alias, true));
  }

  remove(id: Uint8Array): void {
    const alias = addressOf(id);
    if (alias === this.self || !this.#ours.delete(alias)) return;
    for (const neighbour of this.#neighbours.all()) neighbour.send(aliasFrame(alias, false));
  }

  #told(neighbour: Neighbour, frame: Uint8Array): void {
    if (frame.length !== 2 + ADDRESS_BYTES) throw new KithError('frame-malformed');
    const alias = readAddress(frame, 2);
    if (frame[1] === 0) {
      if (neighbour.aliases.delete(alias)) this.#theirs.delete(alias);
      return;
    }
    // First come, first served: nobody takes over another's name while that is connected.
    const taken = this.isOurs(alias) || this.neighbour(alias) !== undefined;
    if (taken || neighbour.aliases.size >= MAX_ALIASES) return;
    neighbour.aliases.add(alias);
    this.#theirs.set(alias, neighbour);
  }
}

function aliasFrame(alias: Address, add: boolean): Uint8Array {
  return Uint8Array.of(frameTypes.alias, add ? 1 : 0, ...addressBytes(alias));
}
