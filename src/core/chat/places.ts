// Where a message is, by its id. The index (`message-keys`) may be damaged where the message itself is not: then the conversation is
// searched for it and the index written anew, so that one bad record does not keep an acknowledgement out for ever.
import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import type { Store } from '../ports/store.ts';
import type { Entry } from './ledger.ts';
import { decodeMessage, decodePlace, encodePlace, idKey, type Place, positionOfKey, unlessDamaged } from './records.ts';

const PAGE = 256;

/** undefined: no message of this id was ever here. 'damaged': there was one, and nothing that can be read says where. */
type Found = Place | 'damaged' | undefined;

/** Work for the ledger. */
export async function findPlace(entry: Entry, id: string): Promise<Found> {
  const key = idKey(entry.contactId, id);
  const place = await unlessUnreadable(async () => {
    const bytes = await entry.get('message-keys', key);
    return bytes && decodePlace(bytes);
  });
  if (place !== 'damaged') return place;
  const found = await searchMessages(entry.store, entry.contactId, id);
  if (!found) return 'damaged';
  entry.put('message-keys', key, encodePlace(found));
  return found;
}

async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | 'damaged'> {
  try {
    return await read();
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'record-damaged' || kind === 'frame-malformed') return 'damaged';
    throw error;
  }
}

/** Newest first: what is asked for is nearly always that. */
export async function searchMessages(store: Store, contactId: string, id: string): Promise<Place | undefined> {
  const prefix = `${contactId}/`;
  for (let before: string | undefined; ; ) {
    const rows = await store.list('messages', { prefix, ...(before && { before }), reverse: true, limit: PAGE });
    for (const { key, value } of rows) {
      const record = await unlessDamaged(async () => decodeMessage(value));
      if (record && toHex(record.id) === id) return { position: positionOfKey(key), seq: record.seq, void: false };
    }
    if (rows.length < PAGE) return undefined;
    before = rows.at(-1)?.key;
  }
}
