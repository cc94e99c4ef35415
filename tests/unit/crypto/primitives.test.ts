import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { importAeadKey, open, seal } from '../../../src/core/crypto/aead.ts';
import { dhFromPrivate, diffieHellman } from '../../../src/core/crypto/dh.ts';
import { hkdf, hmacSha256 } from '../../../src/core/crypto/kdf.ts';
import { isSmallOrder, signingKeyFromSeed, verify } from '../../../src/core/crypto/sign.ts';
import { KithError } from '../../../src/core/errors.ts';

const random = seededRandom(1);
const internal = new KithError('internal');

test('a sealed frame opens only whole, in its place and with its context', async () => {
  const key = await importAeadKey(random.bytes(32));
  const nonce = random.bytes(12);
  const sealed = await seal(key, nonce, utf8('canary'), utf8('context'));
  expect(await open(key, nonce, sealed, utf8('context'))).toEqual(utf8('canary'));
  for (let place = 0; place < sealed.length; place += 1) {
    const mutated = sealed.slice();
    mutated[place] = (mutated[place] as number) ^ 1;
    await expect(open(key, nonce, mutated, utf8('context'))).rejects.toThrow(new KithError('frame-authentication'));
    await expect(open(key, nonce, sealed.subarray(0, place), utf8('context'))).rejects.toThrow('frame-authentication');
  }
  await expect(open(key, nonce, sealed, utf8('other'))).rejects.toThrow('frame-authentication');
  await expect(open(key, random.bytes(12), sealed, utf8('context'))).rejects.toThrow('frame-authentication');
});

test('keys are not extractable', async () => {
  expect((await importAeadKey(random.bytes(32))).extractable).toBe(false);
  expect((await dhFromPrivate(random.bytes(32))).privateKey.extractable).toBe(false);
});

test('keys and nonces of another size are refused as mistakes of ours', async () => {
  const key = await importAeadKey(random.bytes(32));
  await expect(importAeadKey(random.bytes(16))).rejects.toThrow(internal);
  await expect(seal(key, random.bytes(16), random.bytes(1))).rejects.toThrow(internal);
  await expect(dhFromPrivate(random.bytes(31))).rejects.toThrow(internal);
  await expect(signingKeyFromSeed(random.bytes(33))).rejects.toThrow(internal);
  await expect(hkdf(random.bytes(32), random.bytes(0), random.bytes(0), 255 * 32 + 1)).rejects.toThrow(internal);
  await expect(hkdf(random.bytes(32), random.bytes(0), random.bytes(0), 0)).rejects.toThrow(internal);
});

test('HKDF of an empty key is RFC 5869 on the zero-length input', async () => {
  const [salt, info] = [random.bytes(32), utf8('info')];
  const prk = await hmacSha256(salt, new Uint8Array(0));
  const first = await hmacSha256(prk, Uint8Array.from([...info, 1]));
  const second = await hmacSha256(prk, Uint8Array.from([...first, ...info, 2]));
  const expected = Uint8Array.from([...first, ...second]).slice(0, 50);
  expect(await hkdf(new Uint8Array(0), salt, info, 50)).toEqual(expected);
});

test('an HMAC under an empty key is one under a block of zeros', async () => {
  const data = utf8('data');
  expect(await hmacSha256(new Uint8Array(0), data)).toEqual(await hmacSha256(new Uint8Array(64), data));
});

test('two people agree on one shared secret', async () => {
  const [ana, ben] = [await dhFromPrivate(random.bytes(32)), await dhFromPrivate(random.bytes(32))];
  expect(await diffieHellman(ana, ben.publicKey)).toEqual(await diffieHellman(ben, ana.publicKey));
});

// The encodings of low order listed at RFC 7748 §6.1's all-zero check and in Wycheproof's LowOrderPublic.
test.each([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])('a public key of low order is refused: %s', async (publicKey) => {
  const pair = await dhFromPrivate(random.bytes(32));
  await expect(diffieHellman(pair, fromHex(publicKey))).rejects.toThrow(new KithError('handshake-failed'));
});

test('a public key of another size is refused', async () => {
  const pair = await dhFromPrivate(random.bytes(32));
  await expect(diffieHellman(pair, random.bytes(31))).rejects.toThrow(new KithError('handshake-failed'));
});

test('a signature fits its key and its data and nothing else', async () => {
  const [ana, ben] = [await signingKeyFromSeed(random.bytes(32)), await signingKeyFromSeed(random.bytes(32))];
  const signature = await ana.sign(utf8('data'));
  expect(await verify(ana.publicKey, utf8('data'), signature)).toBe(true);
  expect(await verify(ana.publicKey, utf8('Data'), signature)).toBe(false);
  expect(await verify(ben.publicKey, utf8('data'), signature)).toBe(false);
  expect(await verify(ana.publicKey, utf8('data'), signature.slice(0, 63))).toBe(false);
  expect(await verify(ana.publicKey.slice(1), utf8('data'), signature)).toBe(false);
});

test('a key of small order, under which one signature fits all data, verifies nothing', async () => {
  const identity = fromHex(`01${'00'.repeat(31)}`);
  const forged = Uint8Array.from([...identity, ...new Uint8Array(32)]);
  expect(await verify(identity, utf8('anything'), forged)).toBe(false);
  const withSign = identity.slice();
  withSign[31] = 0x80;
  expect(isSmallOrder(withSign)).toBe(true);
  expect(isSmallOrder((await signingKeyFromSeed(random.bytes(32))).publicKey)).toBe(false);
});
