// What the person is told about room on their device.
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { StorageWatch } from '../../../src/core/node/storage-watch.ts';
import type { Write } from '../../../src/core/ports/store.ts';

const plenty = { persisted: true, usage: 0, quota: 1 };
const note: Write = { put: 'meta', key: 'note', value: Uint8Array.of(1) };

function watched() {
  const disk = new MemoryDisk();
  const watch = new StorageWatch(
    disk.reopen(),
    { state: async () => plenty, requestPersistence: async () => plenty, destroyEverything: async () => {} },
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

  it('is still said to be used up when a file found none and a small record does', async () => {
    const { watch, store } = watched();
    watch.file(false);
    await store.commit([note], 'strict');
    expect(watch.view.full).toBe(true);
    watch.file(true);
    expect(watch.view.full).toBe(false);
  });
});
