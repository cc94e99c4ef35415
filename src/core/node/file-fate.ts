// What the end of a file means for its message.
import type { Chat } from '../chat/chat.ts';
import type { StoredDropReason } from '../chat/records.ts';

/** `fileId`: hex. `error`: undefined when all of it is there. `byThem`: the other side ended it. */
export async function fileEnded(
  chat: Chat,
  contactId: string,
  fileId: string,
  error: string | undefined,
  byThem: boolean,
): Promise<void> {
  if (error === undefined) await chat.files.complete(contactId, fileId);
  else if (error === 'file-cancelled' && !byThem) await chat.files.stop(contactId, fileId, error);
  else await chat.files.refused(contactId, fileId, dropReasonOf(error), error);
}

function dropReasonOf(error: string): StoredDropReason {
  if (error === 'file-too-large') return 'too-large';
  if (error === 'disk-full') return 'disk-full';
  return error === 'file-cancelled' ? 'declined' : 'damaged';
}
