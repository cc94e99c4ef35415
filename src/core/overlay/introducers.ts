// Which neighbours our records name, and under which id: our own, or with relay only an alias that they alone can resolve.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Random } from '../ports/random.ts';
import { randomId } from './address.ts';
import type { Overlay } from './overlay-api.ts';
import { MAX_VIA } from './place-record.ts';
import type { Whereabouts } from './spot.ts';

/** Aliases in use at a time (neighbours keep 64 of one node): with more places than this some share one. */
const MAX_ALIASES = 48;

export class Introducers {
  #via: readonly Uint8Array[] = [];
  /** Of the places that are open. */
  readonly #numbers = new Set<number>();
  readonly #aliases = new Map<number, Uint8Array>();
  #hidden = false;

  constructor(
    private readonly overlay: Overlay,
    private readonly random: Random,
  ) {}

  get any(): boolean {
    return this.#via.length > 0;
  }

  get hidden(): boolean {
    return this.#hidden;
  }

  /** For a new place: no other has it while both are open, so that no two contacts are told the same alias. */
  takeNumber(): number {
    let number = 0;
    while (this.#numbers.has(number)) number += 1;
    this.#numbers.add(number);
    return number;
  }

  /** The place is no more. Its alias goes with it, unless another shares it: the next place is another contact's. */
  giveBack(number: number): void {
    this.#numbers.delete(number);
    const index = number % MAX_ALIASES;
    const alias = this.#aliases.get(index);
    if (!alias || [...this.#numbers].some((other) => other % MAX_ALIASES === index)) return;
    this.#aliases.delete(index);
    this.overlay.removeAlias(alias);
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
    if (!on) for (const alias of this.#aliases.values()) this.overlay.removeAlias(alias);
    if (!on) this.#aliases.clear();
    return true;
  }

  #alias(number: number): Uint8Array {
    const index = number % MAX_ALIASES;
    const known = this.#aliases.get(index);
    if (known) return known;
    const alias = randomId(this.random);
    this.overlay.addAlias(alias);
    this.#aliases.set(index, alias);
    return alias;
  }

  #text(): string {
    return toHex(Uint8Array.from(this.#via.flatMap((id) => [...id])));
  }
}
