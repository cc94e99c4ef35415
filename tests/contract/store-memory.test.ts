// The memory twin under the Store's acceptance suite, and the faults only it can have.
import { expect, test } from 'vitest';
import { MemoryDisk, MemoryStore } from '../../src/adapters/memory/store.ts';
import { storeContract } from './store.ts';

storeContract('MemoryStore', {
  open: async () => new MemoryStore(),
  reopen: async (store) => {
    store.close();
    return (store as MemoryStore).disk.reopen();
  },
  damage: async (store, table, key) => (store as MemoryStore).disk.damage(table, key),
});

const put = (key: string, value: number) => ({ put: 'meta', key, value: Uint8Array.of(value) }) as const;

test('a full disk refuses the commit whole', async () => {
  const store = new MemoryStore();
  store.disk.commitsUntilFull = 1;
  await store.commit([put('a', 1)], 'strict');
  await expect(store.commit([put('a', 2), put('b', 2)], 'strict')).rejects.toMatchObject({ kind: 'disk-full' });
  expect(await store.get('meta', 'a')).toEqual(Uint8Array.of(1));
  expect(await store.get('meta', 'b')).toBeUndefined();
});

test('after a crash only what was strictly committed is there, and the dead page never hears again', async () => {
  const disk = new MemoryDisk();
  const store = new MemoryStore(disk);
  await store.commit([put('a', 1)], 'relaxed');
  await store.commit([put('b', 1)], 'strict');
  await store.commit([put('c', 1)], 'relaxed');
  disk.commitsUntilCrash = 0;
  let heard = false;
  void store.commit([put('d', 1)], 'strict').then(
    () => (heard = true),
    () => (heard = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  const next = disk.reopen();
  expect((await next.list('meta')).map((record) => record.key)).toEqual(['a', 'b']);
  expect(heard).toBe(false);
});
