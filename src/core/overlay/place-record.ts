// The record somebody leaves at a place: where they can be asked for, sealed for the other, always of one length
// (PLACES.md, "Records of a place").
import { type Bytes, concat } from '../bytes/bytes.ts';
import { bigIntFromBytes, uint64be } from '../bytes/integers.ts';
import { utf8 } from '../bytes/utf8.ts';
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, open, seal } from '../crypto/aead.ts';
import { KithError } from '../errors.ts';
import type { Random } from '../ports/random.ts';
import { ID_BYTES } from './address.ts';
import type { NodeRef } from './overlay-api.ts';

/** Every value, whatever it says, bytes. BEP44 takes less than 1,000. */
export const RECORD_BYTES = 256;
/** Neighbours named as introducers. */
export const MAX_VIA = 3;
const PLAIN_BYTES = RECORD_BYTES - AEAD_NONCE_BYTES - AEAD_TAG_BYTES;
const VERSION = 1;
const LABEL = utf8('kith record v1');
const kinds = ['gone', 'direct', 'relayed'] as const;

/** gone: nobody is there any more. relayed: the id is an alias, and no direct link is wanted. */
export type PlaceRecord =
  | { readonly kind: 'gone'; readonly at: number }
  | { readonly kind: 'direct' | 'relayed'; readonly at: number; readonly node: NodeRef };

/**
 * version (1) ‖ kind (1) ‖ time (8) ‖ id (20) ‖ number of introducers (1) ‖ introducers (20 each) ‖ zeros, sealed with
 * AES-256-GCM under `key`, a random nonce in front. `owner`: public key under which it is stored, 32 bytes.
 */
export async function sealRecord(
  key: CryptoKey,
  owner: Uint8Array,
  record: PlaceRecord,
  random: Random,
): Promise<Bytes> {
  const node = record.kind === 'gone' ? { id: new Uint8Array(ID_BYTES), via: [] } : record.node;
  const via = node.via.slice(0, MAX_VIA);
  const head = Uint8Array.of(VERSION, kinds.indexOf(record.kind));
  const text = concat(head, uint64be(BigInt(record.at)), node.id, Uint8Array.of(via.length), ...via);
  const plain = concat(text, new Uint8Array(PLAIN_BYTES - text.length));
  const nonce = random.bytes(AEAD_NONCE_BYTES);
  return concat(nonce, await seal(key, nonce, plain, concat(LABEL, owner)));
}

/** @throws KithError 'frame-authentication' | 'frame-version' | 'frame-malformed' */
export async function openRecord(key: CryptoKey, owner: Uint8Array, sealed: Uint8Array): Promise<PlaceRecord> {
  if (sealed.length !== RECORD_BYTES) throw new KithError('frame-malformed');
  const nonce = sealed.subarray(0, AEAD_NONCE_BYTES);
  const plain = await open(key, nonce, sealed.subarray(AEAD_NONCE_BYTES), concat(LABEL, owner));
  const [version, kindByte = kinds.length] = plain;
  const kind = kinds[kindByte];
  const count = plain[10 + ID_BYTES] ?? 0;
  if (version !== VERSION) throw new KithError('frame-version');
  if (kind === undefined || count > MAX_VIA) throw new KithError('frame-malformed');
  const at = Number(bigIntFromBytes(plain.subarray(2, 10)));
  if (kind === 'gone') return { kind, at };
  const idAt = (index: number) => plain.slice(11 + index * ID_BYTES, 11 + (index + 1) * ID_BYTES);
  const via = Array.from({ length: count }, (_, index) => idAt(index + 1));
  return { kind, at, node: { id: plain.slice(10, 10 + ID_BYTES), via } };
}
