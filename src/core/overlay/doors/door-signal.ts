// What nodes say to each other at a door: who is speaking (a node, nobody in particular) and an offer or answer. Open for all to
// read, as the topic is; the hello on the link proves the id.
import { concat } from '../../bytes/bytes.ts';
import { ByteReader } from '../../bytes/reader.ts';
import { ID_BYTES, isUsableId } from '../address.ts';
import { OVERLAY_VERSION } from '../limits.ts';

export interface DoorSignal {
  /** The speaker's, 20 bytes; not proven here. */
  readonly id: Uint8Array;
  readonly signal: Uint8Array;
}

export function encodeDoorSignal({ id, signal }: DoorSignal): Uint8Array {
  return concat(Uint8Array.of(OVERLAY_VERSION), id, signal);
}

/** undefined for what makes no sense or is of another version: doors are full of strangers. */
export function decodeDoorSignal(bytes: Uint8Array): DoorSignal | undefined {
  if (bytes.length <= 1 + ID_BYTES || bytes[0] !== OVERLAY_VERSION) return undefined;
  const reader = new ByteReader(bytes.subarray(1));
  const id = reader.take(ID_BYTES);
  return isUsableId(id) ? { id, signal: reader.rest() } : undefined;
}
