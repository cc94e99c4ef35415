// Units of one file that are sealed, opened, read or written together.
import type { Bytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import type { FileLayout } from '../ports/blob-store.ts';
import { UNIT_BYTES } from '../wire/limits.ts';
import { type SealedUnit, unitLength } from './layout.ts';
import { openUnit } from './unit.ts';
import type { UnitFile } from './unit-file.ts';

/** Units sealed or opened at a time: 1 MiB keeps WebCrypto and the disk busy and memory flat. */
export const BATCH_UNITS = 16;

export interface OpenedUnit extends SealedUnit {
  /** undefined: it is not this unit of this file. */
  readonly plain: Bytes | undefined;
}

interface PlainUnit extends SealedUnit {
  readonly plain: Bytes;
}

type Run = [PlainUnit, ...PlainUnit[]];

export async function openedUnit(
  key: CryptoKey,
  layout: FileLayout,
  { index, sealed }: SealedUnit,
): Promise<OpenedUnit> {
  try {
    return { index, sealed, plain: await openUnit(key, layout, index, sealed) };
  } catch (error) {
    if (error instanceof KithError && error.kind === 'file-corrupt-unit') return { index, sealed, plain: undefined };
    throw error;
  }
}

/** The units that opened, those that follow one another together. */
export function runsOf(opened: readonly OpenedUnit[]): Run[] {
  const runs: Run[] = [];
  for (const { index, sealed, plain } of opened) {
    if (plain === undefined) continue;
    const last = runs.at(-1);
    if (last?.at(-1)?.index === index - 1) last.push({ index, sealed, plain });
    else runs.push([{ index, sealed, plain }]);
  }
  return runs;
}

/** The plain file. Units that do not open are dropped. @throws KithError 'file-corrupt-unit' when there was one. */
export async function readWhole(file: UnitFile, key: CryptoKey): Promise<Bytes> {
  const whole = new Uint8Array(file.layout.size);
  let damaged = false;
  for (const indices of batchesOf(file.layout)) {
    const units = await Promise.all(indices.map((index) => openOrDrop(file, key, index)));
    for (const [at, unit] of units.entries()) {
      if (unit === undefined) damaged = true;
      else whole.set(unit, (indices[at] as number) * UNIT_BYTES);
    }
  }
  if (damaged) throw new KithError('file-corrupt-unit');
  return whole;
}

async function openOrDrop(file: UnitFile, key: CryptoKey, index: number): Promise<Bytes | undefined> {
  try {
    return await openUnit(key, file.layout, index, file.read(index));
  } catch {
    file.drop(index);
    return undefined;
  }
}

export function* batchesOf({ units }: FileLayout): Generator<number[]> {
  for (let start = 0; start < units; start += BATCH_UNITS)
    yield Array.from({ length: Math.min(BATCH_UNITS, units - start) }, (_, i) => start + i);
}

/** The parts copied into `space`, one behind the other: what lies so is written at once. */
export function laidOut(space: Bytes, parts: readonly Uint8Array[]): Uint8Array[] {
  let end = 0;
  return parts.map((part) => {
    space.set(part, end);
    end += part.length;
    return space.subarray(end - part.length, end);
  });
}

export const plainUnit = (whole: Bytes, layout: FileLayout, index: number): Bytes =>
  whole.subarray(index * UNIT_BYTES, index * UNIT_BYTES + unitLength(layout, index));
