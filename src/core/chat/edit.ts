// One message, found by its id, changed within the ledger.
import { toHex } from '../bytes/hex.ts';
import type { Durability } from '../ports/store.ts';
import { deliver } from './delivery.ts';
import type { Entry, Ledger } from './ledger.ts';
import { findPlace } from './places.ts';
import type { MessageRecord } from './records.ts';

/** `edit` answers the same object to change nothing. Resolves to whether something changed, once it is committed. */
export function editMessage(
  ledger: Ledger,
  contactId: string,
  id: string,
  durability: Durability,
  edit: (record: MessageRecord, entry: Entry, position: number) => MessageRecord,
): Promise<boolean> {
  return ledger.transact(contactId, durability, async (entry) => {
    const place = await findPlace(entry, id);
    if (!place || place === 'damaged' || place.position === 0) return false;
    const { position } = place;
    const record = await entry.message(position);
    if (!record) return false;
    const next = edit(record, entry, position);
    if (next === record) return false;
    entry.putMessage(position, next);
    return true;
  });
}

/** Delivered, and read at once if their read mark has already passed it. `since`: what has been acknowledged after a mark that waits for room. */
export function acknowledged(record: MessageRecord, entry: Entry, since: Set<string> | undefined): MessageRecord {
  const { peerReadSeq, peerReadExcept } = entry.conversation;
  const next = deliver(record, { type: 'acked' });
  if (next !== record) since?.add(toHex(record.id));
  return deliver(next, { type: 'read-up-to', seq: peerReadSeq, except: peerReadExcept });
}
