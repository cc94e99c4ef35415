// One sealed unit of a file. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption
// and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015, §7): nonce = prefix || counter || last-block flag, here over AES-256-GCM.
//   nonce = 00 × 7 || index (4 bytes, big-endian) || 01 for the last unit, else 00
//   AAD   = "kith unit v1" || index (4) || number of units (4) || final flag (1)
// The prefix is constant because every file has a random key of its own and every unit is sealed exactly once under it.
// Units cannot be swapped, left out at the end, appended or taken for those of a file of another length.
import { concat } from '../bytes/bytes.ts';
import { uint32be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { open, seal } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { FileLayout } from '../ports/blob-store.ts';
import { isUnit, sealedLength } from './layout.ts';

const LABEL = utf8('kith unit v1');
const NONCE_PREFIX = new Uint8Array(7);

interface UnitPlace {
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

function placeOf({ units }: FileLayout, index: number): UnitPlace {
  const final = Uint8Array.of(index === units - 1 ? 1 : 0);
  const number = uint32be(index);
  return { nonce: concat(NONCE_PREFIX, number, final), aad: concat(LABEL, number, uint32be(units), final) };
}

/** `key`: from importAeadKey(32 random bytes of this file alone). Returns plain length + 16 bytes. Call it once for each unit. */
export function sealUnit(
  key: CryptoKey,
  layout: FileLayout,
  index: number,
  plain: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { nonce, aad } = placeOf(layout, index);
  return seal(key, nonce, plain, aad);
}

/** The plain bytes. @throws KithError 'file-corrupt-unit' for anything but this unit of this file. */
export async function openUnit(
  key: CryptoKey,
  layout: FileLayout,
  index: number,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isUnit(layout, index) || sealed.length !== sealedLength(layout, index)) throw new KithError('file-corrupt-unit');
  const { nonce, aad } = placeOf(layout, index);
  try {
    return await open(key, nonce, sealed, aad);
  } catch (cause) {
    throw new KithError('file-corrupt-unit', {}, { cause });
  }
}
