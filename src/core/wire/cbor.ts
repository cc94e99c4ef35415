// Deterministic CBOR (RFC 8949 §4.2) through cborg, in one place: a byte cap, a look at the structure, strict decoding,
// then a schema. Nothing decoded is used before a schema has rebuilt it, so no key of a stranger's map reaches our objects.
import * as cborg from 'cborg';
import * as v from 'valibot';
import { concat, unshared } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import { checkStructure } from './cbor-structure.ts';
import { MAX_FRAME_BYTES } from './limits.ts';

const strictOptions: cborg.DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  tags: {},
};

/** CBOR of plain values (numbers, strings, Uint8Arrays, booleans, null, arrays, objects). Absent fields must be left out. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = cborg.encode(value, { ignoreUndefinedProperties: true });
  return isWhole(bytes) ? bytes : new Uint8Array(bytes);
}

/** The same, at the beginning of `space`. Tells how many bytes it takes. @throws KithError 'frame-too-large' when there is no room. */
export function encodeInto(value: unknown, space: Uint8Array): number {
  try {
    return cborg.encodeInto(value, space, { ignoreUndefinedProperties: true }).written;
  } catch (cause) {
    if (encode(value).length <= space.length) throw cause;
    throw new KithError('frame-too-large', { limit: space.length }, { cause });
  }
}

/** An array of what is encoded already: its head has the argument of a number, under another major type (RFC 8949, section 3.1). */
export function encodeArray(items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const head = encode(items.length);
  head[0] = (head[0] as number) | 0x80;
  return concat(head, ...items);
}

/** cborg may answer with a view into a larger buffer; what is large it has just put together (a unit of a file is not copied). */
function isWhole(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return Object.getPrototypeOf(bytes) === Uint8Array.prototype && bytes.length === bytes.buffer.byteLength;
}

/** Byte strings of at least so many bytes, a unit of a file, are handed over where they lie. */
const LENT_BYTES = 65_536;

/** cborg copies byte strings by `slice`, which costs more than everything else about a unit of a file. */
class Lending extends Uint8Array<ArrayBuffer> {
  override slice(start = 0, end = this.length): Uint8Array<ArrayBuffer> {
    const view = new Uint8Array(this.buffer, this.byteOffset + start, end - start);
    return view.length < LENT_BYTES ? view.slice() : view;
  }
}

function lending(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = unshared(bytes);
  return new Lending(buffer, byteOffset, length);
}

/**
 * What is large in the result is a view of `bytes`.
 * @throws KithError 'frame-too-large' | 'frame-malformed' (the cause says which rule was broken)
 */
export function decode<S extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: S,
  maxBytes: number = MAX_FRAME_BYTES,
): v.InferOutput<S> {
  if (bytes.length > maxBytes) throw new KithError('frame-too-large', { limit: maxBytes });
  checkStructure(bytes);
  let value: unknown;
  try {
    value = cborg.decode(bytes.length < LENT_BYTES ? bytes : lending(bytes), strictOptions);
  } catch (cause) {
    throw new KithError('frame-malformed', {}, { cause });
  }
  const result = v.safeParse(schema, value);
  if (!result.success) throw new KithError('frame-malformed', {}, { cause: result.issues[0]?.message });
  return result.output;
}

const byteString = v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not a byte string');

/** A byte string of exactly `length` bytes. */
export const bytesOf = (length: number) =>
  v.pipe(
    byteString,
    v.check((bytes) => bytes.length === length, `not ${length} bytes`),
  );

/** A byte string of at most `max` bytes. */
export const bytesUpTo = (max: number) =>
  v.pipe(
    byteString,
    v.check((bytes) => bytes.length <= max, `more than ${max} bytes`),
  );

/** A non-negative safe integer, at most `max`. */
export const count = (max: number = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(max));

/** Text of at most `max` UTF-16 units, without the replacement character that stands for broken UTF-8. */
export const identifier = (max: number) =>
  v.pipe(
    v.string(),
    v.maxLength(max),
    v.check((text) => !text.includes('\uFFFD'), 'broken UTF-8'),
  );
