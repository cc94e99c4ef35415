// The tests over the shared vectors, the same in Node and in a browser. `files`: path below shared/vectors → text.
import { expect, test } from 'vitest';
import { type NoiseVector, parseFlynnVectors, parseJsonVectors } from './noise-vectors.ts';
import { runNoiseVector } from './run-noise.ts';
import {
  kemImplementations,
  type Report,
  runAesGcm,
  runEd25519,
  runHkdf,
  runHmac,
  runMlKem,
  runMlKemImplementation,
  runX25519,
} from './run-wycheproof.ts';

export type VectorFiles = ReadonlyMap<string, string>;

/** Vectors in the copy that MANIFEST.md describes. */
const NOISE_VECTORS = 350;

const WYCHEPROOF: readonly [file: string, ran: number, refused: number, run: (text: string) => Promise<Report>][] = [
  ['aes_gcm', 66, 27, runAesGcm],
  ['x25519', 518, 31, runX25519],
  ['ed25519', 151, 63, runEd25519],
  ['hkdf_sha256', 86, 3, runHkdf],
  ['hmac_sha256', 174, 108, runHmac],
  ['mlkem_768', 193, 40, runMlKem],
];

function text(files: VectorFiles, path: string): string {
  const found = files.get(path);
  if (found === undefined) throw new Error(`${path} is missing from the shared vectors`);
  return found;
}

async function failuresOf(vectors: readonly NoiseVector[]): Promise<string[]> {
  const failures: string[] = [];
  for (const vector of vectors) {
    await runNoiseVector(vector).catch((error: unknown) => failures.push(`${vector.title}: ${error}`));
  }
  return failures;
}

function noiseSuite(where: string, files: VectorFiles): void {
  test(`every published Noise vector for 25519, AESGCM and SHA256 agrees to the byte in ${where}`, async () => {
    const vectors = [
      ...parseJsonVectors(text(files, 'noise/cacophony.25519_AESGCM_SHA256.json')),
      ...parseJsonVectors(text(files, 'noise/snow.25519_AESGCM_SHA256.json')),
      ...parseFlynnVectors(text(files, 'noise/flynn.25519_AESGCM_SHA256.txt')),
    ];
    expect(await failuresOf(vectors)).toEqual([]);
    expect(vectors.length).toBe(NOISE_VECTORS);
    console.info(`${where}: ${vectors.length} Noise vectors ran`);
  }, 120_000);
}

function wycheproofSuite(where: string, files: VectorFiles): void {
  for (const [name, ran, refused, run] of WYCHEPROOF) {
    test(`Wycheproof's ${name} vectors are accepted and refused as they say in ${where}`, async () => {
      const report = await run(text(files, `wycheproof/${name}_test.json`));
      expect(report).toEqual({ ran, refused, failures: [] });
      console.info(`${where}: ${report.ran} Wycheproof ${name} vectors ran, ${report.refused} of them to be refused`);
    }, 120_000);
  }

  test(`each implementation of ML-KEM-768 in ${where} passes Wycheproof by itself`, async () => {
    const { all, inUse } = await kemImplementations();
    for (const implementation of all) {
      const report = await runMlKemImplementation(text(files, 'wycheproof/mlkem_768_test.json'), implementation);
      expect(report, implementation.name).toEqual({ ran: 193, refused: 40, failures: [] });
    }
    console.info(`${where}: ML-KEM-768 ${all.map(({ name }) => name).join(' and ')} checked, ${inUse.name} in use`);
  }, 120_000);
}

/** Defines the tests, or says loudly that the shared vectors are not there (a fresh clone has only the project's own). */
export function sharedVectorSuite(where: string, files: VectorFiles): void {
  if (files.size === 0) {
    console.warn(`${where}: shared vectors not found: running the project's own set`);
    test.skip('shared vectors not found: the own set runs instead', () => undefined);
    return;
  }
  noiseSuite(where, files);
  wycheproofSuite(where, files);
}
