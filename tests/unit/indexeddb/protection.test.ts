// A passphrase over the stored data: set, given, changed and taken away.
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { destroyEverything } from '../../../src/adapters/indexeddb/protection.ts';
import { IndexedDbStore } from '../../../src/adapters/indexeddb/store.ts';
import { openVault } from '../../../src/adapters/indexeddb/vault.ts';
import { lockedName } from '../../../src/adapters/indexeddb/vault-state.ts';
import type { Table } from '../../../src/core/ports/store.ts';
import {
  contents,
  Disk,
  expected,
  fingerprint,
  id,
  OTHER,
  PASSPHRASE,
  raw,
  sorted,
  text,
  writes,
} from './vault-disk.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('setting a passphrase', () => {
  test('everything is there at once and after a reload, at the other place, and the data key is gone', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    const key = disk.files.files.get('data-key');
    const before = key?.bytes.slice(0, 32);
    expect(vault.isProtected).toBe(false);
    await vault.setPassphrase(PASSPHRASE);
    expect(vault.isProtected).toBe(true);
    expect(sorted(await contents(store))).toEqual(sorted(expected));
    await store.commit([{ put: 'drafts', key: id, value: text('after') }], 'strict');
    store.close();
    expect(await disk.databases()).toEqual([lockedName(disk.name)]);
    expect([...disk.files.files.keys()]).toEqual(['lock-a']);
    expect(key?.bytes.slice(0, 32)).not.toEqual(before);
    const again = await disk.open();
    expect(again.wasLocked).toBe(true);
    expect(sorted(await contents(again.store))).toEqual(sorted(new Map(expected).set(`drafts ${id}`, 'after')));
    again.store.close();
  });

  test('a wrong passphrase opens nothing and changes nothing', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    store.close();
    await expect(disk.open('correct horse battery stapl')).rejects.toMatchObject({ kind: 'passphrase-wrong' });
    const again = await disk.open();
    expect((await contents(again.store)).size).toBe(expected.size);
    again.store.close();
  });

  test('the same words from two keyboards are one passphrase', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase('Gr\u00fc\u00dfe vom\u00a0See');
    store.close();
    (await disk.open('Gru\u0308\u00dfe vom See')).store.close();
  });

  test('no fingerprint and no plain byte lies on the disk; ranges and prefixes are read as before', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    expect((await raw(disk.name)).some(({ key }) => key.includes(fingerprint))).toBe(true);
    await vault.setPassphrase(PASSPHRASE);
    const last = await store.list('messages', { prefix: `${id}/`, reverse: true, limit: 2 });
    expect(last.map(({ key }) => key)).toEqual([`${id}/000000000449`, `${id}/000000000448`]);
    const few = await store.list('messages', { prefix: `${id}/`, after: `${id}/000000000440`, limit: 3 });
    expect(few.map(({ value }) => new TextDecoder().decode(value))).toEqual(
      [441, 442, 443].map((n) => `canary message ${n}`),
    );
    expect(await store.count('messages', { prefix: `${id}/` })).toBe(450);
    expect(await store.list('group-state', { prefix: `${id}/receipt/` })).toEqual([
      { key: `${id}/receipt/${fingerprint}`, value: text('canary receipt') },
    ]);
    await store.commit([{ remove: 'group-state', key: `${id}/receipt/${fingerprint}` }], 'strict');
    expect(await store.get('group-state', `${id}/receipt/${fingerprint}`)).toBeUndefined();
    await store.commit([{ clear: 'messages', prefix: `${id}/` }], 'strict');
    expect(await store.list('messages')).toEqual([]);
    await store.commit(writes, 'strict');
    store.close();
    const rows = await raw(lockedName(disk.name));
    expect(rows).toHaveLength(writes.length);
    for (const { key, value } of rows) {
      expect(key).not.toContain(fingerprint);
      expect(new TextDecoder('latin1').decode(value)).not.toContain('canary');
    }
  });

  test('what is written and read while everything is sealed anew waits, and is of the new place', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    const set = vault.setPassphrase(PASSPHRASE);
    const value = text('meanwhile');
    const written = store.commit([{ put: 'drafts', key: 'd', value }], 'strict');
    value.fill(0);
    const read = store.get('drafts', 'd');
    await Promise.all([set, written]);
    expect(await read).toEqual(text('meanwhile'));
    store.close();
    const again = await disk.open();
    expect(await again.store.get('drafts', 'd')).toEqual(text('meanwhile'));
    again.store.close();
  });

  test('a record that does not open is told of as before, and keeps nobody out', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    const database = await openDB(disk.name);
    await database.put('messages', new Uint8Array(60), `${id}/000000000007`);
    database.close();
    await vault.setPassphrase(PASSPHRASE);
    const damaged: [Table, string][] = [];
    store.onDamaged((table, key) => damaged.push([table, key]));
    expect(await store.list('messages')).toHaveLength(449);
    expect(damaged).toEqual([['messages', `${id}/000000000007`]]);
    store.close();
  });

  test('a full disk: disk-full, and everything is as before', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    const original = IDBObjectStore.prototype.put;
    let puts = 0;
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      const request = original.call(this, value, key);
      if (++puts === 300) (this.transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
      return request;
    });
    await expect(vault.setPassphrase(PASSPHRASE)).rejects.toMatchObject({ kind: 'disk-full' });
    full.mockRestore();
    expect(vault.isProtected).toBe(false);
    expect(await disk.databases()).toEqual([disk.name]);
    await store.commit([{ put: 'drafts', key: 'd', value: text('goes on') }], 'strict');
    store.close();
    const again = await disk.open();
    expect(again.wasLocked).toBe(false);
    expect(sorted(await contents(again.store))).toEqual(sorted(new Map(expected).set('drafts d', 'goes on')));
    again.store.close();
  });

  test('erasing everything while it goes on: it stops before its key is written', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    const set = vault.setPassphrase(PASSPHRASE);
    store.close();
    await expect(set).rejects.toMatchObject({ kind: 'storage-unavailable' });
    await destroyEverything(disk.options());
    expect(await disk.databases()).toEqual([]);
    expect(disk.files.files.size).toBe(0);
  });
});

