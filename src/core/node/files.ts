// Sending and opening files: checks before anything is sent, seals, offers; opens as a type that cannot run at our origin.
import { fromHex } from '../bytes/hex.ts';
import type { Chat } from '../chat/chat.ts';
import { KithError, kindOf } from '../errors.ts';
import { cleanFileName, cleanMediaType, OPAQUE_TYPE } from '../identity/names.ts';
import type { OutgoingFile } from '../node-api.ts';
import type { Random } from '../ports/random.ts';
import { withoutMetadata } from '../transfer/metadata.ts';
import { PREVIEW_HEAD_BYTES, previewType } from '../transfer/sniff.ts';
import type { Transfers } from '../transfer/transfers.ts';
import { MAX_THUMBNAIL_BYTES } from '../wire/limits.ts';

export interface FilesOptions {
  readonly chat: Chat;
  readonly transfers: Transfers;
  readonly random: Random;
  readonly maxFileBytes: () => number;
}

export class Files {
  constructor(private readonly options: FilesOptions) {}

  /** One message per file, in order. @throws KithError 'file-too-large' before anything is sealed; what sealing throws later. */
  async send(contactId: string, files: readonly OutgoingFile[]): Promise<void> {
    const limit = this.options.maxFileBytes();
    if (files.some(({ file }) => file.size > limit)) throw new KithError('file-too-large', { limit });
    for (const file of files) await this.sendOne(contactId, file);
  }

  private async sendOne(contactId: string, { file, thumbnail, asFile, messageId }: OutgoingFile): Promise<void> {
    const { chat, transfers, random } = this.options;
    const fileId = messageId === undefined ? random.bytes(16) : fromHex(messageId);
    if (messageId !== undefined && (await chat.message(contactId, messageId))) return;
    // Sealed for a call that died before its message was written: nobody has seen it, so it is sealed afresh.
    await transfers.forget(fileId);
    const prepared = await transfers.prepare(contactId, fileId, asFile ? file : await asPhoto(file));
    const offer = {
      fileId,
      ...prepared,
      name: cleanFileName(file.name),
      mediaType: cleanMediaType(file.type),
      ...(thumbnail && thumbnail.length <= MAX_THUMBNAIL_BYTES ? { thumbnail } : {}),
    };
    try {
      await chat.writing.file(contactId, offer);
    } catch (error) {
      await transfers.forget(fileId);
      throw error;
    }
    await transfers.outgoing(contactId, offer);
  }

  /** The whole file. What is not a picture, film or sound by its own bytes comes as bytes to be saved, never to be shown. */
  async open(contactId: string, messageId: string): Promise<Blob> {
    const found = await this.options.chat.message(contactId, messageId);
    if (!found?.record.file) throw new KithError('file-unreadable');
    if (found.record.direction === 'in' && found.record.fileState !== 'complete')
      throw new KithError('file-unreadable');
    const blob = await this.options.transfers.openFile(fromHex(messageId), OPAQUE_TYPE);
    const type = previewType(new Uint8Array(await blob.slice(0, PREVIEW_HEAD_BYTES).arrayBuffer()));
    return type ? blob.slice(0, blob.size, type) : blob;
  }

  async remove(fileIds: readonly Uint8Array[]): Promise<void> {
    for (const id of fileIds) await this.options.transfers.forget(id);
  }
}

/** Without what a photo says of where it was taken. @throws KithError 'photo-unreadable': as a file it can still be sent. */
async function asPhoto(file: File): Promise<Blob> {
  try {
    return await withoutMetadata(file);
  } catch (error) {
    // A file that is gone fails to be read here too; sealing tells that apart.
    if (kindOf(error) !== 'file-unreadable' || !(await isReadable(file))) throw error;
    throw new KithError('photo-unreadable', {}, { cause: error });
  }
}

async function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}
