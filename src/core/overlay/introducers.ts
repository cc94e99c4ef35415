// Which neighbours our records name, and under which id: our own, or with relay only an alias that they alone can resolve.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Random } from '../ports/random.ts';
import { ID_BYTES, isUsableId } from './address.ts';
import type { Overlay } from './overlay-api.ts';
import { MAX_VIA } from './place-record.ts';
import type { Whereabouts } from './spot.ts';

/** Aliases in use at a time (neighbours keep 64 of one node): with more places than this some share one. */
const MAX_ALIASES = 48;

export class Introducers {
  #via: readonly Uint8Array[] = [];
  readonly #aliases: Uint8Array[] = [];
  #hidden = false;

  constructor(
    private readonly overlay: Overlay,
    private readonly random: Random,
  ) {}

  get any(): boolean {
    return this.#via.length > 0;
  }

  /** What the record of the place with that number says. */
  whereabouts(number: number): Whereabouts | undefined {
    if (!this.any) return undefined;
    const id = this.#hidden ? this.#alias(number) : this.overlay.id;
    return { node: { id, via: this.#via }, relayed: this.#hidden };
  }

  /** Looks at the neighbours. True when one that was named has gone, or there is room to name another. */
  refresh(): boolean {
    // Who has been here longest is likeliest to stay.
    const all = [...this.overlay.view().neighbours].sort((a, b) => a.since - b.since).map(({ id }) => id);
    const still = this.#via.filter((one) => all.some((id) => equalBytes(one, id)));
    const others = all.filter((id) => !still.some((one) => equalBytes(one, id)));
    const next = [...still, ...others].slice(0, MAX_VIA);
    const changed = toHex(Uint8Array.from(next.flatMap((id) => [...id]))) !== this.#text();
    this.#via = next;
    return changed;
  }

  /** False when nothing changes. */
  hide(on: boolean): boolean {
    if (this.#hidden === on) return false;
    this.#hidden = on;
    if (!on) for (const alias of this.#aliases.splice(0)) this.overlay.removeAlias(alias);
    return true;
  }

  #alias(number: number): Uint8Array {
    const index = number % MAX_ALIASES;
    while (this.#aliases.length <= index) {
      const alias = this.random.bytes(ID_BYTES);
      if (!isUsableId(alias)) continue;
      this.overlay.addAlias(alias);
      this.#aliases.push(alias);
    }
    return this.#aliases[index] as Uint8Array;
  }

  #text(): string {
    return toHex(Uint8Array.from(this.#via.flatMap((id) => [...id])));
  }
}
