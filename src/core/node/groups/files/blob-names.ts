// What files of groups are called in the store of sealed units, apart from those between two.
import { toHex } from '../../../bytes/hex.ts';
import { GROUP_BLOB_PREFIX } from '../../../ports/blob-store.ts';

/** My own, from the moment it is sealed. `id`: 16 bytes, the message's. */
export const blobOfMessage = (id: Uint8Array): string => `${GROUP_BLOB_PREFIX}m-${toHex(id)}`;

/** Somebody else's. 56 of the name's 64 digits: the store takes no longer names. */
export const blobOfName = (name: string): string => `${GROUP_BLOB_PREFIX}f-${name.slice(0, 56)}`;
