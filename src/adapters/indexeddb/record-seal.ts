// Seals one record: AES-256-GCM (NIST SP 800-38D) under the data key, a random 96-bit nonce for each write, and the place of
// the record as additional data, so that no record can be moved to another table or key.
//   stored = format version (1 byte) || nonce (12) || ciphertext and tag
// Random nonces are safe for 2^32 writes under one key (SP 800-38D §8.3); a person's messages stay far below.
import { KithError } from '../../core/errors.ts';
import type { StoredRecord, Table } from '../../core/ports/store.ts';

export const DATA_KEY_BYTES = 32;
const FORMAT_VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How records are sealed, and under which keys they lie on the disk. */
export interface RecordCodec {
  /** Of a key, or of a part of one that ends with a '/'. */
  keyOf(key: string): string | Promise<string>;
  /** Copies `value` before it returns. */
  seal(table: Table, key: string, value: Uint8Array): Promise<Uint8Array>;
  /** `place`: its key on the disk. @throws KithError 'record-damaged' */
  open(table: Table, place: string, stored: unknown): Promise<StoredRecord>;
}

/** Keys as they are: they hold nothing that a passphrase should hide. */
export const plainCodec = (dataKey: CryptoKey): RecordCodec => ({
  keyOf: (key) => key,
  seal: (table, key, value) => sealRecord(dataKey, table, key, value),
  open: async (table, key, stored) => ({ key, value: await openRecord(dataKey, table, key, stored) }),
});

const utf8 = new TextEncoder();

/** "kith record v1" 00 table 00 key: neither label nor table holds a zero byte, so the parts cannot be shifted. */
function placeOf(table: Table, key: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(`kith record v${FORMAT_VERSION}\0${table}\0${key}`);
}

/** `raw`: 32 bytes. The key can not be exported again. */
export function importDataKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Copies `value` before it returns: the caller may change it at once. */
export async function sealRecord(
  dataKey: CryptoKey,
  table: Table,
  key: string,
  value: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: placeOf(table, key) };
  const sealed = await crypto.subtle.encrypt(algorithm, dataKey, value as Uint8Array<ArrayBuffer>);
  const stored = new Uint8Array(1 + NONCE_BYTES + sealed.byteLength);
  stored[0] = FORMAT_VERSION;
  stored.set(nonce, 1);
  stored.set(new Uint8Array(sealed), 1 + NONCE_BYTES);
  return stored;
}

/** @throws KithError 'record-damaged' for whatever this data key did not seal for this place. */
export async function openRecord(
  dataKey: CryptoKey,
  table: Table,
  key: string,
  stored: unknown,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(stored instanceof Uint8Array) || stored.length < 1 + NONCE_BYTES + TAG_BYTES || stored[0] !== FORMAT_VERSION)
    throw new KithError('record-damaged');
  const bytes = stored as Uint8Array<ArrayBuffer>;
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: placeOf(table, key) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, dataKey, bytes.subarray(1 + NONCE_BYTES)));
  } catch (cause) {
    throw new KithError('record-damaged', {}, { cause });
  }
}
