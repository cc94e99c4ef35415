// The key to everything on this device: whole on the disk, or not said to be there.
import { expect, it } from 'vitest';
import { MemoryFiles } from '../../../src/adapters/memory/blob-store.ts';
import { readDataKey, writeDataKey } from '../../../src/workers/data-key.ts';

const key = new Uint8Array(32).fill(7);

it('is read as it was written', async () => {
  const files = new MemoryFiles();
  expect(await readDataKey(files)).toBeUndefined();
  await writeDataKey(files, key);
  expect(await readDataKey(files)).toEqual(key);
});

it('is not said to be written when only a part of it found room', async () => {
  const files = new MemoryFiles();
  const open = files.open.bind(files);
  files.open = async (name, create) => {
    const file = await open(name, create);
    return file && { ...file, write: (bytes: Uint8Array, at: number) => file.write(bytes.subarray(0, 20), at) };
  };
  await expect(writeDataKey(files, key)).rejects.toMatchObject({ kind: 'disk-full' });
  expect(await readDataKey(files)).toBeUndefined();
});