describe('changing the passphrase', () => {
  test('the new one opens everything and the old one nothing; the data key stays', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    const before = await raw(lockedName(disk.name));
    await expect(vault.changePassphrase('not this one', OTHER)).rejects.toMatchObject({ kind: 'passphrase-wrong' });
    const old = disk.files.files.get('lock-a');
    const oldBytes = old?.bytes.slice(0, old.length);
    await vault.changePassphrase(PASSPHRASE, OTHER);
    expect([...disk.files.files.keys()]).toEqual(['lock-b']);
    expect(old?.bytes.slice(0, old.length)).not.toEqual(oldBytes);
    expect(await raw(lockedName(disk.name))).toEqual(before);
    store.close();
    await expect(disk.open(PASSPHRASE)).rejects.toMatchObject({ kind: 'passphrase-wrong' });
    const again = await disk.open(OTHER);
    expect(sorted(await contents(again.store))).toEqual(sorted(expected));
    await again.vault.changePassphrase(OTHER, PASSPHRASE);
    again.store.close();
    (await disk.open(PASSPHRASE)).store.close();
  });
});

describe('taking the passphrase away', () => {
  test('everything is there, unprotected, under a key that nothing was sealed with before', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    await vault.removePassphrase();
    expect(vault.isProtected).toBe(false);
    expect(sorted(await contents(store))).toEqual(sorted(expected));
    store.close();
    expect(await disk.databases()).toEqual([disk.name]);
    expect([...disk.files.files.keys()]).toEqual(['data-key']);
    const again = await disk.open();
    expect(again.wasLocked).toBe(false);
    expect(sorted(await contents(again.store))).toEqual(sorted(expected));
    await again.vault.setPassphrase(OTHER);
    again.store.close();
    const last = await disk.open(OTHER);
    expect(sorted(await contents(last.store))).toEqual(sorted(expected));
    last.store.close();
  });
});

describe('starting over', () => {
  test('from behind the lock: no key, no file, no record is left', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    store.close();
    const found = await openVault(disk.options());
    expect(found).not.toBeInstanceOf(IndexedDbStore);
    const order: string[] = [];
    const options = disk.options();
    const destroy = options.keyFiles.destroy.bind(options.keyFiles);
    options.keyFiles.destroy = async () => {
      order.push(...(await disk.databases()));
      await destroy();
      order.push('keys gone');
    };
    await destroyEverything(options);
    expect(order).toEqual([lockedName(disk.name), 'keys gone']);
    expect(await disk.databases()).toEqual([]);
    expect(disk.files.files.size).toBe(0);
    const fresh = await disk.open();
    expect((await contents(fresh.store)).size).toBe(0);
    fresh.store.close();
  });
});

describe('what must never pass for a first start', () => {
  test('records behind a lock whose record is gone: data-key-missing, and nothing is deleted', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    store.close();
    const record = disk.files.files.get('lock-a');
    disk.files.files.delete('lock-a');
    await expect(openVault(disk.options())).rejects.toMatchObject({ kind: 'data-key-missing' });
    await expect(openVault(disk.options())).rejects.toMatchObject({ kind: 'data-key-missing' });
    if (record) disk.files.files.set('lock-a', record);
    const again = await disk.open();
    expect(sorted(await contents(again.store))).toEqual(sorted(expected));
    again.store.close();
  });

  test('a lock record that is damaged: lock-damaged, and nothing is deleted', async () => {
    const disk = new Disk();
    const { store, vault } = await disk.filled();
    await vault.setPassphrase(PASSPHRASE);
    store.close();
    disk.files.rot('lock-a', 40);
    await expect(openVault(disk.options())).rejects.toMatchObject({ kind: 'lock-damaged' });
    disk.files.rot('lock-a', 40);
    const again = await disk.open();
    expect(sorted(await contents(again.store))).toEqual(sorted(expected));
    again.store.close();
  });
});
