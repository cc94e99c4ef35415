// What files of groups are called in the store of sealed units, apart from those between two.
import { toHex } from '../../../bytes/hex.ts';
import { GROUP_BLOB_PREFIX } from '../../../ports/blob-store.ts';

/** My own, from the moment it is sealed. `id`: 16 bytes, the message's. */
export const blobOfMessage = (id: Uint8Array): string => `${GROUP_BLOB_PREFIX}m-${toHex(id)}`;

/**
 * Somebody else's, in this conversation alone: who copies a message into another group shares nothing with it. 40 of the name's 64 digits
 * and 16 of the conversation's 32: the store takes no longer names.
 */
export const blobOfName = (conversationId: string, name: string): string =>
  `${GROUP_BLOB_PREFIX}f-${name.slice(0, 40)}-${conversationId.slice(0, 16)}`;
