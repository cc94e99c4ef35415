// Bech32m (BIP 350, BIP 173): text with a checksum that notices any 4 wrong characters among 89, and can locate 1 or 2.
// Located characters are shown to the person and never corrected: a guess that fits would be somebody else's card.
import { KithError } from '../errors.ts';
import type { Bytes } from './bytes.ts';

export const BECH32_ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
/** BIP 350: what distinguishes Bech32m from Bech32. */
const BECH32M_CONSTANT = 0x2bc830a3;
const CHECKSUM_LENGTH = 6;
const VALUES = new Map(Array.from(BECH32_ALPHABET, (character, value) => [character, value]));
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** One step of BIP 173's polymod: the remainder times x plus `value`. Linear over GF(2). */
function step(remainder: number, value: number): number {
  const top = remainder >>> 25;
  const shifted = ((remainder & 0x1ffffff) << 5) ^ value;
  return GENERATOR.reduce((sum, coefficient, bit) => ((top >> bit) & 1 ? sum ^ coefficient : sum), shifted);
}

function polymod(values: Iterable<number>, start = 1): number {
  let remainder = start;
  for (const value of values) remainder = step(remainder, value);
  return remainder;
}

function expandPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** Regroups bits, most significant first; the last group is padded with zeros. */
function regroup(values: Iterable<number>, from: number, to: number): { groups: number[]; rest: number; bits: number } {
  const groups: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const value of values) {
    buffer = ((buffer << from) | value) & 0xffff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      groups.push((buffer >> bits) & ((1 << to) - 1));
    }
  }
  return { groups, rest: buffer & ((1 << bits) - 1), bits };
}

/** `prefix`, '1', the data in lower case and 6 characters of checksum. */
export function encodeBech32m(prefix: string, data: Uint8Array): string {
  const { groups, rest, bits } = regroup(data, 8, 5);
  if (bits > 0) groups.push(rest << (5 - bits));
  const remainder = polymod([...expandPrefix(prefix), ...groups, 0, 0, 0, 0, 0, 0]) ^ BECH32M_CONSTANT;
  const checksum = Array.from({ length: CHECKSUM_LENGTH }, (_, place) => (remainder >>> (25 - 5 * place)) & 31);
  return `${prefix}1${[...groups, ...checksum].map((value) => BECH32_ALPHABET[value]).join('')}`;
}

/** What the checksum lacks: 0 for a consistent text. `undefined` when a character is not of the alphabet or the prefix differs. */
function syndrome(prefix: string, text: string): { values: number[]; remainder: number } | undefined {
  if (!text.startsWith(`${prefix}1`)) return undefined;
  const values: number[] = [];
  for (const character of text.slice(prefix.length + 1)) {
    const value = VALUES.get(character);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return { values, remainder: polymod([...expandPrefix(prefix), ...values]) ^ BECH32M_CONSTANT };
}

/** Whether lower-case `text` has this prefix, only characters of the alphabet and a right checksum. */
export function hasValidChecksum(prefix: string, text: string): boolean {
  return syndrome(prefix, text)?.remainder === 0;
}

/** The data of lower-case `text`. @throws KithError 'card-checksum' when it is no canonical Bech32m of `prefix`. */
export function decodeBech32m(prefix: string, text: string): Bytes {
  const parsed = syndrome(prefix, text);
  if (parsed === undefined || parsed.remainder !== 0 || parsed.values.length < CHECKSUM_LENGTH) {
    throw new KithError('card-checksum');
  }
  const { groups, rest, bits } = regroup(parsed.values.slice(0, -CHECKSUM_LENGTH), 5, 8);
  if (bits >= 5 || rest !== 0) throw new KithError('card-checksum');
  return Uint8Array.from(groups);
}

/** Syndrome → place counted from the end, for every single wrong character among the last `length`. Kept for one length. */
let singles: { length: number; places: Map<number, number> } | undefined;

function singleErrors(length: number): Map<number, number> {
  if (singles?.length === length) return singles.places;
  const places = new Map<number, number>();
  for (let difference = 1; difference < 32; difference += 1) {
    let remainder = difference;
    for (let place = 0; place < length; place += 1) {
      places.set(remainder, place);
      remainder = step(remainder, 0);
    }
  }
  singles = { length, places };
  return places;
}

/**
 * The place (0-based) at which one missing character explains a wrong checksum; in a run of equal characters the first. `undefined`
 * when there is no such place. `text`: lower case, right prefix, characters of the alphabet only.
 */
export function locateMissing(prefix: string, text: string): number | undefined {
  const places = singleErrors(text.length - prefix.length);
  for (let place = prefix.length + 1; place <= text.length; place += 1) {
    // With the alphabet's zero in its place, what was missing is one wrong character: which one follows from the remainder.
    const filled = `${text.slice(0, place)}${BECH32_ALPHABET[0]}${text.slice(place)}`;
    const remainder = syndrome(prefix, filled)?.remainder;
    if (remainder === 0 || (remainder !== undefined && places.get(remainder) === text.length - place)) return place;
  }
  return undefined;
}

/**
 * Places (0-based, ascending) of the one or two substituted characters that explain a wrong checksum; empty when it is
 * right, `undefined` when no such explanation exists. For up to 89 characters the code has distance 5, so there is at most
 * one explanation by two substitutions or fewer. `text`: lower case, right prefix, characters of the alphabet only.
 */
export function locateErrors(prefix: string, text: string): number[] | undefined {
  const parsed = syndrome(prefix, text);
  if (parsed === undefined) return undefined;
  if (parsed.remainder === 0) return [];
  const places = singleErrors(parsed.values.length);
  const last = text.length - 1;
  const single = places.get(parsed.remainder);
  if (single !== undefined) return [last - single];
  for (const [remainder, place] of places) {
    const other = places.get(parsed.remainder ^ remainder);
    if (other !== undefined && other !== place) return [last - place, last - other].sort((a, b) => a - b);
  }
  return undefined;
}
