// What two contacts say to each other about a file inside a session, after its offer (chat-messages.ts). TRANSFER.md says when.
import * as v from 'valibot';
import { bytesOf, bytesUpTo, count } from './cbor.ts';
import { MAX_FILE_BYTES, UNIT_BYTES, UNITS_PER_FRAME } from './limits.ts';

/** Units of the largest file anybody may offer. */
export const MAX_UNITS = MAX_FILE_BYTES / UNIT_BYTES;
const UNIT_TAG_BYTES = 16;

const fileId = bytesOf(16);
export const unitIndex = count(MAX_UNITS - 1);
/** One bit for each unit, least significant first. */
export const bitmap = bytesUpTo(Math.ceil(MAX_UNITS / 8));

/** Sealed units in a row. */
export const sealedRow = bytesUpTo(UNITS_PER_FRAME * (UNIT_BYTES + UNIT_TAG_BYTES));

/** The units I hold. Receiver: send me the others. Sender: I have it to send; where do you stand? */
export const haveSchema = v.strictObject({ type: v.literal('have'), fileId, bitmap });

/** Sealed units in a row, `first` and those behind it, one after another. */
export const unitsSchema = v.strictObject({
  type: v.literal('units'),
  fileId,
  first: unitIndex,
  sealed: sealedRow,
});

/** Every unit stored so far: repeating or losing one of these does no harm. */
export const ackUnitsSchema = v.strictObject({ type: v.literal('ack-units'), fileId, bitmap });

/** This unit did not open: send it again. */
export const nackSchema = v.strictObject({ type: v.literal('nack'), fileId, index: unitIndex });

/** The whole file is on my disk and its hash is right. */
export const doneSchema = v.strictObject({ type: v.literal('done'), fileId });

export const stopReasons = ['cancelled', 'too-large', 'disk-full', 'hash-mismatch', 'corrupt', 'unknown'] as const;

export const stopSchema = v.strictObject({ type: v.literal('stop'), fileId, reason: v.picklist(stopReasons) });

export const transferMessageSchema = v.variant('type', [
  haveSchema,
  unitsSchema,
  ackUnitsSchema,
  nackSchema,
  doneSchema,
  stopSchema,
]);

export type StopReason = (typeof stopReasons)[number];
export type UnitsMessage = v.InferOutput<typeof unitsSchema>;
export type TransferMessage = v.InferOutput<typeof transferMessageSchema>;
