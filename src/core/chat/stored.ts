// Messages of a conversation as they lie on the disk, damaged ones included.
import { kindOf } from '../errors.ts';
import type { Store } from '../ports/store.ts';
import type { ChangedMessage, Ledger } from './ledger.ts';
import { searchMessages } from './places.ts';
import { decodeMessage, decodePlace, idKey, messageKey, positionOfKey } from './records.ts';

export class Stored {
  constructor(
    private readonly ledger: Ledger,
    private readonly store: Store,
  ) {}

  /** Newest `limit` messages before `before` (position, exclusive), ascending. */
  async list(contactId: string, before: number | null, limit: number): Promise<ChangedMessage[]> {
    const range = before === null ? {} : { before: messageKey(contactId, before) };
    const rows = await this.store.list('messages', { prefix: `${contactId}/`, ...range, reverse: true, limit });
    return rows.reverse().map(({ key, value }) => ({ position: positionOfKey(key), record: decodeMessage(value) }));
  }

  /** @throws KithError 'record-damaged' | 'frame-malformed' when it is here and cannot be read */
  async message(contactId: string, id: string): Promise<ChangedMessage | undefined> {
    const position = await this.positionOf(contactId, id);
    if (!position) return undefined;
    const bytes = await this.ledger.get(contactId, 'messages', messageKey(contactId, position));
    return bytes && { position, record: decodeMessage(bytes) };
  }

  /** Whether a message of this id is on the disk, also one that cannot be read any more. */
  async has(contactId: string, id: string): Promise<boolean> {
    try {
      return (await this.message(contactId, id)) !== undefined;
    } catch (error) {
      if (kindOf(error) === 'record-damaged' || kindOf(error) === 'frame-malformed') return true;
      throw error;
    }
  }

  private async positionOf(contactId: string, id: string): Promise<number | undefined> {
    try {
      const place = await this.ledger.get(contactId, 'message-keys', idKey(contactId, id));
      return place && decodePlace(place).position;
    } catch (error) {
      const found = kindOf(error) === 'record-damaged' && (await searchMessages(this.store, contactId, id));
      if (!found) throw error;
      return found.position;
    }
  }
}
