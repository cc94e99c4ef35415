// Sealed units of groups that no message names any more: a page died between sealing and writing, or while it forgot a group.
import { type BlobStore, GROUP_BLOB_PREFIX } from '../../../ports/blob-store.ts';
import type { LiveGroup } from '../live-group.ts';

/** What lies there now, before anybody can add to it. */
export async function storedOfGroups(blobs: BlobStore): Promise<string[]> {
  return (await blobs.list()).filter((id) => id.startsWith(GROUP_BLOB_PREFIX));
}

/**
 * Removes those of `stored` that none of these groups names. What is not whole may name any, and the others may bring it back: then all
 * of it stays.
 */
export async function tidy(blobs: BlobStore, stored: readonly string[], groups: readonly LiveGroup[]): Promise<void> {
  if (stored.length === 0 || groups.some(({ isWhole }) => !isWhole)) return;
  const named = new Set((await Promise.all(groups.map((live) => live.blobIds()))).flat());
  for (const id of stored) {
    // A person may have sent meanwhile what an earlier page had sealed for the same message.
    if (!named.has(id) && !groups.some(({ files }) => files.hasSealed(id))) await blobs.remove(id);
  }
}
