// ML-KEM-768 behaves the same whichever implementation computes it; in Node and in a browser.
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { type Kem, kem, kemDecapsulate, kemEncapsulate, kemKeyPair } from '../../../src/core/crypto/kem.ts';
import { libraryKem } from '../../../src/core/crypto/kem-library.ts';
import {
  interoperates,
  KNOWN_PUBLIC_KEY_HASH,
  KNOWN_REJECTION,
  KNOWN_SEED,
} from '../../../src/core/crypto/kem-native.ts';
import { KithError } from '../../../src/core/errors.ts';

const failed = new KithError('handshake-failed');

export function kemSuite(where: string): void {
  test(`both sides of an encapsulation hold one secret in ${where}`, async () => {
    const random = seededRandom(1);
    const pair = await kemKeyPair(random);
    const { ciphertext, sharedSecret } = await kemEncapsulate(pair.publicKey, random);
    expect([pair.publicKey.length, ciphertext.length, sharedSecret.length]).toEqual([1184, 1088, 32]);
    expect(await kemDecapsulate(pair, ciphertext)).toEqual(sharedSecret);
  });

  test(`the implementation in use and the library understand each other both ways in ${where}`, async () => {
    const inUse = await kem();
    const random = seededRandom(2);
    for (const [keys, sender] of [
      [inUse, libraryKem],
      [libraryKem, inUse],
    ] as const) {
      const pair = await keys.keyPair(random.bytes(64));
      const { ciphertext, sharedSecret } = await sender.encapsulate(pair.publicKey, random);
      expect(await keys.decapsulate(pair, ciphertext)).toEqual(sharedSecret);
    }
  });

  test(`a mutated ciphertext yields another secret, not an error, in ${where}`, async () => {
    const random = seededRandom(3);
    const pair = await kemKeyPair(random);
    const { ciphertext, sharedSecret } = await kemEncapsulate(pair.publicKey, random);
    ciphertext[700] = (ciphertext[700] as number) ^ 1;
    expect(await kemDecapsulate(pair, ciphertext)).not.toEqual(sharedSecret);
  });

  test(`a public key with a coefficient of 3,329 or more is refused in ${where}`, async () => {
    const random = seededRandom(4);
    const { publicKey } = await kemKeyPair(random);
    publicKey.set([0xff, 0x0f], 0); // the first 12-bit coefficient is 4,095
    await expect(kemEncapsulate(publicKey, random)).rejects.toThrow(failed);
  });

  test(`keys and ciphertexts of another size are refused in ${where}`, async () => {
    const random = seededRandom(5);
    const pair = await kemKeyPair(random);
    await expect(kemEncapsulate(pair.publicKey.slice(1), random)).rejects.toThrow(failed);
    await expect(kemDecapsulate(pair, new Uint8Array(1087))).rejects.toThrow(failed);
    await expect(kemDecapsulate(pair, new Uint8Array(0))).rejects.toThrow(failed);
  });

  test(`the answers that a native implementation is measured by are the library's in ${where}`, async () => {
    const pair = await libraryKem.keyPair(KNOWN_SEED);
    expect(toHex(await sha256(pair.publicKey))).toBe(KNOWN_PUBLIC_KEY_HASH);
    expect(toHex(await libraryKem.decapsulate(pair, new Uint8Array(1088)))).toBe(KNOWN_REJECTION);
    expect(await interoperates(libraryKem)).toBe(true);
  });

  test(`an implementation that computes something else is not used in ${where}`, async () => {
    const other: Kem = { ...libraryKem, keyPair: (seed) => libraryKem.keyPair(seed.map((byte) => byte ^ 1)) };
    const absent: Kem = { ...libraryKem, keyPair: () => Promise.reject(new Error('NotSupportedError')) };
    const oneWay: Kem = {
      ...libraryKem,
      encapsulate: async (key, random) => ({
        ...(await libraryKem.encapsulate(key, random)),
        sharedSecret: new Uint8Array(32),
      }),
    };
    // Right in everything but the implicit rejection (FIPS 203 §6.3), which a ciphertext of zeros must end in.
    const unrejecting: Kem = {
      ...libraryKem,
      decapsulate: async (pair, ciphertext) =>
        ciphertext.every((byte) => byte === 0) ? new Uint8Array(32) : libraryKem.decapsulate(pair, ciphertext),
    };
    for (const wrong of [other, absent, oneWay, unrejecting]) expect(await interoperates(wrong)).toBe(false);
  });
}
