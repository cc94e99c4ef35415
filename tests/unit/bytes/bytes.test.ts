import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../../src/core/bytes/base64url.ts';
import { compareBytes, concat, equalBytes, isAllZero, joined, unshared } from '../../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import {
  bigIntFromBytes,
  readUint16be,
  readUint32be,
  uint16be,
  uint32be,
  uint64be,
} from '../../../src/core/bytes/integers.ts';
import { fromUtf8, utf8 } from '../../../src/core/bytes/utf8.ts';
import { KithError } from '../../../src/core/errors.ts';

const bytes = fc.uint8Array({ maxLength: 70 });
const settings = { seed: 20260101, numRuns: 300 };
const malformed = new KithError('frame-malformed');

test('concat puts the parts one after another and copies them', () => {
  const part = Uint8Array.of(1, 2);
  const whole = concat(part, new Uint8Array(0), Uint8Array.of(3));
  part.fill(9);
  expect(whole).toEqual(Uint8Array.of(1, 2, 3));
});

test('parts that lie side by side are joined without a copy, all others are copied, and it reads the same', () => {
  const buffer = Uint8Array.of(0, 1, 2, 3, 4, 5);
  const [first, second] = [buffer.subarray(1, 3), buffer.subarray(3, 5)];
  expect(joined(first, second)).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(joined(first, second).buffer).toBe(buffer.buffer);
  expect(joined(second, first)).toEqual(Uint8Array.of(3, 4, 1, 2));
  expect(joined(first, first)).toEqual(Uint8Array.of(1, 2, 1, 2));
  expect(joined(first, Uint8Array.of(3, 4))).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(joined(first)).toEqual(first);
});

test('bytes in shared memory are copied for WebCrypto, all others are not', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7);
  const own = Uint8Array.of(7, 7, 7);
  expect(unshared(shared).buffer).toBeInstanceOf(ArrayBuffer);
  expect(unshared(shared)).toEqual(own);
  expect(unshared(own)).toBe(own);
});

test('two byte strings are equal when every byte is, and only then', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (a, place, difference) => {
      expect(equalBytes(a, a.slice())).toBe(true);
      expect(equalBytes(a, concat(a, Uint8Array.of(0)))).toBe(false);
      if (a.length === 0) return;
      const b = a.slice();
      b[place % a.length] = (b[place % a.length] as number) ^ difference;
      expect(equalBytes(a, b)).toBe(false);
    }),
    settings,
  );
});

test('the bytewise order is that of the hexadecimal texts', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [x, y] = [toHex(a), toHex(b)];
      expect(Math.sign(compareBytes(a, b))).toBe(x < y ? -1 : Number(x > y));
    }),
    settings,
  );
});

test('only zeros are all zero', () => {
  expect(isAllZero(new Uint8Array(32))).toBe(true);
  expect(isAllZero(Uint8Array.of(0, 0, 128))).toBe(false);
});

test('hexadecimal and base64url return what was put in', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
      expect(fromBase64url(toBase64url(value))).toEqual(value);
      expect(toBase64url(value)).toBe(Buffer.from(value).toString('base64url'));
    }),
    settings,
  );
});

test.each(['a', 'zz', '0x00', ' 00'])('hexadecimal refuses %o', (text) => {
  expect(() => fromHex(text)).toThrow(malformed);
});

test.each(['A', 'AAAAA', 'AB', 'AAB', 'A+', 'A/', 'AA==', 'A A'])(
  'base64url has one text for each byte string, so it refuses %o',
  (text) => {
    expect(() => fromBase64url(text)).toThrow(malformed);
  },
);

test('integers are written with the most significant byte first', () => {
  expect([toHex(uint16be(0x0102)), toHex(uint32be(0x01020304)), toHex(uint64be(0x01020304_05060708n))]).toEqual([
    '0102',
    '01020304',
    '0102030405060708',
  ]);
  expect(readUint32be(fromHex('ff01020304').subarray(1))).toBe(0x01020304);
  expect(readUint16be(fromHex('ffff0102'), 2)).toBe(0x0102);
  expect(bigIntFromBytes(fromHex('0100'))).toBe(256n);
  expect(() => readUint32be(new Uint8Array(3))).toThrow(RangeError);
});

test('text survives as UTF-8, and bytes that are none are refused', () => {
  expect(fromUtf8(utf8('\ufeffsüß 🙂'))).toBe('\ufeffsüß 🙂');
  expect(() => fromUtf8(Uint8Array.of(0xc0, 0x80))).toThrow(malformed);
});
