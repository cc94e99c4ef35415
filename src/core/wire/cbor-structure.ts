// Walks the heads of a CBOR item (RFC 8949 §3) without recursion, before any decoder sees it: a million nested arrays must
// cost a loop, not a stack. Refuses tags, indefinite lengths, deep nesting, lengths past the end and trailing bytes.
import { KithError } from '../errors.ts';
import { MAX_CBOR_DEPTH } from './limits.ts';

/** @throws KithError 'frame-malformed' */
export function checkStructure(bytes: Uint8Array): void {
  /** Items still to come at each open level. */
  const open: number[] = [1];
  let at = 0;
  while (open.length > 0) {
    const level = open.length - 1;
    if (open[level] === 0) {
      open.pop();
      continue;
    }
    open[level] = open[level]! - 1;
    const head = readHead(bytes, at);
    at = head.next;
    if (head.major === 2 || head.major === 3) at += head.argument;
    else if (head.major === 4 || head.major === 5) {
      if (open.length >= MAX_CBOR_DEPTH) throw malformed('nested too deep');
      open.push(head.major === 4 ? head.argument : head.argument * 2);
    } else if (head.major === 6) throw malformed('tags are not used');
    if (at > bytes.length) throw malformed('ends too early');
  }
  if (at !== bytes.length) throw malformed('bytes after the end');
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
