// How records are sealed while there is a passphrase: under a key of their own, and with keys on the disk that tell nothing. A part of a
// key that stands for a person or a file (a fingerprint, a hash: 40 hexadecimal digits or more) is replaced by its HMAC; local random
// ids, positions and plain words stay, so that everything of one conversation still lies together and in order. The key itself lies
// sealed with the value:
//   plain = length of the key (2 bytes, big-endian) || key in UTF-8 || value
// Records with such a part sort by its HMAC. Nobody reads them in order (VAULT.md).
import { concat } from '../../core/bytes/bytes.ts';
import { toHex } from '../../core/bytes/hex.ts';
import { readUint16be, uint16be } from '../../core/bytes/integers.ts';
import { fromUtf8, utf8 } from '../../core/bytes/utf8.ts';
import { KithError } from '../../core/errors.ts';
import { importDataKey, openRecord, type RecordCodec, sealRecord } from './record-seal.ts';

const TELLING = /^[0-9a-f]{40,}$/;

/** `dataKey`: 32 bytes; not kept. */
export async function lockedCodec(dataKey: Uint8Array<ArrayBuffer>): Promise<RecordCodec> {
  const source = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const derived = (info: string) => ({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(info) });
  const [records, names] = await Promise.all([
    crypto.subtle.deriveBits(derived('kith vault records v1'), source, 256),
    crypto.subtle.deriveKey(
      derived('kith vault names v1'),
      source,
      { name: 'HMAC', hash: 'SHA-256', length: 256 },
      false,
      ['sign'],
    ),
  ]);
  const recordKey = await importDataKey(new Uint8Array(records));
  const hidden = async (part: string) =>
    TELLING.test(part) ? toHex(new Uint8Array(await crypto.subtle.sign('HMAC', names, utf8(part)))) : part;
  const keyOf = async (key: string) => (await Promise.all(key.split('/').map(hidden))).join('/');
  return {
    keyOf,
    async seal(table, key, value) {
      const name = utf8(key);
      const plain = concat(uint16be(name.length), name, value);
      return sealRecord(recordKey, table, await keyOf(key), plain);
    },
    async open(table, place, stored) {
      const plain = await openRecord(recordKey, table, place, stored);
      const end = 2 + readUint16be(plain);
      if (end > plain.length) throw new KithError('record-damaged');
      return { key: fromUtf8(plain.subarray(2, end)), value: plain.slice(end) };
    },
  };
}
