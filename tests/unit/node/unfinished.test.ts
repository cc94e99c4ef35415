// The mark of an import that did not end has everything removed: it is believed when it is there, and never guessed.
import { expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { KithError } from '../../../src/core/errors.ts';
import { IMPORT_KEY, noteWhy, unfinishedImport } from '../../../src/core/node/backup/unfinished.ts';

const value = new Uint8Array([1]);

it('a disk that cannot be read just now has no mark: the page says that it cannot be read, and removes nothing', async () => {
  const store = new MemoryDisk().reopen();
  store.get = () => Promise.reject(new KithError('storage-unavailable'));
  await expect(unfinishedImport(store)).rejects.toMatchObject({ kind: 'storage-unavailable' });
});

it('a mark that is damaged, or of a later version, is one', async () => {
  const disk = new MemoryDisk();
  const store = disk.reopen();
  expect(await unfinishedImport(store)).toBeUndefined();
  await store.commit([{ put: 'meta', key: IMPORT_KEY, value }], 'strict');
  expect(await unfinishedImport(store)).toBe('import-unfinished');
  disk.damage('meta', IMPORT_KEY);
  expect(await unfinishedImport(store)).toBe('import-unfinished');
});

it('why it did not end is noted in a mark that is there, and makes none', async () => {
  const store = new MemoryDisk().reopen();
  expect(await noteWhy(store, 'disk-full')).toBe(false);
  expect(await unfinishedImport(store)).toBeUndefined();
  await store.commit([{ put: 'meta', key: IMPORT_KEY, value }], 'strict');
  expect(await noteWhy(store, 'disk-full')).toBe(true);
  expect(await unfinishedImport(store)).toBe('disk-full');
});
