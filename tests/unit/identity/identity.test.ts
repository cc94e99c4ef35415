import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { argon2id } from 'hash-wasm';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { verify } from '../../../src/core/crypto/sign.ts';
import { KithError } from '../../../src/core/errors.ts';
import { deriveFindTarget, deriveNumber } from '../../../src/core/identity/argon2.ts';
import {
  BUNDLE_BYTES,
  decodeBundle,
  encodeBundle,
  signBundle,
  verifyBundle,
} from '../../../src/core/identity/bundle.ts';
import { identityFromRoot } from '../../../src/core/identity/keys.ts';
import { formatNumber, isNumber, numberFromArgon2 } from '../../../src/core/identity/number.ts';

const random = seededRandom(11);
const impostor = new KithError('contact-impostor');

test('a root secret gives the same keys, bundle and fingerprint for ever', async () => {
  const root = Uint8Array.from({ length: 32 }, (_, index) => index);
  const identity = await identityFromRoot(root);
  expect(toHex(identity.bundle)).toBe(
    '011e0deb3ad6addfa7d6b06a6849c5d45ffa4524be1561623580f770abbf9e2985597056241beaad38be28430d30ad3a6641978eac449ad6445f7eb8dfd2212536',
  );
  expect(toHex(identity.fingerprint)).toBe('e8b199ac43b972c35a0020edec40dcb69d9fc519397513de157c34b8132012eb');
  expect(await deriveNumber(identity.fingerprint)).toBe('905545013172739');
});

test('a number is always looked for in the same place, the SHA-1 of its Argon2id', async () => {
  const parameters = {
    salt: 'kith-find-1',
    memorySize: 65_536,
    iterations: 3,
    parallelism: 1,
    hashLength: 32,
  } as const;
  const digest = await argon2id({ ...parameters, password: '905545013172739', outputType: 'binary' });
  const target = await deriveFindTarget('905545013172739');
  expect(toHex(target)).toBe(createHash('sha1').update(digest).digest('hex'));
  expect(toHex(target)).toBe('e9182f24737ac0ad31cacd91de8aca94b63ebe36');
});

test('the two keys of a person are unrelated, and so are two people', async () => {
  const [ana, ben] = [await identityFromRoot(random.bytes(32)), await identityFromRoot(random.bytes(32))];
  const keys = decodeBundle(ana.bundle);
  expect(keys.signing).not.toEqual(keys.dh);
  expect(ana.fingerprint).not.toEqual(ben.fingerprint);
  await expect(identityFromRoot(random.bytes(16))).rejects.toThrow(new KithError('internal'));
});

test('a bundle is a version and both public keys, and its SHA-256 is the fingerprint', async () => {
  const ana = await identityFromRoot(random.bytes(32));
  expect(ana.bundle.length).toBe(BUNDLE_BYTES);
  expect(ana.bundle[0]).toBe(1);
  expect(decodeBundle(ana.bundle).dh).toEqual(ana.dh.publicKey);
  expect(encodeBundle(decodeBundle(ana.bundle))).toEqual(ana.bundle);
  expect(ana.fingerprint).toEqual(await sha256(ana.bundle));
  expect(await verify(decodeBundle(ana.bundle).signing, random.bytes(0), await ana.sign(random.bytes(0)))).toBe(true);
});

test('a bundle signed by its own key is accepted; one mutated at any byte is an impostor', async () => {
  const ana = await identityFromRoot(random.bytes(32));
  const signature = await signBundle(ana.bundle, ana.sign);
  expect((await verifyBundle(ana.bundle, signature)).dh).toEqual(ana.dh.publicKey);
  for (let place = 1; place < ana.bundle.length; place += 1) {
    const mutated = ana.bundle.slice();
    mutated[place] = (mutated[place] as number) ^ 1;
    await expect(verifyBundle(mutated, signature)).rejects.toThrow(impostor);
  }
  const ben = await identityFromRoot(random.bytes(32));
  await expect(verifyBundle(ana.bundle, await signBundle(ana.bundle, ben.sign))).rejects.toThrow(impostor);
  await expect(verifyBundle(ana.bundle, await ana.sign(ana.bundle))).rejects.toThrow(impostor);
});

test('a bundle of another version, size or with a key of small order is refused', async () => {
  const { bundle } = await identityFromRoot(random.bytes(32));
  const newer = bundle.slice();
  newer[0] = 2;
  const smallOrder = bundle.slice();
  smallOrder.set(fromHex(`01${'00'.repeat(31)}`), 1);
  expect(() => decodeBundle(newer)).toThrow(new KithError('frame-version'));
  expect(() => decodeBundle(bundle.subarray(1))).toThrow();
  expect(() => decodeBundle(bundle.subarray(0, 64))).toThrow(impostor);
  expect(() => decodeBundle(new Uint8Array(0))).toThrow(impostor);
  expect(() => decodeBundle(smallOrder)).toThrow(impostor);
});

test('a number is 14 digits of the hash, zero-padded, and a check digit', () => {
  const digest = new Uint8Array(32);
  digest[31] = 57;
  digest[30] = 2; // 2 * 256 + 57 = 569
  expect(numberFromArgon2(digest).slice(0, 14)).toBe('00000000000569');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const number = numberFromArgon2(bytes);
      expect(isNumber(number)).toBe(true);
      expect(BigInt(number.slice(0, 14))).toBe(BigInt(`0x${toHex(bytes)}`) % 10n ** 14n);
    }),
    { seed: 20260104, numRuns: 200 },
  );
  expect(() => numberFromArgon2(new Uint8Array(31))).toThrow(new KithError('internal'));
});

test.each(['', '12345678901234', '1234567890123456', '12345678901234x', '１２３４５６７８９０１２３４５'])(
  '%o is no number',
  (text) => {
    expect(isNumber(text)).toBe(false);
  },
);

test('numbers are shown in groups of three', () => {
  expect(formatNumber('123456789012345')).toBe('123 456 789 012 345');
  expect(formatNumber('')).toBe('');
});
