// The data key's file, 32 bytes in the origin private file system: written through a synchronous handle and flushed, so that it
// is on the disk before any record sealed with it, and can be overwritten in place when it is to be forgotten.
import { KithError } from '../core/errors.ts';
import type { FileDirectory } from '../core/transfer/unit-file.ts';

const FILE_NAME = 'data-key';
const KEY_BYTES = 32;

/** undefined when there is no file, or one torn by a crash. */
export async function readDataKey(directory: FileDirectory): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await directory.open(FILE_NAME, false);
  if (file === undefined) return undefined;
  try {
    const key = new Uint8Array(KEY_BYTES);
    return file.size() === KEY_BYTES && file.read(key, 0) === KEY_BYTES ? key : undefined;
  } finally {
    file.close();
  }
}

/** @throws KithError 'disk-full' when not all of it found room: a key that is not whole would lose everything sealed with it. */
export async function writeDataKey(directory: FileDirectory, key: Uint8Array): Promise<void> {
  const file = await directory.open(FILE_NAME, true);
  if (file === undefined) throw new KithError('storage-unavailable');
  try {
    if (file.write(key, 0) !== key.length) throw new KithError('disk-full');
    file.truncate(key.length);
    file.flush();
  } finally {
    file.close();
  }
}

/** Overwrites the key where it lies, then removes the whole of Kith's directory. */
export async function destroyDataKey(directory: FileDirectory): Promise<void> {
  const file = await directory.open(FILE_NAME, true);
  try {
    file?.write(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), 0);
    file?.flush();
  } finally {
    file?.close();
  }
  await directory.remove(FILE_NAME);
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('kith', { recursive: true });
}
