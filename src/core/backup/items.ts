// What a backup holds, in this order: `head`, records, sealed files, `end`. Several items share a chunk; none is cut in two.
import * as v from 'valibot';
import { type Bytes, concat } from '../bytes/bytes.ts';
import { readUint32be, uint32be } from '../bytes/integers.ts';
import { KithError, kindOf } from '../errors.ts';
import { bytesUpTo, count, decode, encode } from '../wire/cbor.ts';

/** Largest item, bytes: no record comes near it, and a row of units has less than 200 KB. */
export const MAX_ITEM_BYTES = 4_194_304;

const itemSchema = v.variant('is', [
  v.strictObject({ is: v.literal('head'), createdAt: count() }),
  v.strictObject({
    is: v.literal('record'),
    table: v.pipe(v.string(), v.maxLength(64)),
    key: v.pipe(v.string(), v.maxLength(1024)),
    value: bytesUpTo(MAX_ITEM_BYTES),
  }),
  /** A file as it was cut into units: `size` plain bytes. */
  v.strictObject({ is: v.literal('file'), id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)), size: count() }),
  /** Sealed units of the file named last, `first` and those right behind it, one after another. */
  v.strictObject({ is: v.literal('units'), first: count(), sealed: bytesUpTo(MAX_ITEM_BYTES) }),
  /** How many items stand before it. */
  v.strictObject({ is: v.literal('end'), items: count() }),
]);

export type BackupItem = v.InferOutput<typeof itemSchema>;

/** With its length in front. */
export function encodeItem(item: BackupItem): Bytes {
  const bytes = encode(item);
  return concat(uint32be(bytes.length), bytes);
}

/** The items of one chunk. @throws KithError 'backup-damaged' | 'backup-newer' (an item that this version does not know) */
export function* itemsOf(chunk: Bytes): Generator<BackupItem> {
  for (let at = 0; at < chunk.length; ) {
    if (at + 4 > chunk.length) throw new KithError('backup-damaged');
    const length = readUint32be(chunk.subarray(at, at + 4));
    const end = at + 4 + length;
    if (end > chunk.length) throw new KithError('backup-damaged');
    yield decodeItem(chunk.subarray(at + 4, end));
    at = end;
  }
}

/** Everything here was authenticated: what cannot be understood was written by another version. */
function decodeItem(bytes: Uint8Array): BackupItem {
  try {
    return decode(bytes, itemSchema, MAX_ITEM_BYTES + 2048);
  } catch (cause) {
    throw new KithError(kindOf(cause) === 'frame-malformed' ? 'backup-newer' : 'backup-damaged', {}, { cause });
  }
}
