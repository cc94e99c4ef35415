// Walks the heads of a CBOR item (RFC 8949 §3) without recursion, before any decoder sees it: a million nested arrays must
// cost a loop, not a stack. Refuses tags, floats, indefinite lengths, deep nesting, lengths past the end, trailing bytes, and maps whose
// keys are no text or not in the one order that deterministic encoding (§4.2.1) gives them: a message has one spelling.
import { KithError } from '../errors.ts';
import { MAX_CBOR_DEPTH } from './limits.ts';

/** What is open: items still to come, and of a map the key before, to which the next must be larger. */
interface Level {
  left: number;
  readonly isMap: boolean;
  keyStart: number;
  keyEnd: number;
}

/** @throws KithError 'frame-malformed' */
export function checkStructure(bytes: Uint8Array): void {
  const open: Level[] = [{ left: 1, isMap: false, keyStart: 0, keyEnd: 0 }];
  let at = 0;
  for (let level = open[0]; level !== undefined; level = open[open.length - 1]) {
    if (level.left === 0) {
      open.pop();
      continue;
    }
    const isKey = level.isMap && level.left % 2 === 0;
    level.left -= 1;
    const start = at;
    const { major, argument, next } = readHead(bytes, at);
    at = next;
    if (major === 2 || major === 3) at += argument;
    else if (major === 4 || major === 5) {
      if (open.length >= MAX_CBOR_DEPTH) throw malformed('nested too deep');
      open.push({ left: major === 4 ? argument : argument * 2, isMap: major === 5, keyStart: at, keyEnd: at });
    } else if (major === 6) throw malformed('tags are not used');
    // Whole numbers have a spelling as floats too, in three widths.
    else if (major === 7 && at > start + 1) throw malformed('floats are not used');
    if (at > bytes.length) throw malformed('ends too early');
    if (!isKey) continue;
    if (major !== 3 || !isLarger(bytes, level, start, at)) throw malformed('keys out of order');
    level.keyStart = start;
    level.keyEnd = at;
  }
  if (at !== bytes.length) throw malformed('bytes after the end');
}

/** Whether the encoded key from `start` to `end` comes behind the one before in bytewise order. Its head holds its length. */
function isLarger(bytes: Uint8Array, { keyStart, keyEnd }: Level, start: number, end: number): boolean {
  for (let index = 0; start + index < end && keyStart + index < keyEnd; index += 1) {
    const difference = bytes[start + index]! - bytes[keyStart + index]!;
    if (difference !== 0) return difference > 0;
  }
  return end - start > keyEnd - keyStart;
}

interface Head {
  readonly major: number;
  readonly argument: number;
  readonly next: number;
}

function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) throw malformed('ends too early');
  const major = first >> 5;
  const info = first & 0x1f;
  if (info < 24) return { major, argument: info, next: at + 1 };
  if (info > 27) throw malformed('indefinite or reserved length');
  const width = 1 << (info - 24);
  if (at + 1 + width > bytes.length) throw malformed('ends too early');
  let argument = 0;
  for (let i = 1; i <= width; i += 1) argument = argument * 256 + bytes[at + i]!;
  // A length that cannot fit is refused here; the decoder never allocates for it.
  if (major >= 2 && major <= 5 && argument > bytes.length) throw malformed('longer than the frame');
  return { major, argument, next: at + 1 + width };
}

const malformed = (cause: string) => new KithError('frame-malformed', {}, { cause });
