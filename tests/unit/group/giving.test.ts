// How much of a group's files one member is given, and what makes a unit the one that was signed.
import { expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { Giving } from '../../../src/core/group/files/giving.ts';
import { isSigned } from '../../../src/core/group/files/offer.ts';
import type { GroupFileOffer } from '../../../src/core/wire/group-files.ts';

const times = (count: number, ask: () => boolean) => Array.from({ length: count }, ask).filter(Boolean).length;

it('a member may ask 256 questions at once, four more a second, and each member for themselves', () => {
  const giving = new Giving();
  expect(times(300, () => giving.mayAsk('ben', 0))).toBe(256);
  expect(times(300, () => giving.mayAsk('ben', 2_000))).toBe(8);
  expect(times(300, () => giving.mayAsk('cleo', 2_000))).toBe(256);
});

it('a member is given each unit of a file about twice, then one a second; other files and members are counted apart', () => {
  const giving = new Giving();
  const most = (file: string, peer: string, now: number) => times(100, () => giving.mayHave(peer, file, 10, 1, now));
  expect(most('f', 'ben', 0)).toBe(24);
  expect(most('f', 'ben', 3_000)).toBe(3);
  expect([most('g', 'ben', 3_000), most('f', 'cleo', 3_000)]).toEqual([24, 24]);
  giving.forget('f');
  expect([most('f', 'ben', 3_000), most('g', 'ben', 3_000)]).toEqual([24, 0]);
});

it('a request for three counts as three', () => {
  const giving = new Giving();
  expect(times(100, () => giving.mayHave('ben', 'f', 1, 3, 0))).toBe(2);
});

it('a unit is the one that was signed when its hash stands in its place', async () => {
  const units = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
  const hashes = concat(...(await Promise.all(units.map((unit) => sha256(unit)))));
  const offer = { hashes } as unknown as GroupFileOffer;
  for (const [index, unit] of units.entries())
    for (const place of [0, 1, 2, 3]) expect(await isSigned(offer, place, unit)).toBe(place === index);
});
