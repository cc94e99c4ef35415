// The gate in front of what the rooms write.
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { StoreGate } from '../../../src/core/node/store-gate.ts';
import type { Write } from '../../../src/core/ports/store.ts';
import { settle } from '../../fixtures/until.ts';

const put = (key: string, byte = 1): Write => ({ put: 'meta', key, value: Uint8Array.of(byte) });

function gated() {
  const disk = new MemoryDisk();
  return { disk, gate: new StoreGate(disk.reopen()), keys: () => [...(disk.written.get('meta')?.keys() ?? [])] };
}

describe('the store gate', () => {
  it('lets everything through while it is open', async () => {
    const { gate, keys } = gated();
    await gate.commit([put('a')], 'strict');
    expect(keys()).toEqual(['a']);
    expect(await gate.get('meta', 'a')).toEqual(Uint8Array.of(1));
    expect(await gate.count('meta')).toBe(1);
  });

  it('holds what is to be written, as it was given, and lets it through in order', async () => {
    const { disk, gate, keys } = gated();
    const before = gate.commit([put('before')], 'strict');
    const release = await gate.hold();
    await before;
    const value = Uint8Array.of(5);
    const written = [
      gate.commit([{ put: 'meta', key: 'x', value }], 'strict'),
      gate.commit([{ remove: 'meta', key: 'before' }], 'strict'),
      gate.commit([put('y')], 'strict'),
    ];
    value[0] = 6;
    await settle();
    expect(keys()).toEqual(['before']);
    release();
    await Promise.all(written);
    expect(keys()).toEqual(['x', 'y']);
    expect(disk.written.get('meta')?.get('x')).toEqual(Uint8Array.of(5));
    await gate.commit([put('z')], 'strict');
  });

  it('is held by one at a time', async () => {
    const { gate } = gated();
    const release = await gate.hold();
    expect(await gate.hold().then(() => 'held', kindOf)).toBe('backup-busy');
    release();
    (await gate.hold())();
  });

  it('a write that fails is told to whoever wrote, and keeps nobody waiting', async () => {
    const { disk, gate } = gated();
    disk.commitsUntilFull = 0;
    expect(await gate.commit([put('a')], 'strict').then(() => 'written', kindOf)).toBe('disk-full');
    (await gate.hold())();
  });

  it('shut for good, nothing is written any more, also what had waited', async () => {
    const { gate, keys } = gated();
    const release = await gate.hold();
    const waited = gate.commit([put('a')], 'strict').then(() => 'written', kindOf);
    await gate.shutForGood();
    release();
    expect(await waited).toBe('storage-unavailable');
    expect(await gate.commit([put('b')], 'strict').then(() => 'written', kindOf)).toBe('storage-unavailable');
    expect(keys()).toEqual([]);
  });
});
