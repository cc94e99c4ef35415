// Drops of everything that waits, expiries a person chose, and deleting what is shown.
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { type DeliveryEvent, deliver, leavesVoid } from './delivery.ts';
import { editMessage } from './edit.ts';
import { withFailedFile } from './file-messages.ts';
import type { Entry, Ledger } from './ledger.ts';
import {
  type ConversationRecord,
  decodeMessage,
  decodeOutbox,
  type MessageRecord,
  outboxKey,
  type WithFiles,
} from './records.ts';

export interface HousekeepingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly fileDropped: (contactId: string, fileId: Uint8Array) => void;
  /** What was shown is no longer on the disk. */
  readonly cleared: (contactId: string) => void;
  /** Whether the other side has said how it ended, which is only not noted yet. */
  readonly isAnswered: (contactId: string, id: string) => boolean;
}

export class Housekeeping {
  constructor(
    private readonly ledger: Ledger,
    private readonly options: HousekeepingOptions,
  ) {}

  /** The other side refuses everything (blocked, removed, declined): drops what waits. */
  async refuseAll(contactId: string, reason: NonNullable<MessageRecord['reason']>): Promise<void> {
    await this.dropPending(contactId, () => ({ type: 'refused', reason }));
  }

  /** Gives up what is older than the expiry the person chose. */
  async expireDue(contactId: string): Promise<void> {
    const after = this.ledger.conversation(contactId)?.giveUpAfter ?? 0;
    if (after === 0) return;
    const now = this.options.clock.now();
    await this.dropPending(contactId, (record, { giveUpAfter }) =>
      // The person may have chosen anew since this began.
      giveUpAfter > 0 && record.at + giveUpAfter <= now && !this.options.isAnswered(contactId, toHex(record.id))
        ? { type: 'expired' }
        : undefined,
    );
  }

  private async dropPending(
    contactId: string,
    eventFor: (record: MessageRecord, conversation: ConversationRecord) => DeliveryEvent | undefined,
  ): Promise<void> {
    const rows = await this.options.store.list('outbox', { prefix: `${contactId}/` });
    for (const { value } of rows) {
      const { id } = decodeOutbox(value);
      let file = false;
      const dropped = await editMessage(this.ledger, contactId, toHex(id), 'strict', (record, entry) => {
        const event = eventFor(record, entry.conversation);
        const next = event ? deliver(record, event) : record;
        if (next === record) return record;
        if (!leavesVoid(next)) entry.remove('outbox', outboxKey(contactId, record.seq));
        file = next.file !== undefined;
        return withFailedFile(next);
      });
      if (dropped && file) this.options.fileDropped(contactId, id);
    }
  }

  setGiveUpAfter(contactId: string, milliseconds: number): Promise<void> {
    return this.ledger.transact(contactId, 'relaxed', async (entry) => {
      entry.conversation = { ...entry.conversation, giveUpAfter: milliseconds };
    });
  }

  /** Deletes what is shown. Ids stay known for ever, so nothing comes back. Returns the files that went with it. */
  async clear(contactId: string, withFiles: WithFiles = () => []): Promise<Uint8Array[]> {
    const prefix = `${contactId}/`;
    const files = await this.ledger.transact(contactId, 'strict', async (entry) => {
      const fileIds = await this.filesOf(entry);
      entry.writes.push({ clear: 'messages', prefix }, ...withFiles(fileIds));
      const { nextPosition } = entry.conversation;
      entry.conversation = {
        ...entry.conversation,
        unread: 0,
        unseen: [],
        lastPosition: 0,
        readPosition: nextPosition - 1,
        readSeq: entry.conversation.peerSeq,
      };
      return fileIds;
    });
    this.options.cleared(contactId);
    return files;
  }

  /** Deletes the conversation and all it knew. Detach it first. */
  async remove(contactId: string, withFiles: WithFiles = () => []): Promise<Uint8Array[]> {
    const prefix = `${contactId}/`;
    const files = await this.ledger.transact(contactId, 'strict', async (entry) => {
      const fileIds = await this.filesOf(entry);
      for (const table of ['messages', 'message-keys', 'outbox'] as const) entry.writes.push({ clear: table, prefix });
      entry.writes.push(...withFiles(fileIds));
      return fileIds;
    });
    this.ledger.forget(contactId);
    await this.options.store.commit([{ remove: 'conversations', key: contactId }], 'strict');
    return files;
  }

  private async filesOf(entry: Entry): Promise<Uint8Array[]> {
    const rows = await this.options.store.list('messages', { prefix: `${entry.contactId}/` });
    const records = [...rows.map(({ value }) => decodeMessage(value)), ...entry.pendingMessages().values()];
    const files = records.filter((record) => record.file);
    return [...new Map(files.map(({ id }) => [toHex(id), id])).values()];
  }
}
