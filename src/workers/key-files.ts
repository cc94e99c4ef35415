// Which key opens the stored data, as files of the origin private file system: `data-key` (32 bytes, unprotected), or a lock record in
// one of two slots (core/vault/lock-record.ts). Every change is one record written whole into the free slot: before it all is as it was,
// after it the change counts, and what it leaves behind is overwritten in place and removed, at the next start if need be.
// VAULT.md has the states and the steps.
import type { Bytes } from '../core/bytes/bytes.ts';
import { KithError } from '../core/errors.ts';
import type { FileDirectory } from '../core/transfer/unit-file.ts';
import { decodeLockRecord, LOCK_RECORD_BYTES, type LockRecord } from '../core/vault/lock-record.ts';

const DATA_KEY = 'data-key';
const SLOTS = ['lock-a', 'lock-b'] as const;
/** There while everything is sealed anew: whatever lies at the other place then is worth nothing. */
const MOVING = 'moving';
/** There since there was an identity: an empty database is then no first start. */
const LIVED = 'lived';
const KEY_BYTES = 32;

type Slot = (typeof SLOTS)[number];

/**
 * none: no key and no record. open: `key` (32 bytes) opens the data. locked: `record` does, with a passphrase. damaged: there was a record,
 * and it is not whole. `unfinished`: a change was interrupted, and what it had made or replaced is still there.
 */
export type KeyState =
  | { readonly state: 'none' | 'damaged' }
  | { readonly state: 'open'; readonly key: Bytes; readonly unfinished: boolean }
  | { readonly state: 'locked'; readonly record: Bytes; readonly unfinished: boolean };

interface FoundRecord {
  readonly slot: Slot;
  readonly bytes: Bytes;
  readonly record: LockRecord;
}

/** Says what counts, and clears away what an interrupted change has left. @throws KithError 'database-newer' */
export async function readKeys(directory: FileDirectory): Promise<KeyState> {
  const names = await directory.list();
  const key = names.includes(DATA_KEY) ? await readWhole(directory, DATA_KEY, KEY_BYTES) : undefined;
  const [newest] = await readRecords(directory, names);
  const unfinished = names.includes(MOVING);
  if (newest?.record.kind === 'locked') {
    await forgetAll(directory, [DATA_KEY, ...SLOTS.filter((slot) => slot !== newest.slot)], names);
    return { state: 'locked', record: newest.bytes, unfinished };
  }
  if (key) {
    // Records before the one that says that they were taken away; torn ones of a change that was not made.
    const last = newest?.slot;
    await forgetAll(directory, [...SLOTS.filter((slot) => slot !== last), ...(last ? [last] : [])], names);
    return { state: 'open', key, unfinished };
  }
  return { state: SLOTS.some((slot) => names.includes(slot)) ? 'damaged' : 'none' };
}

/** @throws KithError 'disk-full' when not all of it found room: a key that is not whole would lose everything sealed with it. */
export const writeDataKey = (directory: FileDirectory, key: Uint8Array): Promise<void> =>
  writeWhole(directory, DATA_KEY, key);

/** Somebody was here, and has not erased everything since. */
export const hasLived = async (directory: FileDirectory): Promise<boolean> => (await directory.list()).includes(LIVED);

export async function noteLife(directory: FileDirectory): Promise<void> {
  if (!(await hasLived(directory))) await writeWhole(directory, LIVED, new Uint8Array(1));
}

/** Before anything is written to the other place. */
export const beginMove = (directory: FileDirectory): Promise<void> => writeWhole(directory, MOVING, new Uint8Array(1));

/** Nothing is left at the other place. */
export const endMove = (directory: FileDirectory): Promise<void> => directory.remove(MOVING);

/**
 * From now on `record` opens the data; the data key's file and the record before it go. What does not go is left to the next start: the
 * change counts from the moment in which the record is whole.
 */
export async function writeLock(directory: FileDirectory, record: Uint8Array): Promise<void> {
  const [newest] = await readRecords(directory);
  const free = SLOTS.find((slot) => slot !== newest?.slot) as Slot;
  await writeWhole(directory, free, record);
  await forgetAll(directory, [DATA_KEY, ...SLOTS.filter((slot) => slot !== free)]).catch(() => undefined);
}

/** From now on `key` opens the data. `record`: says that the passphrase was taken away. */
export async function writeUnlocked(directory: FileDirectory, key: Uint8Array, record: Uint8Array): Promise<void> {
  await writeWhole(directory, DATA_KEY, key);
  const [newest] = await readRecords(directory);
  const free = SLOTS.find((slot) => slot !== newest?.slot) as Slot;
  await writeWhole(directory, free, record);
  await forgetAll(directory, [...SLOTS.filter((slot) => slot !== free), free]).catch(() => undefined);
}

/** Every key there is, whatever state it is in, and that there was somebody. */
export const forgetKeys = (directory: FileDirectory): Promise<void> =>
  forgetAll(directory, [...SLOTS, DATA_KEY, MOVING, LIVED]);

/** Those that are whole, the newest first. */
async function readRecords(directory: FileDirectory, names?: readonly string[]): Promise<FoundRecord[]> {
  const present = names ?? (await directory.list());
  const found: FoundRecord[] = [];
  for (const slot of SLOTS.filter((name) => present.includes(name))) {
    const bytes = await readWhole(directory, slot, LOCK_RECORD_BYTES);
    const record = bytes && (await decodeLockRecord(bytes));
    if (bytes && record) found.push({ slot, bytes, record });
  }
  return found.sort((a, b) => b.record.sequence - a.record.sequence);
}

/** undefined when there is no file, or one of another size: torn by a crash. */
async function readWhole(directory: FileDirectory, name: string, length: number): Promise<Bytes | undefined> {
  const file = await directory.open(name, false);
  if (file === undefined) return undefined;
  try {
    const bytes = new Uint8Array(length);
    return file.size() === length && file.read(bytes, 0) === length ? bytes : undefined;
  } finally {
    file.close();
  }
}

async function writeWhole(directory: FileDirectory, name: string, bytes: Uint8Array): Promise<void> {
  const file = await directory.open(name, true);
  if (file === undefined) throw new KithError('storage-unavailable');
  try {
    if (file.write(bytes, 0) !== bytes.length) throw new KithError('disk-full');
    file.truncate(bytes.length);
    file.flush();
  } finally {
    file.close();
  }
}

async function forgetAll(
  directory: FileDirectory,
  forget: readonly string[],
  names?: readonly string[],
): Promise<void> {
  const present = names ?? (await directory.list());
  for (const name of forget) if (present.includes(name)) await forgetFile(directory, name);
}

/** Overwrites it where it lies, then removes it. */
async function forgetFile(directory: FileDirectory, name: string): Promise<void> {
  const file = await directory.open(name, false);
  if (file) {
    try {
      file.write(crypto.getRandomValues(new Uint8Array(Math.max(file.size(), 1))), 0);
      file.flush();
    } finally {
      file.close();
    }
  }
  await directory.remove(name);
}
