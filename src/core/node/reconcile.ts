// Files and messages have records of their own: the page may have died after it wrote one and before it wrote the other. Looked at in every
// start, before anybody is met; where the disk is full, what is found is noted later, when there is room.
import { fromHex } from '../bytes/hex.ts';
import { unlessDamaged } from '../chat/records.ts';
import type { House } from './house.ts';
import { isTombstone } from './standing.ts';

type Rooms = Pick<House, 'book' | 'chat' | 'transfers' | 'fates'>;

export async function reconcileFiles(rooms: Rooms): Promise<void> {
  const { chat, transfers } = rooms;
  for (const { contactId, fileId } of transfers.outgoingWaiting()) {
    if (await isOrphan(rooms, contactId, fileId)) await transfers.forget(fromHex(fileId));
    else if (await isDropped(rooms, contactId, fileId)) await transfers.cancel(contactId, fromHex(fileId));
  }
  for (const { contactId, fileId, error } of transfers.failed()) {
    if (chat.conversation(contactId)) await rooms.fates.noteEnd(contactId, fileId, error, true);
  }
}

/** Nobody offers it any more: stopped where that could be noted in its message alone, or tried again where it could not. */
async function isDropped({ chat }: Rooms, contactId: string, fileId: string): Promise<boolean> {
  const found = await unlessDamaged(() => chat.stored.message(contactId, fileId));
  return found?.record.direction === 'out' && found.record.state === 'dropped';
}

/** Sealed, and never offered to anybody: no message names it, or none will. What cannot be read any more is not judged. */
async function isOrphan({ book, chat }: Rooms, contactId: string, fileId: string): Promise<boolean> {
  const contact = book.get(contactId);
  if (contact && isTombstone(contact)) return true;
  return chat.conversation(contactId) !== undefined && !(await chat.stored.has(contactId, fileId));
}
