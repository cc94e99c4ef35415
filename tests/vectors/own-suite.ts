// The project's own vectors, the same in Node and in a browser: RFC and NIST cases typed in, Noise patterns and Kith's
// hybrids recorded from this engine after it had agreed with all the published ones.
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { importAeadKey, open, seal } from '../../src/core/crypto/aead.ts';
import { dhFromPrivate, diffieHellman } from '../../src/core/crypto/dh.ts';
import { hkdf, hmacSha256 } from '../../src/core/crypto/kdf.ts';
import { kem } from '../../src/core/crypto/kem.ts';
import { signingKeyFromSeed, verify } from '../../src/core/crypto/sign.ts';
import { safetyNumber } from '../../src/core/identity/safety-number.ts';
import { parseJsonVectors } from './noise-vectors.ts';
import hybridVectors from './own/hybrid.json';
import noiseVectors from './own/noise.json';
import { aesGcmVectors, ed25519Vectors, hkdfVectors, hmacVectors, x25519Vectors } from './own/rfc.ts';
import { safetyNumberVectors } from './own/safety-number.ts';
import { type HybridInputs, type HybridOutputs, runHybrid, runHybridInitiator } from './run-hybrid.ts';
import { runNoiseVector } from './run-noise.ts';

const hybrids = hybridVectors as unknown as readonly { inputs: HybridInputs; outputs: HybridOutputs }[];

function documentSuite(where: string): void {
  test.each(hkdfVectors)(`HKDF-SHA-256 gives what the document says in ${where}: $title`, async (vector) => {
    const length = vector.okm.length / 2;
    const okm = await hkdf(fromHex(vector.ikm), fromHex(vector.salt), fromHex(vector.info), length);
    expect(toHex(okm)).toBe(vector.okm);
  });

  test.each(hmacVectors)(`HMAC-SHA-256 gives what the document says in ${where}: $title`, async (vector) => {
    expect(toHex(await hmacSha256(fromHex(vector.key), fromHex(vector.data)))).toBe(vector.mac);
  });

  test.each(x25519Vectors)(`X25519 gives what the document says in ${where}: $title`, async (vector) => {
    const pair = await dhFromPrivate(fromHex(vector.secret));
    expect(toHex(await diffieHellman(pair, fromHex(vector.publicKey)))).toBe(vector.shared);
    if ('ownPublicKey' in vector) expect(toHex(pair.publicKey)).toBe(vector.ownPublicKey);
  });

  test.each(ed25519Vectors)(`Ed25519 gives what the document says in ${where}: $title`, async (vector) => {
    const key = await signingKeyFromSeed(fromHex(vector.seed));
    const signature = await key.sign(fromHex(vector.message));
    expect([toHex(key.publicKey), toHex(signature)]).toEqual([vector.publicKey, vector.signature]);
    expect(await verify(key.publicKey, fromHex(vector.message), signature)).toBe(true);
  });

  test.each(aesGcmVectors)(`AES-256-GCM gives what the document says in ${where}: $title`, async (vector) => {
    const key = await importAeadKey(fromHex(vector.key));
    const [nonce, aad] = [fromHex(vector.nonce), fromHex(vector.aad)];
    expect(toHex(await seal(key, nonce, fromHex(vector.plaintext), aad))).toBe(vector.sealed);
    expect(toHex(await open(key, nonce, fromHex(vector.sealed), aad))).toBe(vector.plaintext);
  });
}

/** Defines the tests. */
export function ownVectorSuite(where: string): void {
  documentSuite(where);

  test.each(safetyNumberVectors)(
    `a safety number is the same on both screens in ${where}: $title`,
    async ({ fingerprints: [one, other], halves: [mine, theirs], digits }) => {
      expect(await safetyNumber(fromHex(one), fromHex(other))).toEqual({ mine, theirs, digits });
      expect(await safetyNumber(fromHex(other), fromHex(one))).toEqual({ mine: theirs, theirs: mine, digits });
    },
  );

  test.each(parseJsonVectors(JSON.stringify(noiseVectors)))(
    `the recorded handshake repeats in ${where}: $title`,
    runNoiseVector,
  );

  test.each(hybrids)(
    `the recorded hybrid repeats for its initiator in ${where}: $inputs.pattern`,
    async ({ inputs, outputs }) => {
      expect(await runHybridInitiator(inputs, outputs)).toEqual(outputs);
    },
  );

  test.each(hybrids)(
    `the recorded hybrid repeats for both sides in ${where}: $inputs.pattern`,
    async ({ inputs, outputs }) => {
      const { name } = await kem();
      if (name === 'library') expect(await runHybrid(inputs)).toEqual(outputs);
      else await expect(runHybrid(inputs)).resolves.toMatchObject({ protocol_name: outputs.protocol_name });
    },
  );
}
