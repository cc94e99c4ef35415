// How much of files one member is given: each unit about twice, whatever they ask for (FILES.md, "Bounds").
import { Allowance } from '../history/allowance.ts';
import type { MemberId } from '../members-view.ts';
import type { FileName } from './offer.ts';

/** Questions one member may ask at once, and each second. */
const ASKS = { most: 256, perSecond: 4 };
/** Beyond twice each, so many units a second. */
const UNITS_PER_SECOND = 1;

export class Giving {
  readonly #asks = new Map<MemberId, Allowance>();
  readonly #units = new Map<FileName, Map<MemberId, Allowance>>();

  mayAsk(peer: MemberId, now: number): boolean {
    const known = this.#asks.get(peer) ?? new Allowance(ASKS.most, ASKS.perSecond, now);
    this.#asks.set(peer, known);
    return known.take(1, now);
  }

  /** `all`: units of the whole file. Lasts for as long as the page: whoever comes again has no more. */
  mayHave(peer: MemberId, file: FileName, all: number, units: number, now: number): boolean {
    const ofFile = this.#units.get(file) ?? new Map<MemberId, Allowance>();
    this.#units.set(file, ofFile);
    // A request for three counts as three, also where the file has one.
    const known = ofFile.get(peer) ?? new Allowance(2 * all + 4, UNITS_PER_SECOND, now);
    ofFile.set(peer, known);
    return known.take(units, now);
  }

  forget(file: FileName): void {
    this.#units.delete(file);
  }
}
