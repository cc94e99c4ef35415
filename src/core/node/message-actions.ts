// What a person may do in a conversation.
import { fromHex, toHex } from '../bytes/hex.ts';
import { requireText } from '../chat/writing.ts';
import { KithError } from '../errors.ts';
import type { KithNode, MessageView, OutgoingFile, Result } from '../node-api.ts';
import { Queue } from '../queue.ts';
import { fileRecords } from './files.ts';
import type { LiveGroup } from './groups/live-group.ts';
import type { House } from './house.ts';
import { refusedBy, worthMeeting } from './standing.ts';

/** What is kept of what is being written, UTF-16 units: far more than can be sent, and less than the largest record of a backup. */
const MAX_DRAFT_LENGTH = 1_000_000;

type MessageActions = Pick<
  KithNode,
  | 'listMessages'
  | 'sendText'
  | 'prepareFile'
  | 'discardFile'
  | 'sendFiles'
  | 'cancelMessage'
  | 'retryMessage'
  | 'removeMessage'
  | 'markRead'
  | 'cancelTransfer'
  | 'openAttachment'
  | 'draft'
  | 'setDraft'
>;

export const messageActions = (house: House, turns = new Queue()): MessageActions => ({
  async listMessages(conversationId: string, before: number | null, limit: number): Promise<readonly MessageView[]> {
    const most = Math.min(Math.max(1, limit), 1000);
    const shown = house.network?.groupHouse.list(conversationId, before, most);
    if (shown) return shown;
    const messages = await house.chat.stored.list(conversationId, before, most);
    return messages.map((message) => house.view(conversationId, message));
  },

  sendText(conversationId, text, id, mentions = []): Promise<Result<{ readonly messageId: string }>> {
    return house.attempt(async () => {
      if (groupOf(house, conversationId)) {
        requireText(text);
        const bytes = id === undefined ? house.options.random.bytes(16) : fromHex(id);
        await house.requireNetwork().groupHouse.groups.get(conversationId).own.write({ text, id: bytes, mentions });
        return { messageId: toHex(bytes) };
      }
      const messageId = await house.chat.writing.text(conversationId, text, id === undefined ? undefined : fromHex(id));
      await dropIfRefused(house, conversationId);
      return { messageId };
    });
  },

  prepareFile(contactId, messageId, file, asFile): Promise<Result> {
    const chosen = { contactId, messageId, file, asFile };
    return house.attempt(() => groupOf(house, contactId)?.attachments.prepare(chosen) ?? house.files.prepare(chosen));
  },

  discardFile(conversationId, messageId): Promise<Result> {
    return house.attempt(
      () =>
        groupOf(house, conversationId)?.attachments.discard(messageId) ??
        house.files.prepared.discard(conversationId, messageId),
    );
  },

  sendFiles(conversationId: string, files: readonly OutgoingFile[]): Promise<Result> {
    return house.attempt(async () => {
      if (groupOf(house, conversationId))
        return house.requireNetwork().groupHouse.groups.get(conversationId).attachments.send(files);
      await house.files.send(conversationId, files);
      await dropIfRefused(house, conversationId);
    });
  },

  cancelMessage(conversationId: string, messageId: string): Promise<Result> {
    return house.attempt(async () => {
      const group = groupOf(house, conversationId);
      if (group) return group.own.withdraw(messageId);
      await house.chat.writing.cancel(conversationId, messageId);
    });
  },

  retryMessage(conversationId: string, messageId: string): Promise<Result> {
    return house.attempt(async () => {
      if (groupOf(house, conversationId)) {
        const group = house.requireNetwork().groupHouse.groups.get(conversationId);
        return void ((await group.own.retry(messageId)) || (await group.attachments.retry(messageId)));
      }
      await turns.run(() => retry(house, conversationId, messageId));
    });
  },

  removeMessage(conversationId: string, messageId: string): Promise<Result> {
    return house.attempt(async () => {
      if (groupOf(house, conversationId))
        return house.requireNetwork().groupHouse.groups.get(conversationId).own.remove(messageId);
      if (!(await house.chat.writing.remove(conversationId, messageId, fileRecords))) return;
      const [last] = await house.chat.stored.list(conversationId, null, 1);
      house.board.removed(conversationId, messageId, last);
      await house.files.remove([fromHex(messageId)]);
    });
  },

  async markRead(conversationId: string, position: number): Promise<void> {
    const group = groupOf(house, conversationId);
    if (group) return readGroup(house, group, position);
    if (!house.chat.conversation(conversationId) || !Number.isSafeInteger(position)) return;
    await house.chat.markRead(conversationId, position);
  },

  cancelTransfer(conversationId: string, messageId: string): Promise<Result> {
    return house.attempt(async () => {
      const group = groupOf(house, conversationId);
      if (group) return group.attachments.cancel(messageId);
      await turns.run(() => cancel(house, conversationId, messageId));
    });
  },

  openAttachment(conversationId: string, messageId: string): Promise<Result<{ readonly blob: Blob }>> {
    const group = groupOf(house, conversationId);
    const open = () => group?.attachments.open(messageId) ?? house.files.open(conversationId, messageId);
    return house.attempt(async () => ({ blob: await open() }));
  },

  async draft(conversationId: string): Promise<string> {
    const bytes = await house.store.get('drafts', conversationId).catch(() => undefined);
    return bytes ? new TextDecoder().decode(bytes) : '';
  },

  async setDraft(conversationId: string, text: string): Promise<void> {
    // A composer that closes late must not leave anything of a contact who was removed.
    if (!house.chat.conversation(conversationId) && !groupOf(house, conversationId)) return;
    const write =
      text === ''
        ? ({ remove: 'drafts', key: conversationId } as const)
        : ({
            put: 'drafts',
            key: conversationId,
            // No character is cut in two.
            value: new TextEncoder().encode(text.slice(0, MAX_DRAFT_LENGTH).replace(/[\uD800-\uDBFF]$/, '')),
          } as const);
    await house.store.commit([write], 'relaxed').catch(() => {});
    house.board.draft(conversationId, text);
  },
});

