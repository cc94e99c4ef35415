// The keys to everything on this device: whole on the disk, or not said to be there; and what counts when several are.
import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../../src/adapters/memory/blob-store.ts';
import { removedRecord, wrapDataKey } from '../../../src/core/vault/lock-record.ts';
import {
  beginMove,
  endMove,
  forgetKeys,
  hasLived,
  noteLife,
  readKeys,
  writeDataKey,
  writeLock,
  writeUnlocked,
} from '../../../src/workers/key-files.ts';
import { quickWrapping } from '../../fixtures/quick-key.ts';

const key = new Uint8Array(32).fill(7);
const lockRecord = (sequence: number) => wrapDataKey(quickWrapping, 'correct horse', key, sequence);

/** Only the first `bytes` of the next write reach the disk; then the page is dead. */
function tearNextWrite(files: MemoryFiles, name: string, bytes: number): void {
  const open = files.open.bind(files);
  files.open = async (wanted, create) => {
    const file = await open(wanted, create);
    if (!file || wanted !== name) return file;
    return {
      ...file,
      write: (all, at) => {
        file.write(all.subarray(0, bytes), at);
        files.open = open;
        throw new Error('power cut');
      },
    };
  };
}

describe('the data key', () => {
  it('is read as it was written', async () => {
    const files = new MemoryFiles();
    expect(await readKeys(files)).toEqual({ state: 'none' });
    await writeDataKey(files, key);
    expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: false });
  });

  it('is not said to be written when only a part of it found room', async () => {
    const files = new MemoryFiles();
    const open = files.open.bind(files);
    files.open = async (name, create) => {
      const file = await open(name, create);
      return file && { ...file, write: (bytes: Uint8Array, at: number) => file.write(bytes.subarray(0, 20), at) };
    };
    await expect(writeDataKey(files, key)).rejects.toMatchObject({ kind: 'disk-full' });
    expect(await readKeys(files)).toEqual({ state: 'none' });
  });

  it('is overwritten in its place before it is removed', async () => {
    const files = new MemoryFiles();
    await writeDataKey(files, key);
    const content = files.files.get('data-key');
    await forgetKeys(files);
    expect(files.files.size).toBe(0);
    expect(content?.length).toBe(32);
    expect(content?.bytes.subarray(0, 32)).not.toEqual(key);
  });
});

describe('a lock record', () => {
  it('counts from the moment it is whole, and the data key is gone then', async () => {
    const files = new MemoryFiles();
    await writeDataKey(files, key);
    const record = await lockRecord(1);
    await writeLock(files, record);
    expect(await files.list()).toEqual(['lock-a']);
    expect(await readKeys(files)).toEqual({ state: 'locked', record, unfinished: false });
  });

  it('torn at any byte leaves the data key in force, and is cleared away', async () => {
    const record = await lockRecord(1);
    for (let bytes = 0; bytes < record.length; bytes++) {
      const files = new MemoryFiles();
      await writeDataKey(files, key);
      tearNextWrite(files, 'lock-a', bytes);
      await expect(writeLock(files, record)).rejects.toThrow('power cut');
      expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: false });
      expect(await files.list()).toEqual(['data-key']);
    }
  });

  it('that replaces another, torn at any byte, leaves the other in force', async () => {
    const [old, next] = [await lockRecord(1), await lockRecord(2)];
    for (let bytes = 0; bytes < next.length; bytes++) {
      const files = new MemoryFiles();
      await writeLock(files, old);
      tearNextWrite(files, 'lock-b', bytes);
      await expect(writeLock(files, next)).rejects.toThrow('power cut');
      expect(await readKeys(files)).toMatchObject({ state: 'locked', record: old });
      expect(await files.list()).toEqual(['lock-a']);
    }
  });

  it('replaces the one before, which is overwritten in its place', async () => {
    const files = new MemoryFiles();
    const [old, next, last] = [await lockRecord(1), await lockRecord(2), await lockRecord(3)];
    await writeLock(files, old);
    const content = files.files.get('lock-a');
    await writeLock(files, next);
    expect(await files.list()).toEqual(['lock-b']);
    expect(content?.bytes.subarray(0, old.length)).not.toEqual(old);
    await writeLock(files, last);
    expect(await readKeys(files)).toMatchObject({ record: last });
  });

  it('of two that are whole the later counts, and a data key beside them never does', async () => {
    const files = new MemoryFiles();
    const [old, next] = [await lockRecord(1), await lockRecord(2)];
    await writeLock(files, old);
    const whole = files.files.get('lock-a');
    await writeLock(files, next);
    // A crash came before the old one and the data key were cleared away.
    if (whole) files.files.set('lock-a', { bytes: old.slice(), length: old.length });
    await writeDataKey(files, key);
    expect(await readKeys(files)).toMatchObject({ state: 'locked', record: next });
    expect(await files.list()).toEqual(['lock-b']);
  });

  it('changed in any bit is damaged, and nothing is cleared away', async () => {
    const record = await lockRecord(1);
    for (let at = 0; at < record.length; at++) {
      const files = new MemoryFiles();
      await writeLock(files, record);
      files.rot('lock-a', at);
      expect(await readKeys(files)).toEqual({ state: 'damaged' });
      expect(await files.list()).toEqual(['lock-a']);
    }
  });

  it('of another version is not touched: a newer Kith wrote it', async () => {
    const files = new MemoryFiles();
    const record = (await lockRecord(1)).slice();
    record[8] = 2;
    record.set(new Uint8Array(await crypto.subtle.digest('SHA-256', record.slice(0, -32))), record.length - 32);
    await writeLock(files, await lockRecord(1));
    files.files.set('lock-a', { bytes: record, length: record.length });
    await expect(readKeys(files)).rejects.toMatchObject({ kind: 'database-newer' });
    expect(files.files.has('lock-a')).toBe(true);
  });
});

