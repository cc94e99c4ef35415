// What is remembered of a file in the table 'files', under its id in hex. Names and types are chat's and stand in its message.
import * as v from 'valibot';
import { type ErrorKind, errorKinds } from '../errors.ts';
import { bytesOf, bytesUpTo, count, decode, encode } from '../wire/cbor.ts';
import { MAX_FILE_BYTES, UNIT_BYTES } from '../wire/limits.ts';

const BITMAP_BYTES = Math.ceil(MAX_FILE_BYTES / UNIT_BYTES / 8);

const fileRecordSchema = v.strictObject({
  version: v.literal(1),
  contactId: v.string(),
  direction: v.picklist(['in', 'out']),
  state: v.picklist(['waiting', 'complete', 'failed']),
  error: v.optional(v.picklist(errorKinds)),
  /** Failed, because the other side ended it. */
  byThem: v.optional(v.literal(true)),
  /** Place among the files of all contacts: lower ones move first. */
  order: count(),
  key: bytesOf(32),
  size: count(),
  units: v.pipe(count(), v.minValue(1)),
  sha256: bytesOf(32),
  /** Out only, for the progress shown before the other side is back: what it had acknowledged, roughly. */
  acked: v.optional(bytesUpTo(BITMAP_BYTES)),
  /** Out only: tried once more, and nobody has asked for it since. */
  again: v.optional(v.literal(true)),
});

export type FileRecord = Readonly<v.InferOutput<typeof fileRecordSchema>>;
export type FileDirection = FileRecord['direction'];

export const encodeRecord = (record: FileRecord): Uint8Array => encode(record);

/** @throws KithError 'frame-malformed' */
export const decodeRecord = (bytes: Uint8Array): FileRecord => decode(bytes, fileRecordSchema);

export function failedRecord(record: FileRecord, error: ErrorKind, byThem: boolean): FileRecord {
  const { acked: _, ...rest } = record;
  return { ...rest, state: 'failed', error, ...(byThem ? { byThem } : {}) };
}

/** Starts again. */
export function waitingAgain(record: FileRecord): FileRecord {
  const { error: _error, byThem: _byThem, ...rest } = record;
  return { ...rest, state: 'waiting', again: true };
}

export function wantedRecord(record: FileRecord): FileRecord {
  const { again: _, ...rest } = record;
  return rest;
}

export function completeRecord(record: FileRecord): FileRecord {
  const { error: _error, byThem: _byThem, acked: _acked, ...rest } = record;
  return { ...rest, state: 'complete' };
}
