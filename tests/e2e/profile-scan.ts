// Every byte that a browser has left in its profile, searched for texts and keys in all the shapes in which they may lie there. Tables
// of LevelDB (IndexedDB, session storage, …) are also searched as they are behind Snappy's compression.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { disguises } from './canary.ts';

/** A text, a key, or words that lie one after another. */
export type Needle = readonly [name: string, value: string | Uint8Array | readonly string[]];

/** Characters between two words of one value, at most: a tag and a length (structured clone), a length (CBOR), quotes and a comma (JSON). */
const MAX_BETWEEN = 4;

/** What keys look like in bytes: as they are, in hexadecimal, in base64 at each of its three offsets. */
function keyForms(key: Uint8Array): [string, Buffer][] {
  const raw = Buffer.from(key);
  const forms: [string, Buffer][] = [
    ['bytes', raw],
    ['hexadecimal', Buffer.from(raw.toString('hex'))],
    ['hexadecimal, capitals', Buffer.from(raw.toString('hex').toUpperCase())],
    ['numbers', Buffer.from([...key].join(','))],
  ];
  for (const offset of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(offset), raw]).toString('base64');
    const whole = coded.slice(offset === 0 ? 0 : offset + 1, -4);
    forms.push([`base64 at ${offset}`, Buffer.from(whole)]);
    forms.push([`base64url at ${offset}`, Buffer.from(whole.replaceAll('+', '-').replaceAll('/', '_'))]);
  }
  return forms;
}

/** How texts are kept, and the bytes of a character. */
const encodings: Readonly<Record<string, readonly [encode: (text: string) => Buffer, width: number]>> = {
  'UTF-8': [(text) => Buffer.from(text), 1],
  'UTF-16LE': [(text) => Buffer.from(text, 'utf16le'), 2],
  'UTF-16BE': [(text) => Buffer.from(text, 'utf16le').swap16(), 2],
  hexadecimal: [(text) => Buffer.from(Buffer.from(text).toString('hex')), 2],
};

interface Form {
  readonly label: string;
  readonly bytes: Buffer;
  /** What follows it, each after at most `between` bytes. */
  readonly words: readonly Buffer[];
  readonly between: number;
}

function formsOf([name, value]: Needle): Form[] {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const forms = typeof value === 'string' ? [...disguises(value)] : keyForms(value);
    return forms.map(([shape, bytes]) => ({ label: `${name} (${shape})`, bytes, words: [], between: 0 }));
  }
  return Object.entries(encodings).map(([shape, [encode, width]]) => {
    const [bytes = Buffer.alloc(0), ...words] = value.map(encode);
    return { label: `${name} (${shape})`, bytes, words, between: MAX_BETWEEN * width };
  });
}

function standsAt(content: Buffer, at: number, { bytes, words, between }: Form): boolean {
  let end = at + bytes.length;
  if (!bytes.equals(content.subarray(at, end))) return false;
  for (const word of words) {
    const gap = content.subarray(end, end + between + word.length).indexOf(word);
    if (gap < 0) return false;
    end += gap + word.length;
  }
  return true;
}

/** Finds many texts in one pass: only where three bytes begin one of them is anything compared. */
export class Finder {
  readonly #begins = new Uint8Array(2 ** 24);
  readonly #forms = new Map<number, Form[]>();

  constructor(needles: readonly Needle[]) {
    for (const form of needles.flatMap(formsOf)) {
      const begin = Finder.#at(form.bytes, 0);
      this.#begins[begin] = 1;
      this.#forms.set(begin, [...(this.#forms.get(begin) ?? []), form]);
    }
  }

  static #at(bytes: Uint8Array, at: number): number {
    return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  }

  seen(bytes: Buffer): string[] {
    const found = new Set<string>();
    for (let at = 0; at + 3 <= bytes.length; at++) {
      const begin = Finder.#at(bytes, at);
      if (this.#begins[begin] === 0) continue;
      for (const form of this.#forms.get(begin) ?? []) if (standsAt(bytes, at, form)) found.add(form.label);
    }
    return [...found];
  }
}

function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 35) throw new Error('no varint');
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** Snappy's block format (google/snappy, format_description.txt). */
export function unsnap(bytes: Buffer): Buffer {
  let [length, at] = varint(bytes, 0);
  const out = Buffer.alloc(length);
  let end = 0;
  const little = (count: number) => {
    const value = bytes.readUIntLE(at, count);
    at += count;
    return value;
  };
  while (at < bytes.length) {
    const tag = little(1);
    if ((tag & 3) === 0) {
      length = tag >> 2;
      if (length >= 60) length = little(length - 59);
      end += bytes.copy(out, end, at, at + length + 1);
      at += length + 1;
      continue;
    }
    const near = (tag & 3) === 1;
    length = near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = near ? ((tag >> 5) << 8) | little(1) : little((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > end) throw new Error('no such copy');
    for (let i = 0; i < length; i++, end++) out[end] = out[end - back] ?? 0;
  }
  return out.subarray(0, end);
}

const FOOTER_BYTES = 48;

/** The blocks of a table of LevelDB, unpacked (leveldb, doc/table_format.md); undefined when this is none. */
function tableBlocks(file: Buffer): Buffer | undefined {
  const footer = file.subarray(-FOOTER_BYTES);
  if (footer.length < FOOTER_BYTES || footer.readBigUInt64LE(40) !== 0xdb4775248b80fb57n) return undefined;
  const block = (at: number): [Buffer, number] => {
    const [offset, next] = varint(file, at);
    const [size, end] = varint(file, next);
    const content = file.subarray(offset, offset + size);
    return [file[offset + size] === 1 ? unsnap(content) : content, end];
  };
  const start = file.length - FOOTER_BYTES;
  const [, indexAt] = block(start);
  const [index] = block(indexAt);
  const blocks: Buffer[] = [index];
  const restarts = index.readUInt32LE(index.length - 4);
  for (let at = 0; at < index.length - 4 - 4 * restarts; ) {
    const [, unshared] = varint(index, at);
    const [keyBytes, valueLength] = varint(index, unshared);
    const [valueBytes, key] = varint(index, valueLength);
    const handle = key + keyBytes;
    const [offset, next] = varint(index, handle);
    const [size] = varint(index, next);
    const content = file.subarray(offset, offset + size);
    blocks.push(file[offset + size] === 1 ? unsnap(content) : content);
    at = handle + valueBytes;
  }
  return Buffer.concat(blocks);
}

export interface Scan {
  /** Where what was seen: "path: name (shape)". */
  readonly sightings: string[];
  readonly files: number;
  readonly bytes: number;
  /** Tables that were unpacked. */
  readonly tables: number;
}

/** Searches names and contents of every file below a folder. */
export async function scanProfile(folder: string, needles: readonly Needle[]): Promise<Scan> {
  const finder = new Finder(needles);
  const sightings: string[] = [];
  let [files, bytes, tables] = [0, 0, 0];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const shown = relative(folder, path);
    for (const label of finder.seen(Buffer.from(shown))) sightings.push(`name of ${shown}: ${label}`);
    if (!entry.isFile()) continue;
    const content = await readFile(path);
    files += 1;
    bytes += content.length;
    const unpacked = /\.(ldb|sst)$/.test(entry.name) ? tableBlocks(content) : undefined;
    if (unpacked) tables += 1;
    const seen = new Set([...finder.seen(content), ...(unpacked ? finder.seen(unpacked) : [])]);
    for (const label of seen) sightings.push(`${shown}: ${label}`);
  }
  return { sightings, files, bytes, tables };
}