describe('taking the passphrase away', () => {
  it('leaves the new data key alone', async () => {
    const files = new MemoryFiles();
    await writeLock(files, await lockRecord(1));
    await writeUnlocked(files, key, await removedRecord(2));
    expect(await files.list()).toEqual(['data-key']);
    expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: false });
  });

  it('torn at any byte of the key or of the record: the passphrase still holds, and the key is overwritten', async () => {
    const [record, removed] = [await lockRecord(1), await removedRecord(2)];
    for (const [name, length] of [
      ['data-key', key.length],
      ['lock-b', removed.length],
    ] as const)
      for (let bytes = 0; bytes < length; bytes++) {
        const files = new MemoryFiles();
        await writeLock(files, record);
        tearNextWrite(files, name, bytes);
        await expect(writeUnlocked(files, key, removed)).rejects.toThrow('power cut');
        expect(await readKeys(files)).toMatchObject({ state: 'locked', record });
        expect(await files.list()).toEqual(['lock-a']);
      }
  });

  it('is finished at the next start when the page died before the old record was gone', async () => {
    const files = new MemoryFiles();
    const [record, removed] = [await lockRecord(1), await removedRecord(2)];
    files.files.set('lock-a', { bytes: record, length: record.length });
    files.files.set('lock-b', { bytes: removed, length: removed.length });
    await writeDataKey(files, key);
    expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: false });
    expect(await files.list()).toEqual(['data-key']);
  });
});

it('a move that was begun and not ended is told of', async () => {
  const files = new MemoryFiles();
  await writeDataKey(files, key);
  await beginMove(files);
  expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: true });
  await endMove(files);
  expect(await readKeys(files)).toEqual({ state: 'open', key, unfinished: false });
});

it('that somebody was here outlives the keys and changes of them, and goes when everything is erased', async () => {
  const files = new MemoryFiles();
  expect(await hasLived(files)).toBe(false);
  await writeDataKey(files, key);
  await noteLife(files);
  await noteLife(files);
  expect(files.writes).toBe(2);
  await writeLock(files, await lockRecord(1));
  expect(await readKeys(files)).toMatchObject({ state: 'locked' });
  expect(await hasLived(files)).toBe(true);
  await files.remove('lock-a');
  expect(await readKeys(files)).toEqual({ state: 'none' });
  expect(await hasLived(files)).toBe(true);
  await forgetKeys(files);
  expect(await hasLived(files)).toBe(false);
  expect(await files.list()).toEqual([]);
});
