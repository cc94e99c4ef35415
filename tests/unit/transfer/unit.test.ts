// Sealed units: STREAM's promises, and the bitmaps that name units.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countUnits, emptyBitmap, hasUnit, markUnit } from '../../../src/core/bytes/bitmap.ts';
import { importAeadKey } from '../../../src/core/crypto/aead.ts';
import { isLayout, layoutOf, sealedLength, unitLength } from '../../../src/core/transfer/layout.ts';
import { openUnit, sealUnit } from '../../../src/core/transfer/unit.ts';

const key = () => importAeadKey(new Uint8Array(32).fill(1));
const corrupt = { kind: 'file-corrupt-unit' };

describe('a sealed unit', () => {
  test('has exactly the published bytes: nonce 0⁷ ‖ index ‖ final, AAD "kith unit v1" ‖ index ‖ units ‖ final', async () => {
    const layout = layoutOf(65_536 + 3);
    const sealed = await sealUnit(await key(), layout, 1, Uint8Array.of(1, 2, 3));
    const iv = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    const label = new TextEncoder().encode('kith unit v1');
    const additionalData = Uint8Array.of(...label, 0, 0, 0, 1, 0, 0, 0, 2, 1);
    const parameters = { name: 'AES-GCM', iv, additionalData };
    const plain = await crypto.subtle.decrypt(parameters, await key(), sealed);
    expect(new Uint8Array(plain)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('opens only at its place, in a file of its number of units, whole, under its key', async () => {
    const secret = await key();
    const layout = layoutOf(3 * 65_536);
    const plain = new Uint8Array(65_536).fill(5);
    const sealed = await sealUnit(secret, layout, 1, plain);
    expect(await openUnit(secret, layout, 1, sealed)).toEqual(plain);
    await expect(openUnit(secret, layout, 0, sealed)).rejects.toMatchObject(corrupt);
    await expect(openUnit(secret, layout, 2, sealed)).rejects.toMatchObject(corrupt);
    await expect(openUnit(secret, layoutOf(4 * 65_536), 1, sealed)).rejects.toMatchObject(corrupt);
    await expect(openUnit(secret, layoutOf(2 * 65_536), 1, sealed)).rejects.toMatchObject(corrupt);
    await expect(openUnit(secret, layout, 1, sealed.subarray(1))).rejects.toMatchObject(corrupt);
    await expect(openUnit(await importAeadKey(new Uint8Array(32)), layout, 1, sealed)).rejects.toMatchObject(corrupt);
    for (const index of [-1, 3, 1.5, Number.NaN, 2 ** 32 + 1])
      await expect(openUnit(secret, layout, index, sealed)).rejects.toMatchObject(corrupt);
  });

  test('a changed byte anywhere is noticed', async () => {
    const secret = await key();
    const layout = layoutOf(20);
    const sealed = await sealUnit(secret, layout, 0, new Uint8Array(20));
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(openUnit(secret, layout, 0, changed)).rejects.toMatchObject(corrupt);
    }
  });
});

describe('layouts', () => {
  test.each([
    [0, 1, 0],
    [1, 1, 1],
    [65_535, 1, 65_535],
    [65_536, 1, 65_536],
    [65_537, 2, 1],
    [26_214_400, 400, 65_536],
  ])('%i bytes are %i units, the last of %i bytes', (size, units, last) => {
    const layout = layoutOf(size);
    expect(layout.units).toBe(units);
    expect(unitLength(layout, units - 1)).toBe(last);
    expect(sealedLength(layout, units - 1)).toBe(last + 16);
  });

  test('numbers of a stranger that do not fit together are noticed', () => {
    expect(isLayout({ size: 65_537, units: 2 })).toBe(true);
    for (const [size, units] of [
      [65_537, 1],
      [65_536, 2],
      [0, 0],
      [-1, 1],
      [1.5, 1],
      [Number.NaN, 1],
      [2 ** 60, 2 ** 44],
    ] as const)
      expect(isLayout({ size, units })).toBe(false);
  });

  test('a bitmap holds exactly the units that were marked; bits behind the last unit do not count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.array(fc.nat(399)), (units, marks) => {
        const bitmap = emptyBitmap(units);
        const wanted = new Set(marks.filter((index) => index < units));
        for (const index of wanted) markUnit(bitmap, index);
        expect(countUnits(bitmap, units)).toBe(wanted.size);
        for (let index = 0; index < units; index++) expect(hasUnit(bitmap, index)).toBe(wanted.has(index));
      }),
      { seed: 20260104 },
    );
    expect(countUnits(Uint8Array.of(0xff), 3)).toBe(3);
    expect(hasUnit(Uint8Array.of(0xff), 8)).toBe(false);
  });
});
