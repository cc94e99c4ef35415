// Sending and opening files: checks before anything is sent, offers what is sealed; opens as a type that cannot run at our origin.
import { fromHex, toHex } from '../bytes/hex.ts';
import type { Chat } from '../chat/chat.ts';
import type { WithFiles } from '../chat/records.ts';
import { KithError } from '../errors.ts';
import { cleanFileName, cleanMediaType } from '../identity/names.ts';
import type { OutgoingFile } from '../node-api.ts';
import type { Random } from '../ports/random.ts';
import type { PreparedFile, Transfers } from '../transfer/transfers.ts';
import { MAX_THUMBNAIL_BYTES } from '../wire/limits.ts';
import { type ChosenFile, PreparedFiles } from './prepared-files.ts';

/** Bytes of a message's id, which is its file's. */
const ID_BYTES = 16;

export interface FilesOptions {
  readonly chat: Chat;
  readonly transfers: Transfers;
  readonly random: Random;
  readonly maxFileBytes: () => number;
}

export class Files {
  readonly prepared: PreparedFiles<PreparedFile>;

  constructor(private readonly options: FilesOptions) {
    this.prepared = new PreparedFiles(options.transfers);
  }

  /**
   * Seals a file that waits to be sent as this message.
   * @throws KithError 'file-too-large' | 'not-a-contact' | 'internal' (an id of another length); what sealing throws
   */
  async prepare(chosen: ChosenFile): Promise<void> {
    this.checkSize(chosen.file);
    if (!this.options.chat.conversation(chosen.contactId)) throw new KithError('not-a-contact');
    if (fromHex(chosen.messageId).length !== ID_BYTES) throw new KithError('internal');
    await this.prepared.prepare(chosen);
  }

  /** One message per file, in order. @throws KithError 'file-too-large' before anything is sent; what sealing throws later. */
  async send(contactId: string, files: readonly OutgoingFile[]): Promise<void> {
    for (const { file } of files) this.checkSize(file);
    for (const file of files) await this.sendOne(contactId, file);
  }

  private checkSize({ size }: File): void {
    const limit = this.options.maxFileBytes();
    if (size > limit) throw new KithError('file-too-large', { limit });
  }

  private async sendOne(contactId: string, { file, thumbnail, asFile = false, ...more }: OutgoingFile): Promise<void> {
    const { chat, transfers, random } = this.options;
    const messageId = more.messageId ?? toHex(random.bytes(ID_BYTES));
    if (await chat.stored.message(contactId, messageId)) return;
    const sealed = await this.prepared.take({ contactId, messageId, file, asFile });
    const fileId = fromHex(messageId);
    const offer = {
      fileId,
      ...sealed,
      name: cleanFileName(file.name),
      mediaType: cleanMediaType(file.type),
      ...(thumbnail && thumbnail.length <= MAX_THUMBNAIL_BYTES ? { thumbnail } : {}),
    };
    try {
      if (!(await transfers.outgoing(contactId, offer))) throw new KithError('file-cancelled');
      await chat.writing.file(contactId, offer);
    } catch (error) {
      await transfers.forget(fileId);
      throw error;
    }
  }

  /** The whole file. What is not a picture, film or sound by its own bytes comes as bytes to be saved, never to be shown. */
  async open(contactId: string, messageId: string): Promise<Blob> {
    const found = await this.options.chat.stored.message(contactId, messageId);
    if (!found?.record.file) throw new KithError('file-unreadable');
    if (found.record.direction === 'in' && found.record.fileState !== 'complete')
      throw new KithError('file-unreadable');
    const { opened } = await import('./opened-file.ts');
    return opened((type) => this.options.transfers.openFile(fromHex(messageId), type));
  }

  async remove(fileIds: readonly Uint8Array[]): Promise<void> {
    for (const id of fileIds) await this.options.transfers.forget(id);
  }
}

/** In one commit with the messages: a page that dies right after leaves no file behind that nobody can see. */
export const fileRecords: WithFiles = (fileIds) => fileIds.map((id) => ({ remove: 'files', key: toHex(id) }));
