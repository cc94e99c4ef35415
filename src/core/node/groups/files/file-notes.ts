// How a file of a group ended, as it stays on the disk.
import * as v from 'valibot';
import { errorKinds } from '../../../errors.ts';
import { decode, encode } from '../../../wire/cbor.ts';
import type { FileNote } from './known-file.ts';

const noteSchema = v.variant('state', [
  v.strictObject({ state: v.literal('complete'), elsewhere: v.optional(v.boolean()) }),
  v.strictObject({ state: v.literal('failed'), error: v.picklist(errorKinds) }),
]);

export const encodeNote = (note: FileNote): Uint8Array => encode(note);
/** @throws KithError 'frame-malformed' */
export const decodeNote = (bytes: Uint8Array): FileNote => decode(bytes, noteSchema);
