// The header of a source-routed packet (OVERLAY.md, "Packets"):
//   type (1) ‖ extra (1) ‖ count (1) ‖ position (1) ‖ number (4) ‖ count × address (6) ‖ payload
// `extra` is the service of a packet, or in a "no route" the place on the path where it ended. The path goes from the first
// sender to the last receiver; `position` is the place of whoever is to read the frame.
import { KithError } from '../errors.ts';
import { ADDRESS_BYTES, type Address, readAddress, writeAddress } from './address.ts';
import { MAX_PACKET_BYTES, MAX_PATH_LINKS } from './limits.ts';

const EXTRA_AT = 1;
const COUNT_AT = 2;
const POSITION_AT = 3;
const NUMBER_AT = 4;
const PATH_AT = 8;

export interface PacketHead {
  readonly extra: number;
  readonly count: number;
  readonly position: number;
}

export function makePacket(
  type: number,
  extra: number,
  number: number,
  path: readonly Address[],
  position: number,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(PATH_AT + path.length * ADDRESS_BYTES + payload.length);
  frame[0] = type;
  frame[EXTRA_AT] = extra;
  frame[COUNT_AT] = path.length;
  frame[POSITION_AT] = position;
  new DataView(frame.buffer).setUint32(NUMBER_AT, number);
  let at = PATH_AT;
  for (const address of path) {
    writeAddress(address, frame, at);
    at += ADDRESS_BYTES;
  }
  frame.set(payload, PATH_AT + path.length * ADDRESS_BYTES);
  return frame;
}

/** @throws KithError 'frame-malformed' for a path of another length, one that passes a node twice, or too much payload. */
export function readPacketHead(frame: Uint8Array): PacketHead {
  const extra = frame[EXTRA_AT] ?? 0;
  const count = frame[COUNT_AT] ?? 0;
  const position = frame[POSITION_AT] ?? 0;
  const payloadAt = PATH_AT + count * ADDRESS_BYTES;
  const fits = frame.length >= payloadAt && frame.length - payloadAt <= MAX_PACKET_BYTES;
  if (count < 2 || count > MAX_PATH_LINKS + 1 || position >= count || !fits) throw new KithError('frame-malformed');
  for (let a = 1; a < count; a += 1) {
    for (let b = 0; b < a; b += 1) if (sameAddress(frame, a, b)) throw new KithError('frame-malformed');
  }
  return { extra, count, position };
}

/** The address at a place on the path. */
export function addressAt(frame: Uint8Array, place: number): Address {
  return readAddress(frame, PATH_AT + place * ADDRESS_BYTES);
}

export function pathOf(frame: Uint8Array, { count }: PacketHead): Address[] {
  const path: Address[] = [];
  for (let place = 0; place < count; place += 1) path.push(addressAt(frame, place));
  return path;
}

export function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(NUMBER_AT);
}

export function payloadOf(frame: Uint8Array, { count }: PacketHead): Uint8Array {
  return frame.subarray(PATH_AT + count * ADDRESS_BYTES);
}

/** The same frame for the node at `position`: written in place, a relay has no other use for it. */
export function readdressed(frame: Uint8Array, position: number): Uint8Array {
  frame[POSITION_AT] = position;
  return frame;
}

function sameAddress(frame: Uint8Array, a: number, b: number): boolean {
  const [one, other] = [PATH_AT + a * ADDRESS_BYTES, PATH_AT + b * ADDRESS_BYTES];
  for (let index = 0; index < ADDRESS_BYTES; index += 1) {
    if (frame[one + index] !== frame[other + index]) return false;
  }
  return true;
}
