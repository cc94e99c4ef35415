// How a file is cut into units.
import type { FileLayout } from '../ports/blob-store.ts';
import { UNIT_BYTES } from '../wire/limits.ts';

/** AES-GCM's tag, added to every sealed unit. */
export const UNIT_TAG_BYTES = 16;
export const SEALED_UNIT_BYTES = UNIT_BYTES + UNIT_TAG_BYTES;

/** An empty file has one empty unit, so that even it is authenticated. */
export function layoutOf(size: number): FileLayout {
  return { size, units: Math.max(1, Math.ceil(size / UNIT_BYTES)) };
}

/** Whether somebody else's numbers fit together. */
export function isLayout({ size, units }: FileLayout): boolean {
  return Number.isSafeInteger(size) && size >= 0 && units === layoutOf(size).units;
}

/** Plain bytes of one unit: 65,536 in all but the last. */
export function unitLength(layout: FileLayout, index: number): number {
  return index === layout.units - 1 ? layout.size - index * UNIT_BYTES : UNIT_BYTES;
}

export const sealedLength = (layout: FileLayout, index: number): number => unitLength(layout, index) + UNIT_TAG_BYTES;

export const isUnit = (layout: FileLayout, index: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < layout.units;

export interface SealedUnit {
  readonly index: number;
  readonly sealed: Uint8Array;
}

/** It has the length that this unit has. */
export const isWhole = (layout: FileLayout, { index, sealed }: SealedUnit): boolean =>
  sealed.length === sealedLength(layout, index);

/** The sealed units of a row that begins with unit `first`, as views. What fits no unit comes as it is, to be refused as one. */
export function unitsOfRow(layout: FileLayout, first: number, sealed: Uint8Array): SealedUnit[] {
  const units: SealedUnit[] = [];
  let at = 0;
  do {
    const index = first + units.length;
    const end = isUnit(layout, index) ? at + sealedLength(layout, index) : sealed.length;
    units.push({ index, sealed: sealed.subarray(at, end) });
    at = end;
  } while (at < sealed.length);
  return units;
}

/** How many units a row of so many sealed bytes holds. */
export const unitsIn = (sealedBytes: number): number => Math.max(1, Math.ceil(sealedBytes / SEALED_UNIT_BYTES));
