// WebCrypto's ML-KEM-768, which this Node may not have: the draft's rules over the library (fixtures/draft-kem.ts).
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { libraryKem } from '../../../src/core/crypto/kem-library.ts';
import { nativeKem } from '../../../src/core/crypto/kem-native.ts';
import { installDraftKem } from '../../fixtures/draft-kem.ts';

let draft: ReturnType<typeof installDraftKem>;
beforeEach(() => {
  draft = installDraftKem();
});
afterEach(() => {
  draft.remove();
  vi.resetModules();
  vi.doUnmock('../../../src/core/crypto/kem-library.ts');
});

/** kem.ts before it has chosen, and with it the errors of its own. */
async function undecided() {
  vi.resetModules();
  return import('../../../src/core/crypto/kem.ts');
}

test('where WebCrypto has ML-KEM-768 it is used, and understands the library both ways', async () => {
  const inUse = await (await undecided()).kem();
  expect(inUse.name).toBe('native');
  const random = seededRandom(1);
  for (const [keys, sender] of [
    [inUse, libraryKem],
    [libraryKem, inUse],
  ] as const) {
    const pair = await keys.keyPair(random.bytes(64));
    const { ciphertext, sharedSecret } = await sender.encapsulate(pair.publicKey, random);
    expect(await keys.decapsulate(pair, ciphertext)).toEqual(sharedSecret);
  }
});

test('no key of it can leave the browser, but the public ones that the other side is sent', async () => {
  const native = await nativeKem();
  const pair = await native?.keyPair(seededRandom(1).bytes(64));
  await native?.encapsulate(pair?.publicKey as Uint8Array, seededRandom(2));
  expect(draft.keys.filter(({ type }) => type === 'private').map(({ extractable }) => extractable)).not.toContain(true);
  expect(draft.keys.at(-1)).toMatchObject({ type: 'public', extractable: false });
});

test('a WebCrypto that computes something else is not used', async () => {
  const zeros = async () => new ArrayBuffer(32);
  draft.methods.decapsulateBits = zeros;
  expect(await nativeKem()).toBe(undefined);
  expect((await (await undecided()).kem()).name).toBe('library');
});

test('neither implementation takes the private key of the other', async () => {
  const native = await nativeKem();
  const seed = seededRandom(1).bytes(64);
  const [ofNative, ofLibrary] = [await native?.keyPair(seed), await libraryKem.keyPair(seed)];
  const ciphertext = new Uint8Array(1088);
  await expect(native?.decapsulate(ofLibrary, ciphertext)).rejects.toMatchObject({ kind: 'internal' });
  await expect(libraryKem.decapsulate(ofNative ?? ofLibrary, ciphertext)).rejects.toMatchObject({ kind: 'internal' });
});

test('a key, seed or ciphertext of another size reaches no implementation', async () => {
  const { kemDecapsulate, kemEncapsulate, kemKeyPair, kemKeyPairFromSeed } = await undecided();
  const pair = await kemKeyPair(seededRandom(1));
  const lax = vi.fn(async () => ({ ciphertext: new ArrayBuffer(1088), sharedKey: new ArrayBuffer(32) }));
  Object.assign(draft.methods, {
    encapsulateBits: lax,
    decapsulateBits: async () => new ArrayBuffer(32),
    importKey: async () => ({ type: 'public' }),
  });
  const failed = { kind: 'handshake-failed' };
  for (const length of [0, 1183, 1185]) {
    await expect(kemEncapsulate(new Uint8Array(length), seededRandom(1))).rejects.toMatchObject(failed);
  }
  for (const length of [0, 1087, 1089]) {
    await expect(kemDecapsulate(pair, new Uint8Array(length))).rejects.toMatchObject(failed);
  }
  for (const length of [32, 65]) {
    await expect(kemKeyPairFromSeed(new Uint8Array(length))).rejects.toMatchObject(failed);
  }
  expect(lax).not.toHaveBeenCalled();
});

test('a ciphertext or a secret of another size than the standard says is not used, whoever made it', async () => {
  const { kemDecapsulate, kemEncapsulate, kemKeyPair } = await undecided();
  const pair = await kemKeyPair(seededRandom(1));
  const failed = { kind: 'handshake-failed' };
  for (const [ciphertext, secret] of [
    [1087, 32],
    [1088, 31],
    [1088, 0],
  ] as const) {
    draft.methods.encapsulateBits = async () => ({
      ciphertext: new ArrayBuffer(ciphertext),
      sharedKey: new ArrayBuffer(secret),
    });
    await expect(kemEncapsulate(pair.publicKey, seededRandom(1))).rejects.toMatchObject(failed);
  }
  draft.methods.decapsulateBits = async () => new ArrayBuffer(31);
  await expect(kemDecapsulate(pair, new Uint8Array(1088))).rejects.toMatchObject(failed);
});

test('a library that did not load fails the handshake, says why, and is asked for again', async () => {
  draft.methods.encapsulateBits = () => Promise.reject(new Error('unfinished'));
  const { kem } = await undecided();
  vi.doMock('../../../src/core/crypto/kem-library.ts', () => {
    throw new TypeError('Failed to fetch dynamically imported module');
  });
  await expect(kem()).rejects.toMatchObject({ kind: 'handshake-failed', cause: expect.any(Error) });
  vi.doUnmock('../../../src/core/crypto/kem-library.ts');
  expect((await kem()).name).toBe('library');
});
