// The database's life: first start, lost key, migration, other tabs, full disk.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { openDB } from 'idb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { deleteDatabase, openDatabase } from '../../../src/adapters/indexeddb/database.ts';
import { afterPrefix } from '../../../src/adapters/indexeddb/key-range.ts';
import { DATABASE_VERSION, migrate, migrations } from '../../../src/adapters/indexeddb/migrations.ts';
import { destroyEverything } from '../../../src/adapters/indexeddb/protection.ts';
import { openRecord, plainCodec, sealRecord } from '../../../src/adapters/indexeddb/record-seal.ts';
import { IndexedDbStore } from '../../../src/adapters/indexeddb/store.ts';
import { tables } from '../../../src/core/ports/store.ts';
import { writeDataKey } from '../../../src/workers/key-files.ts';
import { freshName, MemoryKeyFiles, openStore, testKey } from './helpers.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const put = (key: string, ...values: number[]) => ({ put: 'meta', key, value: bytes(...values) }) as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('opening the vault', () => {
  test('the first start makes a random key of 32 bytes and has it on the disk before any record', async () => {
    const keyFiles = new MemoryKeyFiles();
    const name = freshName();
    const store = await openStore({ keyFiles, name });
    expect(keyFiles.calls).toEqual(['read', 'write']);
    expect(keyFiles.key).toHaveLength(32);
    await store.commit([put('identity', 1)], 'strict');
    store.close();
    const again = await openStore({ keyFiles, name });
    expect(await again.get('meta', 'identity')).toEqual(bytes(1));
    again.close();
  });

  test('records without a key: says data-key-missing, deletes nothing, makes no new key', async () => {
    const keyFiles = new MemoryKeyFiles();
    const name = freshName();
    const store = await openStore({ keyFiles, name });
    await store.commit([put('identity', 1)], 'strict');
    store.close();
    const lost = new MemoryKeyFiles();
    await expect(openStore({ keyFiles: lost, name })).rejects.toMatchObject({ kind: 'data-key-missing' });
    expect(lost.calls).toEqual(['read']);
    const back = await openStore({ keyFiles, name });
    expect(await back.get('meta', 'identity')).toEqual(bytes(1));
    back.close();
  });

  test('a key torn by a crash before the first record is replaced', async () => {
    const keyFiles = new MemoryKeyFiles();
    await writeDataKey(keyFiles.files, new Uint8Array(5));
    const store = await openStore({ keyFiles, name: freshName() });
    expect(keyFiles.key).toHaveLength(32);
    store.close();
  });

  test('another key opens nothing, and every record is reported as damaged', async () => {
    const name = freshName();
    const keyFiles = new MemoryKeyFiles();
    const store = await openStore({ keyFiles, name });
    await store.commit([put('a', 1), put('b', 2)], 'strict');
    store.close();
    const other = new MemoryKeyFiles();
    await writeDataKey(other.files, new Uint8Array(32));
    const strange = await openStore({ keyFiles: other, name });
    let damaged = 0;
    strange.onDamaged(() => damaged++);
    expect(await strange.list('meta')).toEqual([]);
    expect(damaged).toBe(2);
    strange.close();
  });

  test('a browser without IndexedDB, or whose key file cannot be reached: storage-unavailable', async () => {
    const keyFiles = new MemoryKeyFiles();
    keyFiles.read = () => Promise.reject(new DOMException('no', 'SecurityError'));
    await expect(openStore({ keyFiles, name: freshName() })).rejects.toMatchObject({ kind: 'storage-unavailable' });
    vi.stubGlobal('indexedDB', undefined);
    await expect(openStore({ keyFiles: new MemoryKeyFiles() })).rejects.toMatchObject({
      kind: 'storage-unavailable',
    });
    vi.unstubAllGlobals();
  });

  test('starting over destroys the key first, then the records; the next start is a first start', async () => {
    const keyFiles = new MemoryKeyFiles();
    const name = freshName();
    const store = await openStore({ keyFiles, name });
    await store.commit([put('identity', 1)], 'strict');
    const before = keyFiles.key?.slice();
    await destroyEverything({ keyFiles, name });
    const fresh = await openStore({ keyFiles, name });
    expect(await fresh.get('meta', 'identity')).toBeUndefined();
    expect(keyFiles.key).not.toEqual(before);
    fresh.close();
  });
});

