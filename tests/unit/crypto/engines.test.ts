// What Kith asks of WebCrypto, and what it believes it: engines differ, and none is trusted where the documents leave room.
import { afterEach, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { importAeadKey, open, seal } from '../../../src/core/crypto/aead.ts';
import { dhFromPrivate, diffieHellman } from '../../../src/core/crypto/dh.ts';
import { hkdf, hmacSha256, pbkdf2 } from '../../../src/core/crypto/kdf.ts';
import { kemEncapsulate } from '../../../src/core/crypto/kem.ts';
import { signingKeyFromSeed, verify } from '../../../src/core/crypto/sign.ts';

const random = seededRandom(1);
const empty = new Uint8Array(0);

afterEach(() => vi.restoreAllMocks());

test('no key that is imported can be exported, but the one that an Ed25519 public key is read from', async () => {
  const imported = vi.spyOn(crypto.subtle, 'importKey');
  const ana = await dhFromPrivate(random.bytes(32));
  await diffieHellman(ana, (await dhFromPrivate(random.bytes(32))).publicKey);
  await importAeadKey(random.bytes(32));
  await hkdf(random.bytes(32), random.bytes(32), utf8('info'), 32);
  await hmacSha256(random.bytes(32), utf8('data'));
  await pbkdf2(random.bytes(32), random.bytes(16), 1, 64);
  const key = await signingKeyFromSeed(random.bytes(32));
  await verify(key.publicKey, utf8('data'), await key.sign(utf8('data')));
  const extractable = imported.mock.calls.filter(([, , , exportable]) => exportable);
  expect(extractable.map(([format, , algorithm]) => [format, algorithm])).toEqual([['pkcs8', 'Ed25519']]);
});

test('no empty key reaches WebCrypto, on which engines disagree', async () => {
  const imported = vi.spyOn(crypto.subtle, 'importKey');
  await hkdf(empty, empty, empty, 40);
  await hmacSha256(empty, empty);
  expect(imported.mock.calls.length).toBeGreaterThan(0);
  for (const [, data] of imported.mock.calls) expect((data as Uint8Array).length).toBeGreaterThan(0);
});

test('HKDF gives from one byte to 255 blocks', async () => {
  for (const length of [1, 8_160]) {
    expect((await hkdf(random.bytes(32), random.bytes(32), utf8('info'), length)).length).toBe(length);
  }
});

test('an engine that answers a low-order point with zeros is not believed (RFC 7748 §6.1)', async () => {
  const [ana, ben] = [await dhFromPrivate(random.bytes(32)), await dhFromPrivate(random.bytes(32))];
  vi.spyOn(crypto.subtle, 'deriveBits').mockResolvedValue(new ArrayBuffer(32));
  await expect(diffieHellman(ana, ben.publicKey)).rejects.toMatchObject({ kind: 'handshake-failed' });
});

test('public keys and signatures of another size are refused before WebCrypto sees them', async () => {
  const pair = await dhFromPrivate(random.bytes(32));
  const key = await signingKeyFromSeed(random.bytes(32));
  const signature = await key.sign(utf8('data'));
  const imported = vi.spyOn(crypto.subtle, 'importKey');
  for (const length of [0, 31, 33]) {
    await expect(diffieHellman(pair, new Uint8Array(length))).rejects.toMatchObject({ kind: 'handshake-failed' });
    expect(await verify(new Uint8Array(length), utf8('data'), signature)).toBe(false);
  }
  for (const length of [0, 63, 65])
    expect(await verify(key.publicKey, utf8('data'), new Uint8Array(length))).toBe(false);
  expect(imported).not.toHaveBeenCalled();
});

test('an engine that throws for a key that is no point of the curve verifies nothing', async () => {
  const key = await signingKeyFromSeed(random.bytes(32));
  const signature = await key.sign(utf8('data'));
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'DataError'));
  expect(await verify(key.publicKey, utf8('data'), signature)).toBe(false);
});

test('a failure keeps what the engine said as its cause', async () => {
  const key = await importAeadKey(random.bytes(32));
  const sealed = await seal(key, new Uint8Array(12), utf8('text'));
  await expect(open(key, new Uint8Array(12), sealed.subarray(1))).rejects.toMatchObject({ cause: expect.any(Error) });
  const pair = await dhFromPrivate(random.bytes(32));
  vi.spyOn(crypto.subtle, 'deriveBits').mockRejectedValue(new DOMException('', 'OperationError'));
  const lowOrder = fromHex(`01${'00'.repeat(31)}`);
  await expect(diffieHellman(pair, lowOrder)).rejects.toMatchObject({ cause: { name: 'OperationError' } });
  const tooLarge = new Uint8Array(1184).fill(0xff); // coefficients of 4,095
  await expect(kemEncapsulate(tooLarge, random)).rejects.toMatchObject({ cause: expect.any(Error) });
});
