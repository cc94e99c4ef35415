// How what I sent ends at the contact, by their word: stored, given up, refused. It leaves the outbox then, on the disk and in the session.
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { RefusalReason } from '../wire/chat-messages.ts';
import { deliver, isPending, leavesVoid } from './delivery.ts';
import { acknowledged, editMessage } from './edit.ts';
import { withFailedFile } from './file-messages.ts';
import type { Ledger } from './ledger.ts';
import type { Live } from './live.ts';
import { findPlace } from './places.ts';
import { decodePlace, idKey, outboxKey, unlessDamaged } from './records.ts';
import type { Stored } from './stored.ts';
import { TRY_AGAIN_MS } from './until-room.ts';

export interface EndsOptions {
  readonly ledger: Ledger;
  readonly stored: Stored;
  readonly clock: Clock;
  readonly live: (contactId: string) => Live | undefined;
  /** My file message is dropped: stop moving its bytes. */
  readonly fileDropped: (contactId: string, fileId: Uint8Array) => void;
}

export class Ends {
  constructor(private readonly options: EndsOptions) {}

  async delivered(contactId: string, id: Uint8Array): Promise<void> {
    const { ledger, live } = this.options;
    const noted = editMessage(ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
      if (record.direction !== 'out') return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return acknowledged(record.file ? { ...record, fileState: 'complete' } : record, entry);
    });
    // What is behind it goes, also while there is no room to write this down.
    await noted.finally(() => live(contactId)?.outbox.settled(id));
  }

  async voided(contactId: string, id: Uint8Array): Promise<void> {
    const { ledger, stored, live } = this.options;
    await ledger.transact(contactId, 'relaxed', async (entry) => {
      const known = await findPlace(entry, toHex(id));
      if (!known || known === 'damaged') return;
      const record = known.position ? await entry.message(known.position) : undefined;
      // A retry since then keeps its place in the outbox.
      if (!record || leavesVoid(record)) entry.remove('outbox', outboxKey(contactId, known.seq));
    });
    if (live(contactId)?.outbox.settled(id) !== 'void') return;
    const found = await unlessDamaged(() => stored.message(contactId, toHex(id)));
    if (found && isPending(found.record)) {
      live(contactId)?.outbox.add({ id, seq: found.record.seq, position: found.position });
    }
  }

  async refused(contactId: string, id: Uint8Array, reason: RefusalReason): Promise<void> {
    const { ledger, stored, live, fileDropped } = this.options;
    const refused = await editMessage(ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
      const next = deliver(record, { type: 'refused', reason });
      if (next === record) return record;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return withFailedFile(next);
    });
    const flight = live(contactId)?.outbox.settled(id);
    const isLost = async () => (await unlessDamaged(() => stored.message(contactId, toHex(id)))) === undefined;
    if (flight === 'void' || (flight && !refused && (await isLost()))) await this.sendVoidLater(contactId, id);
    if (refused) fileDropped(contactId, id);
  }

  /** They had no room for it: until it comes again they are shown a gap. */
  private async sendVoidLater(contactId: string, id: Uint8Array): Promise<void> {
    const { ledger, clock, live } = this.options;
    const before = live(contactId);
    const place = await unlessDamaged(async () => {
      const bytes = await ledger.get(contactId, 'message-keys', idKey(contactId, toHex(id)));
      return bytes && decodePlace(bytes);
    });
    if (!place) return;
    clock.after(TRY_AGAIN_MS, () => {
      const isHere = before && live(contactId) === before;
      if (isHere) before.outbox.add({ id, seq: place.seq, position: place.position });
    });
  }
}
