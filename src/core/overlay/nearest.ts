// The few nearest of some nodes.
import { compareDistance } from './address.ts';

interface Contact {
  readonly id: Uint8Array;
  /** `beginningOf` its id, where somebody keeps it: then the id itself is read only where another is equally far. */
  readonly beginning?: number;
}

/** Up to `count`, the nearest to `target` first. Whole ids are compared only where their beginnings are equally far. */
export function nearest<C extends Contact>(contacts: Iterable<C>, target: Uint8Array, count: number): C[] {
  const found: C[] = [];
  const distances: number[] = [];
  const from = beginningOf(target);
  for (const contact of contacts) {
    // Of the first 31 bits: numbers that engines keep without an object for each.
    const distance = ((contact.beginning ?? beginningOf(contact.id)) ^ from) >>> 1;
    let place = found.length;
    while (place > 0) {
      const other = distances[place - 1] as number;
      if (other < distance) break;
      if (other === distance && compareDistance(target, (found[place - 1] as C).id, contact.id) <= 0) break;
      place -= 1;
    }
    if (place < count) insert(found, distances, place, contact, distance, count);
  }
  return found;
}

/** What no longer fits falls off the end. */
function insert<C>(found: C[], distances: number[], place: number, contact: C, distance: number, count: number): void {
  for (let at = Math.min(found.length, count - 1); at > place; at -= 1) {
    found[at] = found[at - 1] as C;
    distances[at] = distances[at - 1] as number;
  }
  found[place] = contact;
  distances[place] = distance;
}

/** The first 32 bits of an id. */
export function beginningOf(id: Uint8Array): number {
  return ((id[0] as number) << 24) | ((id[1] as number) << 16) | ((id[2] as number) << 8) | (id[3] as number);
}
