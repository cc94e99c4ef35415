// What every Store must do, whatever it stands on. Run against memory, IndexedDB in Node and IndexedDB in Chromium.
import { describe, expect, test } from 'vitest';
import type { Store, Write } from '../../src/core/ports/store.ts';

export interface StoreBench {
  /** A fresh, empty store. */
  open(): Promise<Store>;
  /** Closes it and opens what is on the disk as a new page would. */
  reopen(store: Store): Promise<Store>;
  /** Makes the record undecryptable on the disk. */
  damage(store: Store, table: 'messages', key: string): Promise<void>;
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const put = (key: string, ...values: number[]): Write => ({ put: 'messages', key, value: bytes(...values) });
const keysOf = (records: readonly { key: string }[]) => records.map((record) => record.key);

export function storeContract(name: string, bench: StoreBench): void {
  describe(`${name} keeps the Store's promises`, () => {
    test('what was never written is undefined', async () => {
      const store = await bench.open();
      expect(await store.get('meta', 'identity')).toBeUndefined();
      expect(await store.list('messages')).toEqual([]);
      expect(await store.count('messages')).toBe(0);
      store.close();
    });

    test('what was committed is read back, byte for byte, also by the next page', async () => {
      const store = await bench.open();
      const value = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
      await store.commit([{ put: 'meta', key: 'identity', value }, put('a', 1), put('empty')], 'strict');
      expect(await store.get('meta', 'identity')).toEqual(value);
      const next = await bench.reopen(store);
      expect(await next.get('meta', 'identity')).toEqual(value);
      expect(await next.get('messages', 'a')).toEqual(bytes(1));
      expect(await next.get('messages', 'empty')).toEqual(bytes());
      next.close();
    });

    test('a value changed by the caller afterwards does not change what was committed', async () => {
      const store = await bench.open();
      const value = bytes(1, 2, 3);
      const done = store.commit([{ put: 'meta', key: 'k', value }], 'strict');
      value.fill(9);
      await done;
      const read = await store.get('meta', 'k');
      expect(read).toEqual(bytes(1, 2, 3));
      read?.fill(8);
      expect(await store.get('meta', 'k')).toEqual(bytes(1, 2, 3));
      store.close();
    });

    test('tables do not see one another', async () => {
      const store = await bench.open();
      await store.commit([put('k', 1), { put: 'drafts', key: 'k', value: bytes(2) }], 'strict');
      await store.commit([{ remove: 'messages', key: 'k' }], 'strict');
      expect(await store.get('messages', 'k')).toBeUndefined();
      expect(await store.get('drafts', 'k')).toEqual(bytes(2));
      store.close();
    });

    test('the writes of one commit apply in their order', async () => {
      const store = await bench.open();
      await store.commit(
        [put('a/1', 1), put('a/2', 2), { clear: 'messages', prefix: 'a/' }, put('a/3', 3), put('a/3', 4)],
        'relaxed',
      );
      expect(await store.list('messages')).toEqual([{ key: 'a/3', value: bytes(4) }]);
      store.close();
    });

    test('commits apply in the order of their calls, and a read sees every commit called before it', async () => {
      const store = await bench.open();
      const commits = Array.from({ length: 20 }, (_, i) =>
        store.commit([put('k', i), put(`n/${i}`, i)], i % 2 ? 'strict' : 'relaxed'),
      );
      expect(await store.get('messages', 'k')).toEqual(bytes(19));
      expect(await store.count('messages', { prefix: 'n/' })).toBe(20);
      await Promise.all(commits);
      store.close();
    });

    test('an empty commit is fine', async () => {
      const store = await bench.open();
      await store.commit([], 'strict');
      store.close();
    });

    test('removing and clearing what is not there is fine', async () => {
      const store = await bench.open();
      await store.commit(
        [
          { remove: 'messages', key: 'none' },
          { clear: 'messages', prefix: 'none/' },
        ],
        'strict',
      );
      expect(await store.count('messages')).toBe(0);
      store.close();
    });

    test('clearing takes exactly the keys with the prefix; an empty prefix takes all', async () => {
      const store = await bench.open();
      await store.commit([put('a', 1), put('a/1', 1), put('a/\uffff', 1), put('a0', 1), put('b/1', 1)], 'strict');
      await store.commit([{ clear: 'messages', prefix: 'a/' }], 'strict');
      expect(keysOf(await store.list('messages'))).toEqual(['a', 'a0', 'b/1']);
      await store.commit([{ clear: 'messages', prefix: '' }], 'strict');
      expect(await store.count('messages')).toBe(0);
      store.close();
    });

    test('lists in key order, with prefix, after, before, reverse and limit', async () => {
      const store = await bench.open();
      const names = ['c/3', 'a/1', 'b/10', 'b/2', 'b/1', 'b/\uffff', 'B/1', 'b0'];
      await store.commit(
        names.map((key) => put(key, key.length)),
        'strict',
      );
      const keys = async (range: Parameters<Store['list']>[1]) => keysOf(await store.list('messages', range));
      expect(await keys({})).toEqual([...names].sort());
      expect(await keys({ prefix: 'b/' })).toEqual(['b/1', 'b/10', 'b/2', 'b/\uffff']);
      expect(await keys({ prefix: 'b/', reverse: true, limit: 2 })).toEqual(['b/\uffff', 'b/2']);
      expect(await keys({ prefix: 'b/', after: 'b/1' })).toEqual(['b/10', 'b/2', 'b/\uffff']);
      expect(await keys({ prefix: 'b/', before: 'b/2' })).toEqual(['b/1', 'b/10']);
      expect(await keys({ prefix: 'b/', before: 'b/2', reverse: true, limit: 1 })).toEqual(['b/10']);
      expect(await keys({ after: 'b/1', before: 'b/2' })).toEqual(['b/10']);
      expect(await keys({ prefix: 'b/', after: 'c' })).toEqual([]);
      expect(await keys({ prefix: 'b/', before: 'a' })).toEqual([]);
      expect(await keys({ after: 'c/3' })).toEqual([]);
      expect(await keys({ after: 'b/1', before: 'b/1' })).toEqual([]);
      expect(await keys({ prefix: 'b/', limit: 0 })).toEqual([]);
      expect(await store.count('messages', { prefix: 'b/', after: 'b/1' })).toBe(3);
      expect(await store.count('messages', { after: 'z', before: 'a' })).toBe(0);
      store.close();
    });

    test('a damaged record: get says so, list leaves it out, reports it, fills up to the limit, and keeps it on disk', async () => {
      const store = await bench.open();
      await store.commit([put('a', 1), put('b', 2), put('c', 3), put('d', 4)], 'strict');
      await bench.damage(store, 'messages', 'b');
      const damaged: string[] = [];
      store.onDamaged((table, key) => damaged.push(`${table} ${key}`));
      await expect(store.get('messages', 'b')).rejects.toMatchObject({ kind: 'record-damaged' });
      expect(keysOf(await store.list('messages'))).toEqual(['a', 'c', 'd']);
      expect(keysOf(await store.list('messages', { limit: 2 }))).toEqual(['a', 'c']);
      expect(keysOf(await store.list('messages', { limit: 3, reverse: true }))).toEqual(['d', 'c', 'a']);
      expect(new Set(damaged)).toEqual(new Set(['messages b']));
      expect(await store.count('messages')).toBe(4);
      await store.commit([put('b', 5)], 'strict');
      expect(await store.get('messages', 'b')).toEqual(bytes(5));
      store.close();
    });

    test('a closed store refuses', async () => {
      const store = await bench.open();
      await store.commit([put('a', 1)], 'strict');
      store.close();
      await expect(store.get('messages', 'a')).rejects.toMatchObject({ kind: 'storage-unavailable' });
      await expect(store.commit([put('a', 2)], 'strict')).rejects.toMatchObject({ kind: 'storage-unavailable' });
    });
  });
}
