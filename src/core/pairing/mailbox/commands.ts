// What a central writes to a mailbox and reads from it (MAILBOX.md, "Commands"): encoder and decoder of both sides.
import { type Bytes, concat } from '../../bytes/bytes.ts';
import { uint16be } from '../../bytes/integers.ts';
import { ByteReader } from '../../bytes/reader.ts';
import { KithError } from '../../errors.ts';

export const SLOTS = 5;
/** Bytes that a slot holds at most. */
export const SLOT_BYTES = 512;
/** Bytes of a slot in one PUT: what 20 leave beside operation, slot and offset. */
export const PUT_BYTES = 16;
/** Bytes of a slot in one reply, for the same reason. */
export const REPLY_BYTES = 15;
/** A mailbox forgets everything so long after the last PUT or COMMIT, milliseconds. */
export const MEMORY_MS = 120_000;
/** The ATT error that answers what is malformed (Bluetooth Core, Vol 3, Part F, 3.4.1.1: 0x80–0x9F are the application's). */
export const ATT_MALFORMED = 0x80;

const operations = { put: 1, commit: 2, select: 3, clear: 4 } as const;

/** `slot`: 1 … 5. `offset`, `length`: bytes. */
export type Command =
  | { readonly do: 'put'; readonly slot: number; readonly offset: number; readonly data: Uint8Array }
  | { readonly do: 'commit'; readonly slot: number; readonly length: number }
  | { readonly do: 'select'; readonly slot: number; readonly offset: number }
  | { readonly do: 'clear' };

export interface Reply {
  /** The selection echoed; 0 when nothing is selected. */
  readonly slot: number;
  readonly offset: number;
  /** Bytes committed in the slot, 0 while it is empty. */
  readonly length: number;
  /** From `offset` on, at most 15 bytes. */
  readonly data: Uint8Array;
}

export function encodeCommand(command: Command): Bytes {
  if (command.do === 'clear') return Uint8Array.of(operations.clear);
  const head = Uint8Array.of(operations[command.do], command.slot);
  if (command.do === 'put') return concat(head, uint16be(command.offset), command.data);
  return concat(head, uint16be(command.do === 'commit' ? command.length : command.offset));
}

/** @throws KithError 'frame-malformed' for anything a mailbox answers with ATT error 0x80 whatever its slots hold */
export function decodeCommand(bytes: Uint8Array): Command {
  const reader = new ByteReader(bytes);
  const operation = reader.uint8();
  if (operation === operations.clear) {
    reader.end();
    return { do: 'clear' };
  }
  const slot = within(reader.uint8(), 1, SLOTS);
  const number = reader.uint16();
  const data = reader.rest();
  if (operation === operations.put) {
    within(data.length, 1, PUT_BYTES);
    within(number + data.length, 1, SLOT_BYTES);
    return { do: 'put', slot, offset: number, data };
  }
  within(data.length, 0, 0);
  if (operation === operations.commit) return { do: 'commit', slot, length: within(number, 1, SLOT_BYTES) };
  if (operation === operations.select) return { do: 'select', slot, offset: within(number, 0, SLOT_BYTES) };
  throw new KithError('frame-malformed');
}

export const encodeReply = ({ slot, offset, length, data }: Reply): Bytes =>
  concat(Uint8Array.of(slot), uint16be(offset), uint16be(length), data);

/** @throws KithError 'frame-malformed' */
export function decodeReply(bytes: Uint8Array): Reply {
  const reader = new ByteReader(bytes);
  const [slot, offset] = [within(reader.uint8(), 0, SLOTS), within(reader.uint16(), 0, SLOT_BYTES)];
  const length = within(reader.uint16(), 0, SLOT_BYTES);
  const data = reader.rest();
  within(data.length, 0, REPLY_BYTES);
  return { slot, offset, length, data };
}

function within(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new KithError('frame-malformed');
  return value;
}
