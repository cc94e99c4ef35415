// Seals a file for a group, once: what is signed of it are the hashes of the sealed units as they lie on the disk.
import { concat } from '../../../bytes/bytes.ts';
import { sha256 } from '../../../crypto/kdf.ts';
import type { BlobStore } from '../../../ports/blob-store.ts';
import type { Random } from '../../../ports/random.ts';
import { BATCH_UNITS } from '../../../transfer/batches.ts';
import type { GroupFileOffer } from '../../../wire/group-files.ts';

export type SealedForGroup = Pick<GroupFileOffer, 'key' | 'size' | 'sha256' | 'hashes'>;

/** `blobId`: a name that the store does not hold. What fails leaves nothing behind. @throws KithError as BlobStore.seal */
export async function sealForGroup(
  { blobs, random }: { readonly blobs: BlobStore; readonly random: Random },
  blobId: string,
  source: Blob,
  signal?: AbortSignal,
): Promise<SealedForGroup> {
  const key = random.bytes(32);
  const { layout, sha256: digest } = await blobs.seal(blobId, source, key, signal ? { signal } : {});
  const hashes: Uint8Array[] = [];
  try {
    for (let first = 0; first < layout.units; first += BATCH_UNITS) {
      const indices = Array.from({ length: Math.min(BATCH_UNITS, layout.units - first) }, (_, at) => first + at);
      const units = await Promise.all(indices.map((index) => blobs.readUnit(blobId, layout, index)));
      hashes.push(...(await Promise.all(units.map(sha256))));
    }
  } catch (error) {
    await blobs.remove(blobId);
    throw error;
  }
  return { key, size: layout.size, sha256: digest, hashes: concat(...hashes) };
}
