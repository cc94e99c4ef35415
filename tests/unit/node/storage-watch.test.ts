// What the person is told about room on their device.
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { StorageWatch } from '../../../src/core/node/storage-watch.ts';
import type { StorageState } from '../../../src/core/ports/storage-manager.ts';
import type { Write } from '../../../src/core/ports/store.ts';
import { settle } from '../../fixtures/until.ts';

const plenty = { persisted: true, usage: 0, quota: 1 };
const note: Write = { put: 'meta', key: 'note', value: Uint8Array.of(1) };

/** @param states What the browser says, one after the other; the last for ever. */
function watched(...states: StorageState[]) {
  const disk = new MemoryDisk();
  const watch = new StorageWatch(
    disk.reopen(),
    {
      state: async () => (states.length > 1 ? states.shift() : states[0]) ?? plenty,
      requestPersistence: async () => plenty,
      destroyEverything: async () => {},
    },
    () => {},
  );
  return { disk, watch, store: watch.watched() };
}

describe('room on this device', () => {
  it('is said to be used up when a record finds none, until one does again', async () => {
    const { disk, watch, store } = watched();
    disk.commitsUntilFull = 0;
    expect(await store.commit([note], 'strict').catch(kindOf)).toBe('disk-full');
    expect(watch.view.full).toBe(true);
    disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await store.commit([note], 'strict');
    expect(watch.view.full).toBe(false);
  });

  it('for files is said to be used up when one found none, though a small record does, until one does again', async () => {
    const { watch, store } = watched();
    watch.fileDidNotFit(70_000);
    await store.commit([note], 'strict');
    await settle();
    expect([watch.view.full, watch.view.fullForFiles]).toEqual([false, true]);
    watch.fileDidNotFit(10);
    watch.fileFit(69_999);
    expect(watch.view.fullForFiles).toBe(true);
    watch.fileFit(70_000);
    expect(watch.view.fullForFiles).toBe(false);
  });

  it('for files is there again when as much was freed as was wanted, whatever the browser calls its quota', async () => {
    const used = (usage: number) => ({ ...plenty, usage, quota: usage + 10 * 2 ** 30 });
    const { watch, store } = watched(used(100_000), used(90_000), used(30_001), used(30_000));
    watch.fileDidNotFit(70_000);
    await settle();
    for (const freed of [false, false, true]) {
      await store.commit([note], 'strict');
      await settle();
      expect(watch.view.fullForFiles).toBe(!freed);
    }
  });

  it('for files is not believed in where the browser does not say what is used', async () => {
    const { watch, store } = watched({ persisted: true, usage: null, quota: null });
    watch.fileDidNotFit(0);
    await settle();
    await store.commit([note], 'strict');
    await settle();
    expect(watch.view.fullForFiles).toBe(true);
  });
});
