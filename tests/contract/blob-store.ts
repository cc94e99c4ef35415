// What every BlobStore must do, whatever it stands on. Run against memory and against OPFS in Chromium.
import { describe, expect, test } from 'vitest';
import { countUnits, hasUnit } from '../../src/core/bytes/bitmap.ts';
import { concat } from '../../src/core/bytes/bytes.ts';
import { kindOf } from '../../src/core/errors.ts';
import type { BlobStore, FileLayout } from '../../src/core/ports/blob-store.ts';
import { layoutOf } from '../../src/core/transfer/layout.ts';

export interface BlobStoreBench {
  /** A fresh, empty store. */
  open(): Promise<BlobStore>;
  /** A new page over the same files. */
  reopen(store: BlobStore): Promise<BlobStore>;
  /** Flips one bit of the last stored byte. */
  rot(store: BlobStore, id: string): Promise<void>;
  /** A file of the person's that is gone by now. */
  unreadableSource(): Promise<Blob>;
  /** One that changes after its first megabyte was read; undefined where that cannot be arranged. */
  changingSource?: () => Blob;
}

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

/** `size` bytes that repeat nowhere at unit distance. */
export function patterned(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

const contentOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

/** Every sealed unit of a file, as its sender would send it. */
async function sealedUnits(store: BlobStore, content: Uint8Array<ArrayBuffer>, id = 'source'): Promise<Uint8Array[]> {
  const { layout } = await store.seal(id, new Blob([content]), KEY);
  return Promise.all(Array.from({ length: layout.units }, (_, index) => store.readUnit(id, layout, index)));
}

async function receive(store: BlobStore, layout: FileLayout, units: readonly Uint8Array[], order: readonly number[]) {
  for (const index of order) await store.writeUnits('copy', layout, KEY, index, (units[index] as Uint8Array).slice());
}

export function blobStoreContract(name: string, bench: BlobStoreBench): void {
  describe(`${name} keeps the BlobStore's promises`, () => {
    test('units are read out and stored elsewhere unopened, and are the same file there', async () => {
      const store = await bench.open();
      const content = patterned(200_001);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      expect(await store.layout('source')).toEqual(layout);
      expect(await store.layout('nothing')).toBeUndefined();
      const [first, second, third, last] = units as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      await store.restoreUnits('copy', layout, 0, concat(first, second));
      await store.restoreUnits('copy', layout, 2, concat(third, last));
      await store.flush('copy', layout);
      const again = await bench.reopen(store);
      expect(await again.layout('copy')).toEqual(layout);
      expect(same(await contentOf(await again.open('copy', layout, KEY, '')), content)).toBe(true);
    });

    test('what is no unit of that file is not stored as one', async () => {
      const store = await bench.open();
      const layout = layoutOf(200_001);
      const refused = (first: number, sealed: Uint8Array) =>
        store.restoreUnits('copy', layout, first, sealed).then(() => 'stored', kindOf);
      expect(await refused(0, new Uint8Array(65_551))).toBe('backup-damaged');
      expect(await refused(3, new Uint8Array(65_552))).toBe('backup-damaged');
      expect(await refused(4, new Uint8Array(20))).toBe('backup-damaged');
      expect(await refused(3, new Uint8Array(0))).toBe('backup-damaged');
      expect(countUnits(await store.stored('copy', layout), layout.units)).toBe(0);
    });

    for (const size of [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003, 2_200_000]) {
      test(`a file of ${size} bytes travels unit by unit and is the same file at the end`, async () => {
        const store = await bench.open();
        const content = patterned(size);
        const units = await sealedUnits(store, content);
        const layout = layoutOf(size);
        expect(units.length).toBe(layout.units);
        expect(units.reduce((sum, unit) => sum + unit.length, 0)).toBe(size + 16 * layout.units);
        await receive(store, layout, units, [...units.keys()]);
        expect(await store.finish('copy', layout, KEY)).toEqual(await sha256(content));
        const blob = await store.open('copy', layout, KEY, 'image/png');
        expect([blob.type, blob.size]).toEqual(['image/png', size]);
        expect(same(await contentOf(blob), content)).toBe(true);
      });
    }

    test('sealing tells layout and hash, says how far it is, and the sender can open its own file', async () => {
      const store = await bench.open();
      const content = patterned(3_000_000);
      const progress: number[] = [];
      const onProgress = (fraction: number) => progress.push(fraction);
      const sealed = await store.seal('mine', new Blob([content]), KEY, { onProgress });
      expect(sealed.layout).toEqual({ size: 3_000_000, units: 46 });
      expect(sealed.sha256).toEqual(await sha256(content));
      expect(progress.at(-1)).toBe(1);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(same(await contentOf(await store.open('mine', sealed.layout, KEY, '')), content)).toBe(true);
    });

    test('units in any order, some twice, give the same hash', async () => {
      const store = await bench.open();
      const content = patterned(400_000);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      await receive(store, layout, units, [3, 0, 6, 0, 1, 5, 2, 2, 4]);
      expect(await store.finish('copy', layout, KEY)).toEqual(await sha256(content));
    });

    test('calls that do not wait for one another are done in their order', async () => {
      const store = await bench.open();
      const content = patterned(400_000);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      const writes = units.map((unit, index) => store.writeUnits('copy', layout, KEY, index, unit.slice()));
      const [digest] = await Promise.all([store.finish('copy', layout, KEY), ...writes]);
      expect(digest).toEqual(await sha256(content));
    });

    test('a view of a larger buffer stays with its owner', async () => {
      const store = await bench.open();
      const [unit] = await sealedUnits(store, patterned(100));
      const frame = new Uint8Array(200);
      frame.set(unit as Uint8Array, 40);
      await store.writeUnits('copy', layoutOf(100), KEY, 0, frame.subarray(40, 156));
      expect(frame.length).toBe(200);
      expect(frame[40]).toBe(unit?.[0]);
    });

    test('of units that come in a row those that open are stored, the others told', async () => {
      const store = await bench.open();
      const content = patterned(300_000);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      const row = concat(...units.slice(0, 4));
      row[65_552 + 7] = (row[65_552 + 7] ?? 0) ^ 1;
      expect(await store.writeUnits('copy', layout, KEY, 0, row)).toEqual([1]);
      expect(await store.stored('copy', layout)).toEqual(Uint8Array.of(0b01101));
      expect(await store.writeUnits('copy', layout, KEY, 0, concat(...units))).toEqual([]);
      expect(await store.finish('copy', layout, KEY)).toEqual(await sha256(content));
    });

    test('what was stored is known to the next page, which finishes the file', async () => {
      const store = await bench.open();
      const content = patterned(600_000);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      await receive(store, layout, units, [0, 1, 2, 8]);
      const next = await bench.reopen(store);
      const bitmap = await next.stored('copy', layout);
      expect(units.map((_, index) => hasUnit(bitmap, index))).toEqual(
        units.map((_, index) => [0, 1, 2, 8].includes(index)),
      );
      await receive(next, layout, units, [3, 4, 5, 6, 7, 9]);
      expect(await next.finish('copy', layout, KEY)).toEqual(await sha256(content));
      expect(await next.readUnit('source', layout, 4)).toEqual(units[4]);
    });

    test('nothing is stored of an unknown file, nor of one with another layout', async () => {
      const store = await bench.open();
      expect(await store.stored('nothing', layoutOf(600_000))).toEqual(new Uint8Array(2));
      await sealedUnits(store, patterned(600_000));
      expect(countUnits(await store.stored('source', layoutOf(600_001)), 10)).toBe(0);
      await expect(store.readUnit('source', layoutOf(600_001), 0)).rejects.toMatchObject({ kind: 'record-damaged' });
      await expect(store.readUnit('source', layoutOf(600_000), 10)).rejects.toMatchObject({ kind: 'record-damaged' });
      await expect(store.open('nothing', layoutOf(1), KEY, '')).rejects.toMatchObject({ kind: 'record-damaged' });
      await expect(store.finish('nothing', layoutOf(1), KEY)).rejects.toMatchObject({ kind: 'file-corrupt-unit' });
    });

    test('a unit changed, cut, swapped, of another file or another key is refused and not stored', async () => {
      const store = await bench.open();
      const units = await sealedUnits(store, patterned(200_000));
      const layout = layoutOf(200_000);
      const first = units[0] as Uint8Array;
      const changed = first.slice();
      changed[100] = (changed[100] ?? 0) ^ 1;
      const write = (unit: Uint8Array, index = 0, key = KEY, at = layout) =>
        store.writeUnits('copy', at, key, index, unit.slice());
      expect(await write(changed)).toEqual([0]);
      expect(await write(first.slice(0, 65_551))).toEqual([0]);
      expect(await write(new Uint8Array(0))).toEqual([0]);
      expect(await write(units[1] as Uint8Array)).toEqual([0]);
      expect(await write(first, 4)).toEqual([4]);
      expect(await write(first, 0, new Uint8Array(32))).toEqual([0]);
      expect(await write(first, 0, KEY, layoutOf(300_000))).toEqual([0]);
      expect(countUnits(await store.stored('copy', layout), layout.units)).toBe(0);
      expect(await write(first)).toEqual([]);
      expect(countUnits(await store.stored('copy', layout), layout.units)).toBe(1);
    });

    test('a file whose unit has rotted on the disk: dropped from what is stored, and whole again once it came anew', async () => {
      const store = await bench.open();
      const content = patterned(300_000);
      const units = await sealedUnits(store, content);
      const layout = layoutOf(content.length);
      await receive(store, layout, units, [0, 1, 2, 3, 4]);
      await bench.rot(store, 'copy');
      const next = await bench.reopen(store);
      await expect(next.open('copy', layout, KEY, '')).rejects.toMatchObject({ kind: 'record-damaged' });
      await expect(next.finish('copy', layout, KEY)).rejects.toMatchObject({ kind: 'file-corrupt-unit' });
      expect(await next.stored('copy', layout)).toEqual(Uint8Array.of(0b01111));
      await receive(next, layout, units, [4]);
      expect(await next.finish('copy', layout, KEY)).toEqual(await sha256(content));
    });

    test.skipIf(!bench.changingSource)(
      'a source that changes while it is read: file-changed, and nothing is left of it',
      async () => {
        const store = await bench.open();
        await expect(store.seal('mine', bench.changingSource?.() as Blob, KEY)).rejects.toMatchObject({
          kind: 'file-changed',
        });
        expect(await store.list()).toEqual([]);
      },
    );

    test('a source that cannot be read: file-unreadable, and nothing is left of it', async () => {
      const store = await bench.open();
      await expect(store.seal('mine', await bench.unreadableSource(), KEY)).rejects.toMatchObject({
        kind: 'file-unreadable',
      });
      expect(await store.list()).toEqual([]);
    });

    test('a cancelled sealing ends as file-cancelled, and nothing is left of it', async () => {
      const store = await bench.open();
      const abort = new AbortController();
      const onProgress = () => abort.abort();
      const sealing = store.seal('mine', new Blob([patterned(20_000_000)]), KEY, { signal: abort.signal, onProgress });
      await expect(sealing).rejects.toMatchObject({ kind: 'file-cancelled' });
      expect(await store.list()).toEqual([]);
    });

    test('what was removed is gone; removing it again is fine', async () => {
      const store = await bench.open();
      await sealedUnits(store, patterned(100), 'one');
      await sealedUnits(store, patterned(100), 'two');
      expect((await store.list()).sort()).toEqual(['one', 'two']);
      await store.remove('one');
      await store.remove('one');
      expect(await store.list()).toEqual(['two']);
      expect(await store.stored('one', layoutOf(100))).toEqual(Uint8Array.of(0));
    });

    test('an id that could be a path is refused', async () => {
      const store = await bench.open();
      for (const id of ['', '..', 'a/b', 'a\\b', 'x'.repeat(65)])
        await expect(store.stored(id, layoutOf(1))).rejects.toMatchObject({ kind: 'internal' });
    });
  });
}
