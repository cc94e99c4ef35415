// What a file of a group is called, and what its units are compared with (FILES.md).
import { concat, equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { HASH_BYTES, sha256 } from '../../crypto/kdf.ts';
import { encode } from '../../wire/cbor.ts';
import type { GroupFileOffer } from '../../wire/group-files.ts';

const PURPOSE = utf8('kith group file v1');

/** SHA-256 over everything that decides what the sealed units are, 64 hexadecimal digits: nobody can give two files one name. */
export type FileName = string;

export async function fileNameOf({ key, size, sha256: digest, hashes }: GroupFileOffer): Promise<FileName> {
  return toHex(await sha256(concat(PURPOSE, encode({ key, size, sha256: digest, hashes }))));
}

/** Whether this is the unit that the sender of the file signed. */
export async function isSigned(offer: GroupFileOffer, index: number, sealed: Uint8Array): Promise<boolean> {
  const signed = offer.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  return equalBytes(await sha256(sealed), signed);
}