describe('versions', () => {
  test('the versions count up from 1 and the last makes every table', async () => {
    expect(migrations.map((migration) => migration.version)).toEqual(migrations.map((_, index) => index + 1));
    expect(migrations.at(-1)?.version).toBe(DATABASE_VERSION);
    const { database } = await openDatabase({ name: freshName() });
    expect([...database.objectStoreNames].sort()).toEqual([...tables].sort());
    database.close();
  });

  test('a database of version 1 with data in it opens, keeps every record, and has the new tables', async () => {
    const name = freshName();
    const key = await testKey();
    const old = await openDB(name, 1, { upgrade: (database) => migrate(database, 0, 1) });
    expect([...old.objectStoreNames]).not.toContain('outbox');
    const contents = [
      ['meta', 'identity', bytes(1)],
      ['contacts', 'c1', bytes(2)],
      ['messages', 'c1/000000000001', bytes(3)],
      ['message-keys', 'c1/m1', bytes(4)],
      ['files', 'f1', bytes(5)],
    ] as const;
    for (const [table, place, value] of contents)
      await old.put(table, await sealRecord(key, table, place, value), place);
    old.close();
    const store = new IndexedDbStore(await openDatabase({ name }), plainCodec(key));
    for (const [table, place, value] of contents) expect(await store.get(table, place)).toEqual(value);
    await store.commit([{ put: 'outbox', key: 'c1/000000000001', value: bytes(6) }], 'strict');
    expect(await store.get('outbox', 'c1/000000000001')).toEqual(bytes(6));
    expect(await store.list('drafts')).toEqual([]);
    store.close();
  });

  test('a migration that fails leaves the database at its old version with its data', async () => {
    const name = freshName();
    const old = await openDB(name, 1, { upgrade: (database) => migrate(database, 0, 1) });
    await old.put('meta', bytes(1), 'identity');
    old.close();
    const failing = openDB(name, 2, {
      upgrade: (database, from, _to, transaction) => {
        transaction.done.catch(() => {});
        migrate(database, from, 2);
        throw new Error('power cut');
      },
    });
    await expect(failing).rejects.toThrow();
    const again = await openDB(name);
    expect(again.version).toBe(1);
    expect([...again.objectStoreNames]).not.toContain('outbox');
    expect(await again.get('meta', 'identity')).toEqual(bytes(1));
    again.close();
  });

  test('a database of a newer version is refused and not touched', async () => {
    const name = freshName();
    const newer = await openDB(name, DATABASE_VERSION + 1, {
      upgrade: (database) => database.createObjectStore('new'),
    });
    await newer.put('new', bytes(1), 'k');
    newer.close();
    await expect(openStore({ keyFiles: new MemoryKeyFiles(), name })).rejects.toMatchObject({
      kind: 'database-newer',
    });
    const still = await openDB(name);
    expect(still.version).toBe(DATABASE_VERSION + 1);
    expect(await still.get('new', 'k')).toEqual(bytes(1));
    still.close();
  });
});

describe('several tabs', () => {
  test('a tab that does not let go of the older version blocks the upgrade: database-blocked', async () => {
    const name = freshName();
    const stubborn = await openDB(name, 1, { upgrade: (database) => migrate(database, 0, 1) });
    await expect(openDatabase({ name, patienceMs: 0 })).rejects.toMatchObject({ kind: 'database-blocked' });
    stubborn.close();
    const { database } = await openDatabase({ name });
    database.close();
  });

  test('a tab that lets go a moment later blocks nothing', async () => {
    const name = freshName();
    const slow = await openDB(name, 1, { upgrade: (database) => migrate(database, 0, 1) });
    slow.addEventListener('versionchange', () => setImmediate(() => slow.close()));
    const { database } = await openDatabase({ name });
    expect(database.version).toBe(DATABASE_VERSION);
    database.close();
  });

  test('a tab that does not let go blocks starting over: database-blocked', async () => {
    const name = freshName();
    const stubborn = await openDB(name, 1);
    await expect(deleteDatabase(name, 0)).rejects.toMatchObject({ kind: 'database-blocked' });
    stubborn.close();
    await deleteDatabase(name);
  });

  test('when another tab brings a newer version, the store lets go, says so, and refuses from then on', async () => {
    const name = freshName();
    const lost: string[] = [];
    const keyFiles = new MemoryKeyFiles();
    const store = await openStore({ keyFiles, name, onLost: (kind) => lost.push(kind) });
    const newer = await openDB(name, DATABASE_VERSION + 1);
    expect(lost).toEqual(['database-newer']);
    await expect(store.commit([put('a', 1)], 'strict')).rejects.toMatchObject({ kind: 'database-newer' });
    await expect(store.get('meta', 'a')).rejects.toMatchObject({ kind: 'database-newer' });
    newer.close();
  });
});

