// What becomes of a file, as far as its message is concerned: delivered only when all of it is on the other side's disk.

import { fromHex } from '../bytes/hex.ts';
import type { ErrorKind } from '../errors.ts';
import { deliver } from './delivery.ts';
import { acknowledged, editMessage } from './edit.ts';
import type { Ledger } from './ledger.ts';
import type { Live } from './live.ts';
import { type MessageRecord, outboxKey, type StoredDropReason } from './records.ts';

const errors: Readonly<Record<StoredDropReason, ErrorKind>> = {
  cancelled: 'file-cancelled',
  declined: 'file-cancelled',
  blocked: 'blocked',
  'not-a-contact': 'not-a-contact',
  'too-large': 'file-too-large',
  'disk-full': 'disk-full',
  expired: 'expired',
  damaged: 'file-hash-mismatch',
};

/** The file of a message that was dropped will not arrive either. */
export function withFailedFile(record: MessageRecord): MessageRecord {
  if (!record.file || !record.reason) return record;
  return { ...record, fileState: 'failed', fileError: errors[record.reason] };
}

export function withWholeFile(record: MessageRecord): MessageRecord {
  const { fileError: _, ...rest } = record;
  return { ...rest, fileState: 'complete' };
}

export class FileMessages {
  constructor(
    private readonly ledger: Ledger,
    private readonly live: (contactId: string) => Live | undefined,
  ) {}

  /** A file that moves may be stopped by its sender at any time: it is dropped as cancelled. */
  async stop(contactId: string, id: string, error: string): Promise<boolean> {
    const stopped = await editMessage(this.ledger, contactId, id, 'strict', (record) => {
      if (!record.file || record.fileState !== 'waiting') return record;
      const failed: MessageRecord = { ...record, fileState: 'failed', fileError: error };
      // It stays in the outbox: its offer may not have arrived, and then a void fills its place in the next session.
      return record.direction === 'out' ? deliver(failed, { type: 'cancelled' }) : failed;
    });
    this.settled(contactId, id);
    return stopped;
  }

  /** My file was refused or stopped by the other side. */
  async refused(contactId: string, id: string, reason: MessageRecord['reason'], error: string): Promise<boolean> {
    const refused = await editMessage(this.ledger, contactId, id, 'strict', (record, entry) => {
      if (!record.file || record.fileState !== 'waiting') return record;
      const failed: MessageRecord = { ...record, fileState: 'failed', fileError: error };
      if (record.direction === 'in' || !reason) return failed;
      entry.remove('outbox', outboxKey(contactId, record.seq));
      return deliver(failed, { type: 'refused', reason });
    });
    this.settled(contactId, id);
    return refused;
  }

  /** All of the file is on the receiver's disk. In: acknowledges it. Out: that is the delivery. */
  complete(contactId: string, id: string): Promise<void> {
    return this.completion(contactId, id)();
  }

  /** The same for whoever may have to note it more than once: it is said now, whenever there is room to write it down. */
  completion(contactId: string, id: string): () => Promise<void> {
    const since = this.live(contactId)?.ackedSinceMark;
    return async () => {
      let incoming: Uint8Array | undefined;
      await editMessage(this.ledger, contactId, id, 'strict', (record, entry) => {
        if (!record.file) return record;
        const complete = withWholeFile(record);
        if (record.direction === 'in') incoming = record.id;
        else entry.remove('outbox', outboxKey(contactId, record.seq));
        return record.direction === 'in' ? complete : acknowledged(complete, entry, since);
      });
      if (incoming) this.live(contactId)?.acknowledge('ids', incoming);
    };
  }

  /** Nobody will answer for this message of mine any more: a retry must not wait for that. */
  private settled(contactId: string, id: string): void {
    this.live(contactId)?.outbox.settled(fromHex(id));
  }
}
