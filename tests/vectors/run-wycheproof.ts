// Plays Wycheproof's vectors (C2SP/wycheproof, testvectors_v1) through core/crypto, those that must fail included.
import { type Bytes, concat, equalBytes } from '../../src/core/bytes/bytes.ts';
import { fromHex } from '../../src/core/bytes/hex.ts';
import { importAeadKey, open, seal } from '../../src/core/crypto/aead.ts';
import { dhFromPrivate, diffieHellman } from '../../src/core/crypto/dh.ts';
import { hkdf, hmacSha256 } from '../../src/core/crypto/kdf.ts';
import { type Kem, kem, kemDecapsulate, kemKeyPairFromSeed } from '../../src/core/crypto/kem.ts';
import { libraryKem } from '../../src/core/crypto/kem-library.ts';
import { nativeKem } from '../../src/core/crypto/kem-native.ts';
import { verify } from '../../src/core/crypto/sign.ts';
import { kindOf } from '../../src/core/errors.ts';

interface Test {
  readonly tcId: number;
  readonly comment?: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly [field: string]: unknown;
}

interface Group {
  readonly tests: readonly Test[];
  readonly [field: string]: unknown;
}

export interface Report {
  readonly ran: number;
  /** Of those, how many had to be refused. */
  readonly refused: number;
  /** One line each. */
  readonly failures: readonly string[];
}

type Check = (test: Test, group: Group) => Promise<boolean>;

function bytes(value: unknown): Bytes {
  return fromHex(value as string);
}

/** True when `work` throws KithError of `kind`. */
async function throwsKind(kind: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    return kindOf(error) === kind;
  }
}

async function runAll(text: string, mustFail: (test: Test) => boolean, check: Check, keep = (_: Group) => true) {
  const { testGroups } = JSON.parse(text) as { testGroups: readonly Group[] };
  const failures: string[] = [];
  let ran = 0;
  let refused = 0;
  for (const group of testGroups.filter(keep)) {
    for (const test of group.tests) {
      ran += 1;
      if (mustFail(test)) refused += 1;
      if (!(await check(test, group))) failures.push(`tcId ${test.tcId} ${test.comment ?? ''} (${test.result})`);
    }
  }
  return { ran, refused, failures };
}

const isInvalid = (test: Test) => test.result === 'invalid';

/** Only 256-bit keys, 96-bit nonces and 128-bit tags: nothing else is used. */
export function runAesGcm(text: string): Promise<Report> {
  const inUse = (group: Group) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128;
  return runAll(
    text,
    isInvalid,
    async (test) => {
      const key = await importAeadKey(bytes(test.key));
      const [iv, aad, message] = [bytes(test.iv), bytes(test.aad), bytes(test.msg)];
      const sealed = concat(bytes(test.ct), bytes(test.tag));
      if (isInvalid(test)) return throwsKind('frame-authentication', () => open(key, iv, sealed, aad));
      const opened = await open(key, iv, sealed, aad);
      return equalBytes(await seal(key, iv, message, aad), sealed) && equalBytes(opened, message);
    },
    inUse,
  );
}

const zeroSecret = (test: Test) => test.flags.includes('ZeroSharedSecret');

export function runX25519(text: string): Promise<Report> {
  return runAll(text, zeroSecret, async (test) => {
    const pair = await dhFromPrivate(bytes(test.private));
    const agree = () => diffieHellman(pair, bytes(test.public));
    if (zeroSecret(test)) return throwsKind('handshake-failed', agree);
    return equalBytes(await agree(), bytes(test.shared));
  });
}

export function runEd25519(text: string): Promise<Report> {
  return runAll(text, isInvalid, async (test, group) => {
    const { pk } = group.publicKey as { pk: string };
    const accepted = await verify(bytes(pk), bytes(test.msg), bytes(test.sig));
    return accepted === !isInvalid(test);
  });
}

export function runHkdf(text: string): Promise<Report> {
  return runAll(text, isInvalid, async (test) => {
    const derive = () => hkdf(bytes(test.ikm), bytes(test.salt), bytes(test.info), test.size as number);
    if (isInvalid(test)) return throwsKind('internal', derive);
    return equalBytes(await derive(), bytes(test.okm));
  });
}

export function runHmac(text: string): Promise<Report> {
  return runAll(text, isInvalid, async (test, group) => {
    const mac = await hmacSha256(bytes(test.key), bytes(test.msg));
    const length = (group.tagSize as number) / 8;
    return equalBytes(mac.subarray(0, length), bytes(test.tag)) === !isInvalid(test);
  });
}

async function kemAgrees(implementation: Kem, test: Test): Promise<boolean> {
  const pair = await implementation.keyPair(bytes(test.seed));
  const secret = await implementation.decapsulate(pair, bytes(test.c));
  return equalBytes(pair.publicKey, bytes(test.ek)) && equalBytes(secret, bytes(test.K));
}

async function decapsulateFromSeed(test: Test): Promise<Bytes> {
  return kemDecapsulate(await kemKeyPairFromSeed(bytes(test.seed)), bytes(test.c));
}

/** Through Kith's own verbs with the implementation they chose here. */
export function runMlKem(text: string): Promise<Report> {
  return runAll(text, isInvalid, async (test) => {
    if (isInvalid(test)) return throwsKind('handshake-failed', () => decapsulateFromSeed(test));
    return equalBytes(await decapsulateFromSeed(test), bytes(test.K));
  });
}

/** Valid and invalid vectors through one implementation without Kith's own checks before it. */
export function runMlKemImplementation(text: string, implementation: Kem): Promise<Report> {
  return runAll(text, isInvalid, async (test) => {
    const agrees = kemAgrees(implementation, test);
    if (!isInvalid(test)) return agrees;
    return agrees.then(
      () => false,
      () => true,
    );
  });
}

/** The library always; the native one where there is one; which of them is in use. */
export async function kemImplementations(): Promise<{ all: readonly Kem[]; inUse: Kem }> {
  const native = await nativeKem();
  return { all: native === undefined ? [libraryKem] : [libraryKem, native], inUse: await kem() };
}
