// Bitmaps of a file's units: bit i of byte i/8, least significant first.

export const emptyBitmap = (units: number): Uint8Array<ArrayBuffer> => new Uint8Array(Math.ceil(units / 8));

export const hasUnit = (bitmap: Uint8Array, index: number): boolean =>
  (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;

/** Changes `bitmap`. */
export function markUnit(bitmap: Uint8Array, index: number): void {
  bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
}

/** How many of the first `units` bits are set; whatever stands behind them does not count. */
export function countUnits(bitmap: Uint8Array, units: number): number {
  let count = 0;
  for (let index = 0; index < units; index++) if (hasUnit(bitmap, index)) count++;
  return count;
}
