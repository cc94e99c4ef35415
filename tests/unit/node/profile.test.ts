// What is read of a person and their settings at the start.
import { expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { KithError } from '../../../src/core/errors.ts';
import { ProfileBook, SETTINGS_KEY } from '../../../src/core/node/profile.ts';

it('settings that cannot be read just now are not taken for the usual ones: relay only and locking by itself would be off', async () => {
  const store = new MemoryDisk().reopen();
  await new ProfileBook(store).saveSettings({ relayOnly: true, autoLock: 5 });
  const get = store.get.bind(store);
  store.get = (table, key) =>
    key === SETTINGS_KEY ? Promise.reject(new KithError('storage-unavailable')) : get(table, key);
  await expect(new ProfileBook(store).load()).rejects.toMatchObject({ kind: 'storage-unavailable' });
});

it('damaged settings keep nobody out', async () => {
  const disk = new MemoryDisk();
  const store = disk.reopen();
  await new ProfileBook(store).saveSettings({ relayOnly: true });
  disk.damage('meta', SETTINGS_KEY);
  const profile = new ProfileBook(store);
  await profile.load();
  expect(profile.settings.relayOnly).toBe(false);
});
