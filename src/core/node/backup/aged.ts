// What becomes of a record that was written some time ago and comes back: whatever works once may have worked since. BACKUP.md, "An
// older backup", goes through everything that is stored.
import { decodeConversation, emptyConversation, encodeConversation } from '../../chat/records.ts';
import { decodeInvitation, encodeInvitation, expireNow, isForAnyTaker } from '../../pairing/invitation.ts';
import type { Table } from '../../ports/store.ts';
import { freeTwin, TWIN_KEY } from '../twin-record.ts';

/** The record as it is written; undefined: it does not come back. */
export function agedRecord(table: Table, key: string, value: Uint8Array, now: number): Uint8Array | undefined {
  switch (table) {
    case 'invitations':
      return closedCard(value, now);
    case 'conversations':
      return askingAgain(value);
    case 'group-state':
      // Others' sender keys: those used since would open again. What they would have opened comes with the history.
      return key.endsWith('/keys') ? undefined : value;
    case 'meta':
      return key === TWIN_KEY ? freeTwin(value) : value;
    default:
      return value;
  }
}

/** Somebody may have taken the card since: nobody else may take it again. */
function closedCard(value: Uint8Array, now: number): Uint8Array | undefined {
  try {
    const card = decodeInvitation(value);
    return isForAnyTaker(card) ? encodeInvitation(expireNow(card, Math.min(now, card.expiresAt))) : value;
  } catch {
    return undefined;
  }
}

/** The same of somebody with whom nothing was said before. */
export const newAndAsking = (now: number): Uint8Array =>
  encodeConversation({ ...emptyConversation(now), resync: 'again' });

/** A conversation that asks where the other side stands. What cannot be read stays as it is, as everywhere. */
export function askingAgain(value: Uint8Array): Uint8Array {
  try {
    return encodeConversation({ ...decodeConversation(value), resync: 'again' });
  } catch {
    return value;
  }
}
