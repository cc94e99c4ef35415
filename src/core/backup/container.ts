// The encrypted part of a backup: chunks, each sealed under its place, so that one that is changed, moved, left out, repeated or cut
// off is found. STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM, as units of files are (transfer/unit.ts).
//   chunk = length of what is sealed, and 80 00 00 00 added to it in the last one (4 bytes) || AES-256-GCM
//   nonce = 00 × 7 || index (4) || 01 in the last one, else 00
//   AAD   = "kith backup chunk v1" || the whole header || the four bytes of length
// Nonces are counted, and safe: every backup has a salt, and so a key, of its own.
import { type Bytes, concat } from '../bytes/bytes.ts';
import { readUint32be, uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { AEAD_TAG_BYTES, open, seal } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { KeyDeriver } from '../ports/key-deriver.ts';
import type { Random } from '../ports/random.ts';
import { HEADER_BYTES, keyOfHeader, newHeader, readHeader } from './header.ts';
import { type BackupItem, encodeItem, itemsOf, MAX_ITEM_BYTES } from './items.ts';

/** A chunk is full when the next item would not fit, bytes: few enough to hold, enough that sealing costs little. */
const CHUNK_BYTES = 1_048_576;
/** No chunk is longer: an item has one for itself when it is larger than a chunk. */
const MAX_CHUNK_BYTES = MAX_ITEM_BYTES + 4096 + AEAD_TAG_BYTES;
const LAST = 0x8000_0000;
const LABEL = utf8('kith backup chunk v1');
const LENGTH_BYTES = 4;

interface Place {
  readonly nonce: Bytes;
  readonly aad: Bytes;
}

function placeOf(header: Bytes, index: number, length: Bytes, last: boolean): Place {
  const flag = Uint8Array.of(last ? 1 : 0);
  return { nonce: concat(new Uint8Array(7), uint32be(index), flag), aad: concat(LABEL, header, length) };
}

/** The pieces of a backup, one after another. `items` is read as far as the next piece needs it. */
export async function* sealBackup(
  derive: KeyDeriver,
  random: Random,
  passphrase: string,
  items: AsyncIterable<BackupItem>,
): AsyncGenerator<Bytes> {
  const { header, key } = await newHeader(derive, random, passphrase);
  yield header;
  let index = 0;
  const sealed = async (parts: readonly Bytes[], last: boolean): Promise<Bytes> => {
    const plain = concat(...parts);
    const length = uint32be(plain.length + AEAD_TAG_BYTES + (last ? LAST : 0));
    const { nonce, aad } = placeOf(header, index++, length, last);
    return concat(length, await seal(key, nonce, plain, aad));
  };
  let waiting: Bytes[] = [];
  let bytes = 0;
  for await (const item of items) {
    const encoded = encodeItem(item);
    if (bytes > 0 && bytes + encoded.length > CHUNK_BYTES) {
      yield await sealed(waiting, false);
      waiting = [];
      bytes = 0;
    }
    waiting.push(encoded);
    bytes += encoded.length;
  }
  yield await sealed(waiting, true);
}

/**
 * A backup that the passphrase opens. Its items may be read more than once; nothing of them is believed before its chunk is proven.
 * @throws KithError 'backup-foreign' | 'backup-newer' | 'backup-truncated' | 'backup-damaged' | 'backup-passphrase' | 'file-unreadable'
 */
export async function openBackup(
  derive: KeyDeriver,
  file: Blob,
  passphrase: string,
): Promise<{ items(): AsyncGenerator<BackupItem> }> {
  const header = await readHeader(await read(file, 0, HEADER_BYTES));
  const key = await keyOfHeader(derive, header, passphrase);
  return { items: () => itemsIn(file, header.bytes, key) };
}

async function* itemsIn(file: Blob, header: Bytes, key: CryptoKey): AsyncGenerator<BackupItem> {
  let at = HEADER_BYTES;
  for (let index = 0; ; index++) {
    const prefix = await read(file, at, LENGTH_BYTES);
    if (prefix.length < LENGTH_BYTES) throw new KithError('backup-truncated');
    const value = readUint32be(prefix);
    const last = value >= LAST;
    const length = last ? value - LAST : value;
    if (length < AEAD_TAG_BYTES || length > MAX_CHUNK_BYTES) throw new KithError('backup-damaged');
    const bytes = await read(file, at + LENGTH_BYTES, length);
    if (bytes.length < length) throw new KithError('backup-truncated');
    at += LENGTH_BYTES + length;
    const { nonce, aad } = placeOf(header, index, prefix, last);
    const chunk = await open(key, nonce, bytes, aad).catch((cause: unknown) => {
      throw new KithError('backup-damaged', {}, { cause });
    });
    if (last && at !== file.size) throw new KithError('backup-damaged');
    yield* itemsOf(chunk);
    if (last) return;
  }
}

async function read(file: Blob, at: number, length: number): Promise<Bytes> {
  try {
    return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
  } catch (cause) {
    throw new KithError('file-unreadable', {}, { cause });
  }
}
