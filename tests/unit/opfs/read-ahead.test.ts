import { beforeEach, describe, expect, test } from 'vitest';
import { ReadAhead } from '../../../src/adapters/opfs/read-ahead.ts';
import { KithError } from '../../../src/core/errors.ts';
import { layoutOf } from '../../../src/core/transfer/layout.ts';
import { UNIT_BYTES } from '../../../src/core/wire/limits.ts';

const layout = layoutOf(40 * UNIT_BYTES);
const unit = (id: string, index: number) => new TextEncoder().encode(`${id} ${index}`);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

let asked: string[];
let missing: Set<number>;
let reads: ReadAhead;

/** A worker that answers like the unit store: up to the first unit that is not there. */
async function fetchUnits(id: string, _layout: unknown, first: number, count: number): Promise<Uint8Array[]> {
  asked.push(`${id} ${first}+${count}`);
  if (missing.has(first)) throw new KithError('record-damaged');
  const units: Uint8Array[] = [];
  for (let index = first; index < first + count && !missing.has(index); index++) units.push(unit(id, index));
  return units;
}

beforeEach(() => {
  asked = [];
  missing = new Set();
  reads = new ReadAhead(fetchUnits);
});

const readAll = async (id: string, from = 0, to = layout.units) => {
  const seen: string[] = [];
  for (let index = from; index < to; index++) seen.push(textOf(await reads.read(id, layout, index)));
  return seen;
};

test('a file that is read from its start to its end comes in a few batches, every unit once and in its place', async () => {
  expect(await readAll('a')).toEqual(Array.from({ length: 40 }, (_, index) => `a ${index}`));
  expect(asked).toEqual(['a 0+9', 'a 9+9', 'a 18+9', 'a 27+9', 'a 36+4']);
});

test('two files that take turns keep a batch each', async () => {
  for (let index = 0; index < 40; index++)
    for (const id of ['a', 'b']) expect(textOf(await reads.read(id, layout, index))).toBe(`${id} ${index}`);
  expect(asked).toHaveLength(10);
});

test('reading goes on wherever it is asked to, also backwards and again', async () => {
  const order = [0, 1, 30, 31, 2, 2, 39, 0];
  for (const index of order) expect(textOf(await reads.read('a', layout, index))).toBe(`a ${index}`);
});

describe('a unit that is not stored', () => {
  test('is refused when it is read, and holds up no other', async () => {
    missing.add(3);
    for (const index of [0, 1, 2]) expect(textOf(await reads.read('a', layout, index))).toBe(`a ${index}`);
    await expect(reads.read('a', layout, 3)).rejects.toMatchObject({ kind: 'record-damaged' });
    expect(await readAll('a', 4)).toHaveLength(36);
  });

  test('is read when it has come meanwhile', async () => {
    missing.add(3);
    await reads.read('a', layout, 2);
    missing.clear();
    expect(textOf(await reads.read('a', layout, 3))).toBe('a 3');
  });
});

test('what was read ahead of a file that has changed is forgotten', async () => {
  await reads.read('a', layout, 0);
  reads.forget('a');
  missing.add(1);
  await expect(reads.read('a', layout, 1)).rejects.toMatchObject({ kind: 'record-damaged' });
});