describe('a full disk', () => {
  test('nothing of the commit is applied, and the store goes on', async () => {
    const name = freshName();
    const opened = await openDatabase({ name });
    const store = new IndexedDbStore(opened, plainCodec(await testKey()));
    await store.commit([put('a', 1)], 'strict');
    const original = IDBObjectStore.prototype.put;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
      const request = original.call(this, value, key);
      // fake-indexeddb's own way to end a transaction with an error, as Chromium does on a full disk.
      if (++puts === 2) (this.transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
      return request;
    });
    const failed = store.commit([put('a', 2), put('b', 2)], 'strict');
    await expect(failed).rejects.toMatchObject({ kind: 'disk-full' });
    vi.restoreAllMocks();
    expect(await store.get('meta', 'a')).toEqual(bytes(1));
    expect(await store.get('meta', 'b')).toBeUndefined();
    await store.commit([put('b', 3)], 'strict');
    expect(await store.get('meta', 'b')).toEqual(bytes(3));
    store.close();
  });

  test('the durability asked for reaches the transaction', async () => {
    const opened = await openDatabase({ name: freshName() });
    const store = new IndexedDbStore(opened, plainCodec(await testKey()));
    const asked = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await store.commit([put('a', 1)], 'strict');
    await store.commit([put('a', 2)], 'relaxed');
    expect(asked.mock.calls.map((call) => call[2])).toEqual([{ durability: 'strict' }, { durability: 'relaxed' }]);
    store.close();
  });
});

describe('sealed records', () => {
  test('no two writes of the same value look alike, and the value cannot be seen', async () => {
    const key = await testKey();
    const canary = new TextEncoder().encode('canary canary canary');
    const [one, two] = [await sealRecord(key, 'meta', 'k', canary), await sealRecord(key, 'meta', 'k', canary)];
    expect(one).not.toEqual(two);
    expect(new TextDecoder('latin1').decode(one)).not.toContain('canary');
  });

  test('a record moved to another key or table, cut or changed anywhere does not open', async () => {
    const key = await testKey();
    const stored = await sealRecord(key, 'meta', 'k', bytes(1, 2, 3));
    const damaged = { kind: 'record-damaged' };
    await expect(openRecord(key, 'meta', 'l', stored)).rejects.toMatchObject(damaged);
    await expect(openRecord(key, 'drafts', 'k', stored)).rejects.toMatchObject(damaged);
    for (let at = 0; at < stored.length; at++) {
      const changed = stored.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      await expect(openRecord(key, 'meta', 'k', changed)).rejects.toMatchObject(damaged);
      await expect(openRecord(key, 'meta', 'k', stored.slice(0, at))).rejects.toMatchObject(damaged);
    }
    await expect(openRecord(key, 'meta', 'k', 'text')).rejects.toMatchObject(damaged);
    expect(await openRecord(key, 'meta', 'k', stored)).toEqual(bytes(1, 2, 3));
  });

  test('the key after a prefix is above every key with it and not above any other', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '\u0000', '/'), maxLength: 4 });
    fc.assert(
      fc.property(key, key, (prefix, other) => {
        const end = afterPrefix(prefix);
        const inside = other >= prefix && (end === undefined || other < end);
        expect(inside).toBe(other.startsWith(prefix));
      }),
      { seed: 20260101 },
    );
  });
});
