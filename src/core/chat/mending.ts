// What waits for the other side stands in `outbox`. A row of it that cannot be read would leave its message queued for ever: its message
// says the same, so the row is written anew from it.

import { isPending, leavesVoid } from './delivery.ts';
import type { Ledger } from './ledger.ts';
import {
  decodeMessage,
  decodeOutbox,
  encodeOutbox,
  type OutboxRecord,
  outboxKey,
  positionOfKey,
  unlessDamaged,
} from './records.ts';

/** Before a session sends what waits: what was written anew. Reads the conversation only when there is a row that cannot be read. */
export function mendOutbox(ledger: Ledger, contactId: string): Promise<readonly OutboxRecord[]> {
  const prefix = `${contactId}/`;
  return ledger.transact(contactId, 'strict', async (entry) => {
    const rows = await entry.store.list('outbox', { prefix });
    const readable = await Promise.all(rows.map(({ value }) => unlessDamaged(async () => decodeOutbox(value))));
    const known = new Set(readable.flatMap((row) => row?.seq ?? []));
    if ((await entry.store.count('outbox', { prefix })) === known.size) return [];
    const mended: OutboxRecord[] = [];
    const pending = entry.pendingMessages();
    for (const { key, value } of await entry.store.list('messages', { prefix })) {
      const position = positionOfKey(key);
      const record = pending.get(position) ?? (await unlessDamaged(async () => decodeMessage(value)));
      if (record?.direction !== 'out' || known.has(record.seq)) continue;
      // Whether a void has arrived is written nowhere else; it may come twice.
      if (!isPending(record) && !leavesVoid(record)) continue;
      const place = { id: record.id, seq: record.seq, position };
      entry.put('outbox', outboxKey(contactId, place.seq), encodeOutbox(place));
      mended.push(place);
    }
    return mended;
  });
}
