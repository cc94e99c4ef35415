// The few nearest of some nodes.
import { compareDistance } from './address.ts';

interface Contact {
  readonly id: Uint8Array;
}

/**
 * Up to `count`, the nearest to `target` first. Asked at every question that comes: whole ids are compared only where their
 * beginnings are equally far.
 */
export function nearest<C extends Contact>(contacts: Iterable<C>, target: Uint8Array, count: number): C[] {
  const found: C[] = [];
  const distances: number[] = [];
  for (const contact of contacts) {
    const distance = firstDistance(contact.id, target);
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

/** Of the first 31 bits: numbers that engines keep without an object for each. */
function firstDistance(a: Uint8Array, b: Uint8Array): number {
  return (beginning(a) ^ beginning(b)) >>> 1;
}

function beginning(id: Uint8Array): number {
  return ((id[0] as number) << 24) | ((id[1] as number) << 16) | ((id[2] as number) << 8) | (id[3] as number);
}
