import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import {
  addressBytes,
  addressOf,
  compareDistance,
  distance,
  fromHostPort,
  idFromAddress,
  isAddress,
  isUsableId,
  toHostPort,
} from '../../../src/core/overlay/address.ts';

const random = seededRandom(1);

it('an address is the first 48 bits of an id, and comes back from host and port', () => {
  const id = Uint8Array.from({ length: 20 }, (_, index) => 250 - index);
  expect(addressOf(id)).toBe('faf9f8f7f6f5');
  expect(toHostPort('faf9f8f7f6f5')).toEqual({ host: '250.249.248.247', port: 0xf6f5 });
  expect(fromHostPort('250.249.248.247', 0xf6f5)).toBe('faf9f8f7f6f5');
  expect(addressBytes('faf9f8f7f6f5')).toEqual(id.slice(0, 6));
  expect(addressOf(idFromAddress('faf9f8f7f6f5'))).toBe('faf9f8f7f6f5');
  for (let count = 0; count < 200; count += 1) {
    const address = addressOf(random.bytes(20));
    if (!isAddress(address)) continue;
    const { host, port } = toHostPort(address);
    expect(fromHostPort(host, port)).toBe(address);
  }
});

it('what is no host and port is no address', () => {
  for (const [host, port] of [
    ['1.2.3', 5],
    ['1.2.3.4.5', 5],
    ['1.2.3.256', 5],
    ['1.2.3.-4', 5],
    ['1.2.3.x', 5],
    ['', 5],
    ['1.2.3.4', 0],
    ['1.2.3.4', 65_536],
    ['1.2.3.4', 1.5],
    ['1.2.3.4', Number.NaN],
  ] as const) {
    expect(fromHostPort(host, port)).toBeUndefined();
  }
});

it('an id whose port would be 0 is of no use', () => {
  const id = random.bytes(20);
  id[4] = 0;
  id[5] = 0;
  expect(isUsableId(id)).toBe(false);
  id[5] = 1;
  expect(isUsableId(id)).toBe(true);
  expect(isUsableId(id.slice(1))).toBe(false);
  expect(isAddress('0102030400')).toBe(false);
  expect(isAddress('010203040000')).toBe(false);
});

it('distance is xor, most significant first', () => {
  const [target, a, b] = [Uint8Array.of(0b1000, 0), Uint8Array.of(0b1001, 255), Uint8Array.of(0b0000, 0)];
  expect(distance(target, a)).toEqual(Uint8Array.of(1, 255));
  expect(compareDistance(target, a, b)).toBeLessThan(0);
  expect(compareDistance(target, b, a)).toBeGreaterThan(0);
  expect(compareDistance(target, a, a)).toBe(0);
});
