// Files in groups: what the signed message says of one, and what two members say to each other about its units
// (core/group/FILES.md).
import * as v from 'valibot';
import { bytesOf, bytesUpTo, count, identifier } from './cbor.ts';
import { MAX_FILE_BYTES, MAX_FILE_NAME_LENGTH, MAX_THUMBNAIL_BYTES, UNIT_BYTES, UNITS_PER_FRAME } from './limits.ts';
import { bitmap, MAX_UNITS, sealedRow, unitIndex } from './transfer-messages.ts';

const HASH_BYTES = 32;
/** Files asked for at once. */
export const MAX_FILES_ASKED = 64;

const hash = bytesOf(HASH_BYTES);
const unitsOf = (size: number): number => Math.max(1, Math.ceil(size / UNIT_BYTES));

/** A file as its sender signs it. With the longest name, the largest thumbnail and 400 units about 47 KiB. */
export const groupFileSchema = v.pipe(
  v.strictObject({
    /** AES-256-GCM key of this file alone: every member holds it, so it proves nothing. */
    key: bytesOf(32),
    name: v.pipe(v.string(), v.maxLength(MAX_FILE_NAME_LENGTH * 2)),
    mediaType: identifier(127),
    /** Plain bytes. */
    size: count(MAX_FILE_BYTES),
    /** SHA-256 of the plain bytes. */
    sha256: hash,
    /** SHA-256 of every sealed unit, one after another. */
    hashes: bytesUpTo(MAX_UNITS * HASH_BYTES),
    thumbnail: v.optional(bytesUpTo(MAX_THUMBNAIL_BYTES)),
  }),
  v.check(({ size, hashes }) => hashes.length === unitsOf(size) * HASH_BYTES, 'not one hash for each unit'),
);

/** What do you hold of these, and tell me when it becomes more. */
export const groupFileAskSchema = v.strictObject({
  type: v.literal('group-file-ask'),
  group: hash,
  files: v.pipe(v.array(hash), v.minLength(1), v.maxLength(MAX_FILES_ASKED)),
});

/** The units I hold: one bit for each, least significant first. */
export const groupFileHaveSchema = v.strictObject({
  type: v.literal('group-file-have'),
  group: hash,
  file: hash,
  bitmap,
});

/** Give me `units` of them from `first` on. */
export const groupFileWantSchema = v.strictObject({
  type: v.literal('group-file-want'),
  group: hash,
  file: hash,
  first: unitIndex,
  units: v.pipe(count(UNITS_PER_FRAME), v.minValue(1)),
});

/** Sealed units in a row, `first` and those behind it. */
export const groupFileUnitsSchema = v.strictObject({
  type: v.literal('group-file-units'),
  group: hash,
  file: hash,
  first: unitIndex,
  sealed: sealedRow,
});

export const groupFileTalkSchema = v.variant('type', [
  groupFileAskSchema,
  groupFileHaveSchema,
  groupFileWantSchema,
  groupFileUnitsSchema,
]);

export type GroupFileOffer = v.InferOutput<typeof groupFileSchema>;
export type GroupFileTalk = v.InferOutput<typeof groupFileTalkSchema>;
export type GroupFileHave = v.InferOutput<typeof groupFileHaveSchema>;
export type GroupFileWant = v.InferOutput<typeof groupFileWantSchema>;
export type GroupFileUnits = v.InferOutput<typeof groupFileUnitsSchema>;
