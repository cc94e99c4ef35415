// How what I sent ends at the contact, by their word: stored, given up, refused. It leaves the outbox then: in the session at once, on the disk when
// there is room.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { RefusalReason } from '../wire/chat-messages.ts';
import { deliver, isPending, leavesVoid } from './delivery.ts';
import { acknowledged, editMessage } from './edit.ts';
import { withFailedFile } from './file-messages.ts';
import type { Ledger } from './ledger.ts';
import type { Live } from './live.ts';
import { type Note, TRY_AGAIN_MS } from './notes.ts';
import { findPlace } from './places.ts';
import { decodeOutbox, decodePlace, idKey, outboxKey, unlessDamaged } from './records.ts';
import type { Stored } from './stored.ts';

/** What a note of how a message ended is about: of what waits, only what was said last is true. */
export const endOf = (id: string) => `end ${id}`;

export interface EndsOptions {
  readonly ledger: Ledger;
  readonly stored: Stored;
  readonly clock: Clock;
  readonly live: (contactId: string) => Live | undefined;
  /** At once, or when there is room: what another says in a session. Of the same, what was said last. */
  readonly noted: (
    contactId: string,
    about: string,
    work: () => Promise<unknown>,
    more?: Pick<Note, 'says'>,
  ) => Promise<void>;
  /** My file message is dropped: stop moving its bytes. */
  readonly fileDropped: (contactId: string, fileId: Uint8Array) => void;
}

export class Ends {
  constructor(private readonly options: EndsOptions) {}

  async delivered(contactId: string, id: Uint8Array): Promise<void> {
    const { ledger, live, noted } = this.options;
    // After the mark that waits now, whenever there is room to write it down.
    const since = live(contactId)?.ackedSinceMark;
    const work = () =>
      editMessage(ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
        if (record.direction !== 'out') return record;
        entry.remove('outbox', outboxKey(contactId, record.seq));
        return acknowledged(record.file ? { ...record, fileState: 'complete' } : record, entry, since);
      });
    // What is behind it goes, also while there is no room to write this down.
    await noted(contactId, endOf(toHex(id)), work, { says: 'stored' }).finally(() =>
      live(contactId)?.outbox.settled(id),
    );
  }

  async voided(contactId: string, id: Uint8Array): Promise<void> {
    const { ledger, stored, live, noted } = this.options;
    await noted(contactId, `void ${toHex(id)}`, () =>
      ledger.transact(contactId, 'relaxed', async (entry) => {
        const known = await findPlace(entry, toHex(id));
        if (!known || known === 'damaged') return;
        const key = outboxKey(contactId, known.seq);
        const row = await unlessDamaged(async () => {
          const bytes = await entry.get('outbox', key);
          return bytes && decodeOutbox(bytes);
        });
        const record = known.position ? await entry.message(known.position) : undefined;
        // With an id of theirs, say, the row of this number is of another message.
        const isOfIt = row ? equalBytes(row.id, id) : record !== undefined;
        // A retry since then keeps its place in the outbox.
        if (isOfIt && (!record || leavesVoid(record))) entry.remove('outbox', key);
      }),
    );
    if (live(contactId)?.outbox.settled(id) !== 'void') return;
    const found = await unlessDamaged(() => stored.message(contactId, toHex(id)));
    if (found && isPending(found.record)) {
      live(contactId)?.outbox.add({ id, seq: found.record.seq, position: found.position });
    }
  }

  async refused(contactId: string, id: Uint8Array, reason: RefusalReason): Promise<void> {
    const { ledger, stored, live, noted, fileDropped } = this.options;
    const drop = () =>
      editMessage(ledger, contactId, toHex(id), 'relaxed', (record, entry) => {
        const next = deliver(record, { type: 'refused', reason });
        if (next === record) return record;
        entry.remove('outbox', outboxKey(contactId, record.seq));
        return withFailedFile(next);
      });
    const work = async () => {
      if (await drop()) fileDropped(contactId, id);
    };
    await noted(contactId, endOf(toHex(id)), work, { says: 'refused' });
    const flight = live(contactId)?.outbox.settled(id);
    // It cannot be read any more, or was given up while it was on its way.
    const isGivenUp = async () => {
      const found = await unlessDamaged(() => stored.message(contactId, toHex(id)));
      return !found || leavesVoid(found.record);
    };
    if (flight === 'void' || (flight && (await isGivenUp()))) await this.sendVoidLater(contactId, id);
  }

  /** They have refused it, for whatever reason: until it is stored they are shown a gap. */
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
