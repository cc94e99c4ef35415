// The beginning of a backup, in the clear (BACKUP.md, "The file"): what it is, how its key is made, and whether a passphrase is the one.
//   "kithbackup" (10) || version (2) || Argon2id memory, KiB (4) || passes (4) || lanes (1) || salt (32) || check (16) || sum (8)
import { type Bytes, concat, equalBytes } from '../bytes/bytes.ts';
import { uint16be, uint32be } from '../bytes/integers.ts';
import { ByteReader } from '../bytes/reader.ts';
import { utf8 } from '../bytes/utf8.ts';
import { importAeadKey } from '../crypto/aead.ts';
import { hkdf, sha256 } from '../crypto/kdf.ts';
import { KithError } from '../errors.ts';
import type { Argon2Cost, KeyDeriver } from '../ports/key-deriver.ts';
import type { Random } from '../ports/random.ts';

export const BACKUP_VERSION = 1;
const MAGIC = utf8('kithbackup');
const SALT_BYTES = 32;
const CHECK_BYTES = 16;
const SUM_BYTES = 8;
export const HEADER_BYTES = MAGIC.length + 2 + 4 + 4 + 1 + SALT_BYTES + CHECK_BYTES + SUM_BYTES;

const KEY_INFO = utf8('kith backup key v1');
const CHECK_INFO = utf8('kith backup check v1');

/** As for the number: half a second on a laptop, and a phone has the memory. */
const ARGON2: Argon2Cost = { memory: 65_536, passes: 3, lanes: 1 };
/** What somebody else's header may ask of this device: 256 MiB and a few seconds. Below the least nothing of ours was ever made. */
const BOUNDS = { memory: [8_192, 262_144], passes: [1, 10], lanes: [1, 4] } as const;

export interface Header {
  readonly bytes: Bytes;
  readonly argon2: Argon2Cost;
  readonly salt: Bytes;
  readonly check: Bytes;
}

export interface BackupKey {
  readonly key: CryptoKey;
  readonly check: Bytes;
}

/** The same words are the same passphrase, however the keyboard composes them (Unicode NFKC). */
export const passphraseBytes = (passphrase: string): Bytes => Uint8Array.from(utf8(passphrase.normalize('NFKC')));

async function keyOf(derive: KeyDeriver, passphrase: string, salt: Bytes, argon2: Argon2Cost): Promise<BackupKey> {
  const stretched = await derive(passphraseBytes(passphrase), salt, argon2);
  const [raw, check] = await Promise.all([
    hkdf(stretched, salt, KEY_INFO, 32),
    hkdf(stretched, salt, CHECK_INFO, CHECK_BYTES),
  ]);
  return { key: await importAeadKey(raw), check };
}

/** A header with a fresh salt, and so a key that no other backup has. */
export async function newHeader(
  derive: KeyDeriver,
  random: Random,
  passphrase: string,
  argon2: Argon2Cost = ARGON2,
): Promise<{ readonly header: Bytes; readonly key: CryptoKey }> {
  const salt = random.bytes(SALT_BYTES);
  const { key, check } = await keyOf(derive, passphrase, salt, argon2);
  const { memory, passes, lanes } = argon2;
  const cost = concat(uint32be(memory), uint32be(passes), Uint8Array.of(lanes));
  const fields = concat(MAGIC, uint16be(BACKUP_VERSION), cost, salt, check);
  return { header: concat(fields, (await sha256(fields)).subarray(0, SUM_BYTES)), key };
}

/**
 * Reads the first HEADER_BYTES of a file.
 * @throws KithError 'backup-foreign' (no backup) | 'backup-newer' | 'backup-truncated' | 'backup-damaged', also for a cost out of bounds
 */
export async function readHeader(bytes: Bytes): Promise<Header> {
  const known = bytes.subarray(0, MAGIC.length);
  if (!equalBytes(known, MAGIC)) throw new KithError('backup-foreign');
  if (bytes.length < MAGIC.length + 2) throw new KithError('backup-truncated');
  const reader = new ByteReader(bytes.subarray(MAGIC.length));
  if (reader.uint16() > BACKUP_VERSION) throw new KithError('backup-newer');
  if (bytes.length < HEADER_BYTES) throw new KithError('backup-truncated');
  const argon2 = { memory: reader.uint32(), passes: reader.uint32(), lanes: reader.uint8() };
  const [salt, check, sum] = [reader.take(SALT_BYTES), reader.take(CHECK_BYTES), reader.take(SUM_BYTES)];
  const expected = (await sha256(bytes.subarray(0, HEADER_BYTES - SUM_BYTES))).subarray(0, SUM_BYTES);
  if (!equalBytes(sum, expected) || !isBearable(argon2)) throw new KithError('backup-damaged');
  return { bytes: bytes.slice(0, HEADER_BYTES), argon2, salt, check };
}

const isBearable = (argon2: Argon2Cost): boolean =>
  (['memory', 'passes', 'lanes'] as const).every((name) => {
    const [least, most] = BOUNDS[name];
    return argon2[name] >= least && argon2[name] <= most;
  });

/** @throws KithError 'backup-passphrase' when it is not the one */
export async function keyOfHeader(derive: KeyDeriver, header: Header, passphrase: string): Promise<CryptoKey> {
  const { key, check } = await keyOf(derive, passphrase, header.salt, header.argon2);
  if (!equalBytes(check, header.check)) throw new KithError('backup-passphrase');
  return key;
}
