// The operations that were taken in, each after its parents, with what each follows from (GROUP.md, "The log"). A log is a value:
// a longer one shares its entries, and whoever holds the shorter one does not see what was added.
import type { Bytes } from '../../bytes/bytes.ts';
import { compareBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { Operation } from '../../wire/group-operations.ts';
import { type Bits, bitsFor, countBits, hasBit, setBit, uniteInto } from './bits.ts';

/** An operation whose bytes are those of its hash and whose signature is that of its key. */
export interface Genuine {
  /** SHA-256 of `bytes`, 32 bytes. */
  readonly hash: Bytes;
  /** The same as text. */
  readonly id: string;
  readonly bytes: Bytes;
  readonly operation: Operation;
  /** Whom it is about: the added, removed or promoted; else its author. 64 hexadecimal digits. */
  readonly subject: string;
}

export interface Entry extends Genuine {
  /** Place in this log, from 0; differs from one member's log to another's. */
  readonly index: number;
  readonly author: string;
  readonly key: string;
  /** Longest way from the creation, in operations. The same in every log. */
  readonly depth: number;
  /** What it follows from, itself not included: bits of `index`. */
  readonly past: Bits;
}

/** An operation that every other one follows from or leads to, with the one before it. */
export interface Choke {
  readonly index: number;
  readonly before: Choke | undefined;
}

export interface Log {
  readonly size: number;
  /** Shared with longer logs: only the first `size` belong to this one. */
  readonly entries: Entry[];
  readonly indexOf: Map<string, number>;
  /** Entries of an author, of a key with a sequence, and that brought a key: shared like the others. */
  readonly byAuthor: Map<string, number[]>;
  /** Additions of a person. */
  readonly additions: Map<string, number[]>;
  readonly slots: Map<string, number[]>;
  readonly keys: Map<string, number[]>;
  /** Every slot that holds more than one entry. */
  readonly forked: Set<string>;
  readonly heads: readonly number[];
  readonly chokes: Choke | undefined;
}

export const emptyLog = (): Log => ({
  size: 0,
  entries: [],
  indexOf: new Map(),
  byAuthor: new Map(),
  additions: new Map(),
  slots: new Map(),
  keys: new Map(),
  forked: new Set(),
  heads: [],
  chokes: undefined,
});

export const entryAt = (log: Log, index: number): Entry => log.entries[index] as Entry;

/** The entry of a hash (as text), if this log has it. */
export function find(log: Log, id: string): Entry | undefined {
  const index = log.indexOf.get(id);
  return index !== undefined && index < log.size ? log.entries[index] : undefined;
}

/** Whether the entry at `later` follows from the one at `earlier`. */
export const follows = (log: Log, later: number, earlier: number): boolean =>
  later > earlier && hasBit(entryAt(log, later).past, earlier);

export const concurrent = (log: Log, a: number, b: number): boolean =>
  a !== b && !follows(log, a, b) && !follows(log, b, a);

/** A place in the sequence of one key: who was removed and is back cannot fork with the old key what they do with the new one. */
export const slotOf = (key: string, seq: number): string => `${key}:${seq}`;

/** Entries of this log under a key of one of its maps. */
export const listed = (log: Log, map: ReadonlyMap<string, number[]>, key: string): readonly number[] => {
  const found = map.get(key) ?? [];
  return (found.at(-1) ?? 0) < log.size ? found : found.filter((index) => index < log.size);
};

/** Everything that these entries follow from, themselves included. */
export function closure(log: Log, indices: readonly number[]): Bits {
  const bits = bitsFor(log.size);
  for (const index of indices) {
    uniteInto(bits, entryAt(log, index).past);
    setBit(bits, index);
  }
  return bits;
}

/** Those that no other of them follows from. */
export const newest = (log: Log, indices: readonly number[]): number[] =>
  [...new Set(indices)].filter((index) => !indices.some((later) => follows(log, later, index)));

/** The order in which everybody goes through concurrent operations: by depth, author and hash. It decides no conflict over power. */
export function inOrder(a: Entry, b: Entry): number {
  if (a.depth !== b.depth) return a.depth - b.depth;
  if (a.author !== b.author) return a.author < b.author ? -1 : 1;
  return compareBytes(a.hash, b.hash);
}

/** The key that an operation brings into the group, as text. */
export function keyBroughtBy({ body, key }: Operation): string | undefined {
  if (body.do === 'create' || body.do === 'join') return toHex(key);
  return body.do === 'add' && body.by !== undefined ? toHex(body.by.key) : undefined;
}

/** A log that was lengthened since is copied: two lengthenings of one log are two logs. */
function fresh(log: Log): Log {
  if (log.entries.length === log.size) return log;
  let copy = emptyLog();
  for (const entry of log.entries.slice(0, log.size)) copy = put(copy, entry);
  return copy;
}

/** With one more operation, whose parents are all there. */
export function append(log: Log, genuine: Genuine): Log {
  const base = fresh(log);
  const { operation } = genuine;
  const parents = operation.parents.map((parent) => base.indexOf.get(toHex(parent)) as number);
  const past = bitsFor(base.size);
  let depth = 0;
  for (const parent of parents) {
    const entry = entryAt(base, parent);
    uniteInto(past, entry.past);
    setBit(past, parent);
    depth = Math.max(depth, entry.depth + 1);
  }
  const author = toHex(operation.author);
  return put(base, { ...genuine, index: base.size, author, key: toHex(operation.key), depth, past });
}

function into(map: Map<string, number[]>, key: string, index: number): number {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
  return list?.length ?? 1;
}

function put(log: Log, entry: Entry): Log {
  const { index, past } = entry;
  log.entries.push(entry);
  log.indexOf.set(entry.id, index);
  into(log.byAuthor, entry.author, index);
  if (entry.operation.body.do === 'add') into(log.additions, entry.subject, index);
  const slot = slotOf(entry.key, entry.operation.seq);
  if (into(log.slots, slot, index) > 1) log.forked.add(slot);
  const key = keyBroughtBy(entry.operation);
  if (key !== undefined) into(log.keys, key, index);
  let chokes = log.chokes;
  while (chokes !== undefined && !hasBit(past, chokes.index)) chokes = chokes.before;
  const all = countBits(past) === index;
  const next = { ...log, size: index + 1, heads: [...log.heads.filter((head) => !hasBit(past, head)), index] };
  return { ...next, chokes: all && isSettled(next, index) ? { index, before: chokes } : chokes };
}

/** Whether what `index` leads on from can no more gain or lose effect by being named (R-fork): nothing forked waits for it. */
function isSettled(log: Log, index: number): boolean {
  for (const slot of log.forked) {
    for (const sibling of listed(log, log.slots, slot)) {
      if (sibling === index || !isNamed(log, sibling, index)) return false;
    }
  }
  return true;
}

/** Whether somebody else's operation, up to `last`, follows from the entry. */
export function isNamed(log: Log, index: number, last = log.size - 1, within?: Bits): boolean {
  const { author } = entryAt(log, index);
  for (let later = index + 1; later <= last; later += 1) {
    const other = entryAt(log, later);
    if (other.author !== author && hasBit(other.past, index) && (within === undefined || hasBit(within, later)))
      return true;
  }
  return false;
}
