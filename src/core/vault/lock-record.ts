// The lock record: what a passphrase opens. It lies in a file of its own beside the sealed data (VAULT.md has the table).
//   "kithlock" || version (1) || kind (1) || sequence (4) || memory KiB (4) || passes (4) || lanes (4) || salt (16) || nonce (12)
//   || wrapped data key (32 and a tag of 16) || SHA-256 of all before (32)                                134 bytes, big-endian
// The sum tells a damaged record from a wrong passphrase. Everything before the wrapped key is authenticated with it.
import { concat, equalBytes } from '../bytes/bytes.ts';
import { uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, importAeadKey, open, seal } from '../crypto/aead.ts';
import { sha256 } from '../crypto/kdf.ts';
import { KithError } from '../errors.ts';
import type { Argon2Cost, KeyDeriver } from '../ports/key-deriver.ts';
import type { Random } from '../ports/random.ts';
import { prepared } from './passphrase.ts';

/** RFC 9106 §4, the second recommended option: 64 MiB, which phones have. */
export const LOCK_COST: Argon2Cost = { memory: 65_536, passes: 3, lanes: 4 };

const MAGIC = utf8('kithlock');
const VERSION = 1;
const SALT_BYTES = 16;
const DATA_KEY_BYTES = 32;
const SUM_BYTES = 32;
const WRAPPED_AT = MAGIC.length + 1 + 1 + 4 + 3 * 4 + SALT_BYTES + AEAD_NONCE_BYTES;
const SUM_AT = WRAPPED_AT + DATA_KEY_BYTES + AEAD_TAG_BYTES;

export const LOCK_RECORD_BYTES = SUM_AT + SUM_BYTES;

/** What a record may ask of this device: a changed one must not take all of its memory or a day. */
const MAX_COST: Argon2Cost = { memory: 1_048_576, passes: 64, lanes: 64 };

/** locked: the passphrase opens the data. removed: it was taken away, and the data key's file counts again. */
const kinds = ['locked', 'removed'] as const;

export interface LockRecord {
  readonly kind: (typeof kinds)[number];
  /** Of two records the higher counts. */
  readonly sequence: number;
  readonly cost: Argon2Cost;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly wrapped: Uint8Array<ArrayBuffer>;
  /** Authenticated with the wrapped key. */
  readonly head: Uint8Array<ArrayBuffer>;
}

const headOf = (kind: number, sequence: number, cost: Argon2Cost, salt: Uint8Array, nonce: Uint8Array) =>
  concat(
    MAGIC,
    Uint8Array.of(VERSION, kind),
    uint32be(sequence),
    uint32be(cost.memory),
    uint32be(cost.passes),
    uint32be(cost.lanes),
    salt,
    nonce,
  );

const withSum = async (bytes: Uint8Array<ArrayBuffer>) => concat(bytes, await sha256(bytes));

/**
 * undefined: it is not whole.
 * @throws KithError 'database-newer' for a whole record of another version
 */
export async function decodeLockRecord(bytes: Uint8Array): Promise<LockRecord | undefined> {
  if (bytes.length !== LOCK_RECORD_BYTES || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return undefined;
  const own = bytes.slice();
  if (!equalBytes(own.subarray(SUM_AT), await sha256(own.slice(0, SUM_AT)))) return undefined;
  if (own[MAGIC.length] !== VERSION) throw new KithError('database-newer');
  const view = new DataView(own.buffer, MAGIC.length + 1);
  const [kind, memory, passes, lanes] = [
    kinds[view.getUint8(0)],
    view.getUint32(5),
    view.getUint32(9),
    view.getUint32(13),
  ];
  const nonceAt = WRAPPED_AT - AEAD_NONCE_BYTES;
  if (kind === undefined) return undefined;
  return {
    kind,
    sequence: view.getUint32(1),
    cost: { memory, passes, lanes },
    salt: own.slice(nonceAt - SALT_BYTES, nonceAt),
    nonce: own.slice(nonceAt, WRAPPED_AT),
    wrapped: own.slice(WRAPPED_AT, SUM_AT),
    head: own.slice(0, WRAPPED_AT),
  };
}

export interface Wrapping {
  readonly derive: KeyDeriver;
  readonly random: Random;
  readonly cost?: Argon2Cost;
}

/** A new record under a fresh salt and nonce. `dataKey`: 32 bytes. `sequence`: above the record it replaces. */
export async function wrapDataKey(
  { derive, random, cost = LOCK_COST }: Wrapping,
  passphrase: string,
  dataKey: Uint8Array,
  sequence: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const [salt, nonce] = [random.bytes(SALT_BYTES), random.bytes(AEAD_NONCE_BYTES)];
  const head = headOf(kinds.indexOf('locked'), sequence, cost, salt, nonce);
  const key = await keyOf(derive, passphrase, salt, cost);
  return withSum(concat(head, await seal(key, nonce, dataKey, head)));
}

/** The 32 bytes of the data key. @throws KithError 'passphrase-empty' | 'passphrase-wrong' | 'lock-damaged' (it asks for more than any of ours) */
export async function unwrapDataKey(
  derive: KeyDeriver,
  passphrase: string,
  { cost, salt, nonce, wrapped, head }: LockRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  if (passphrase === '') throw new KithError('passphrase-empty');
  for (const part of ['memory', 'passes', 'lanes'] as const)
    if (cost[part] < 1 || cost[part] > MAX_COST[part]) throw new KithError('lock-damaged');
  const key = await keyOf(derive, passphrase, salt, cost);
  return open(key, nonce, wrapped, head).catch((cause: unknown) => {
    throw new KithError('passphrase-wrong', {}, { cause });
  });
}

/** Says that the passphrase was taken away. It holds no secret. */
export const removedRecord = (sequence: number): Promise<Uint8Array<ArrayBuffer>> =>
  withSum(
    concat(
      headOf(
        kinds.indexOf('removed'),
        sequence,
        { memory: 0, passes: 0, lanes: 0 },
        new Uint8Array(SALT_BYTES),
        new Uint8Array(AEAD_NONCE_BYTES),
      ),
      new Uint8Array(SUM_AT - WRAPPED_AT),
    ),
  );

async function keyOf(derive: KeyDeriver, passphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<CryptoKey> {
  const raw = await derive(prepared(passphrase), salt, cost);
  const key = await importAeadKey(raw);
  raw.fill(0);
  return key;
}
