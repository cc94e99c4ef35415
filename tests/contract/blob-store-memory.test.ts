// The memory twin under the BlobStore's acceptance suite, and the faults only it can have.
import { describe, expect, test } from 'vitest';
import { MemoryBlobStore } from '../../src/adapters/memory/blob-store.ts';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { fail, sourceThat } from '../unit/transfer/sources.ts';
import { blobStoreContract, patterned, sha256 } from './blob-store.ts';

const KEY = new Uint8Array(32).fill(3);
const memory = () => new MemoryBlobStore(new MemoryClock());

blobStoreContract('MemoryBlobStore', {
  open: async () => memory(),
  reopen: async (store) => {
    const { files } = store as MemoryBlobStore;
    files.crash();
    return new MemoryBlobStore(new MemoryClock(), files);
  },
  rot: async (store, id) => void (store as MemoryBlobStore).files.rot(id, 0),
  unreadableSource: async () => sourceThat(patterned(3_000_000), () => fail('NotFoundError')),
  changingSource: () => sourceThat(patterned(3_000_000), (_, piece) => piece.slice(0, -5)),
});

describe('a full disk', () => {
  test('sealing says disk-full and leaves nothing behind', async () => {
    const store = memory();
    store.files.room = 1_500_000;
    const sealing = store.seal('mine', new Blob([patterned(2_000_000)]), KEY);
    await expect(sealing).rejects.toMatchObject({ kind: 'disk-full' });
    expect(await store.list()).toEqual([]);
  });

  test('a unit that finds no room is not stored; with room again the file is finished', async () => {
    const store = memory();
    const content = patterned(200_000);
    const { layout } = await store.seal('mine', new Blob([content]), KEY);
    const units = await Promise.all([0, 1, 2, 3].map((index) => store.readUnit('mine', layout, index)));
    store.files.room = 100_000;
    await store.writeUnits('copy', layout, KEY, 0, units[0] as Uint8Array);
    const second = store.writeUnits('copy', layout, KEY, 1, units[1] as Uint8Array);
    await expect(second).rejects.toMatchObject({ kind: 'disk-full' });
    expect(await store.stored('copy', layout)).toEqual(Uint8Array.of(1));
    store.files.room = Number.POSITIVE_INFINITY;
    for (const index of [1, 2, 3]) await store.writeUnits('copy', layout, KEY, index, units[index] as Uint8Array);
    expect(await store.finish('copy', layout, KEY)).toEqual(await sha256(content));
  });
});

describe('handles and durability', () => {
  test('an unused file is let go after two seconds, so that another tab may have it', async () => {
    const clock = new MemoryClock();
    const store = new MemoryBlobStore(clock);
    const source = memory();
    const { layout } = await source.seal('mine', new Blob([patterned(100_000)]), KEY);
    await store.writeUnits('copy', layout, KEY, 0, await source.readUnit('mine', layout, 0));
    expect(store.files.opened.has('copy')).toBe(true);
    await clock.advance(1999);
    expect(store.files.opened.has('copy')).toBe(true);
    await clock.advance(1);
    expect(store.files.opened.has('copy')).toBe(false);
    expect(clock.pending).toBe(0);
    expect(await new MemoryBlobStore(clock, store.files).stored('copy', layout)).toEqual(Uint8Array.of(1));
  });

  test('a sealed and a finished file are flushed to the disk', async () => {
    const store = memory();
    const { layout } = await store.seal('mine', new Blob([patterned(10)]), KEY);
    expect(store.files.flushes).toBe(1);
    await store.writeUnits('copy', layout, KEY, 0, await store.readUnit('mine', layout, 0));
    await store.finish('copy', layout, KEY);
    expect(store.files.flushes).toBe(2);
  });

  test('a page that dies without closing the file loses no unit that was stored', async () => {
    const store = memory();
    const source = memory();
    const content = patterned(700_000);
    const { layout } = await source.seal('mine', new Blob([content]), KEY);
    const unit = (index: number) => source.readUnit('mine', layout, index);
    for (const index of [7, 0, 10, 3]) await store.writeUnits('copy', layout, KEY, index, await unit(index));
    store.files.crash();
    const next = new MemoryBlobStore(new MemoryClock(), store.files);
    expect(await next.stored('copy', layout)).toEqual(Uint8Array.of(0b10001001, 0b100));
    for (const index of [1, 2, 4, 5, 6, 8, 9]) await next.writeUnits('copy', layout, KEY, index, await unit(index));
    expect(await next.finish('copy', layout, KEY)).toEqual(await sha256(content));
  });

  test('a unit torn in the middle of its write does not count', async () => {
    const store = memory();
    const source = memory();
    const { layout } = await source.seal('mine', new Blob([patterned(200_000)]), KEY);
    for (const index of [0, 1])
      await store.writeUnits('copy', layout, KEY, index, await source.readUnit('mine', layout, index));
    store.files.crash();
    const content = store.files.files.get('copy');
    if (content) content.length -= 40_000;
    const next = new MemoryBlobStore(new MemoryClock(), store.files);
    expect(await next.stored('copy', layout)).toEqual(Uint8Array.of(1));
  });
});