// A file has a message and a record of its own: stopped and tried again in the same moment, both must end up saying the same.

async function retry(house: House, conversationId: string, messageId: string): Promise<void> {
  const contact = house.book.get(conversationId);
  if (!contact) throw new KithError('not-a-contact');
  const found = await house.chat.stored.message(conversationId, messageId);
  const { file } = found?.record ?? {};
  // What cannot be read here any more cannot be sent.
  if (file && !(await house.transfers.outgoing(conversationId, file))) throw new KithError('file-unreadable');
  try {
    await house.chat.writing.retry(conversationId, messageId);
  } catch (error) {
    // Its message stays dropped: nobody would offer it, and it would ask for ever.
    if (file && found?.record.state === 'dropped') await house.transfers.cancel(conversationId, file.fileId);
    throw error;
  }
  // Who blocked me may have thought again, so a retry waits to be told; who removed me has forgotten me.
  if (!worthMeeting(contact)) await dropIfRefused(house, conversationId);
}

async function cancel(house: House, conversationId: string, messageId: string): Promise<void> {
  const found = await house.chat.stored.message(conversationId, messageId);
  // All of it is there, and its message has not heard of it yet.
  if (found && house.transfers.isComplete(conversationId, fromHex(messageId), found.record.direction))
    return house.fates.noteEnd(conversationId, messageId, undefined, false);
  if (!(await house.chat.writing.cancel(conversationId, messageId))) {
    await house.chat.files.stop(conversationId, messageId, 'file-cancelled');
  }
  await house.transfers.cancel(conversationId, fromHex(messageId));
}

/** Who refuses me refuses this one too: say so at once instead of waiting for ever. */
async function dropIfRefused(house: House, conversationId: string): Promise<void> {
  const contact = house.book.get(conversationId);
  const reason = contact && refusedBy(contact);
  if (reason) await house.chat.housekeeping.refuseAll(conversationId, reason);
}

/** The person has seen everything up to this place: what came since they looked stays new. */
async function readGroup(house: House, group: LiveGroup, position: number): Promise<void> {
  // What waits, or was dropped, is my own.
  const last = group.transcript.items.findLast(({ is }) => is !== 'draft');
  if (last === undefined || (group.transcript.order.of(last.id) ?? 0) > position) return;
  await group.markSeen();
  house.board.changed();
}

const groupOf = (house: House, conversationId: string) => house.network?.groupHouse.groups.find(conversationId);
