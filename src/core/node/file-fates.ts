// What becomes of files, told to their messages: on the way, complete, ended with a reason.
import { toHex } from '../bytes/hex.ts';
import type { Chat } from '../chat/chat.ts';
import type { ChangedMessage } from '../chat/ledger.ts';
import type { StoredDropReason } from '../chat/records.ts';
import type { ErrorKind } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { TransferEvent, Transfers } from '../transfer/transfers.ts';
import { inBackground } from './background.ts';
import { MovingFiles } from './moving-files.ts';
import type { StorageWatch } from './storage-watch.ts';
import type { LiveTransfer } from './views.ts';

export interface FileFatesOptions {
  readonly chat: Chat;
  readonly transfers: () => Pick<Transfers, 'isComplete' | 'hasEnded'>;
  readonly storage: StorageWatch;
  readonly clock: Clock;
  readonly log: Log;
  /** A file's message is to be drawn anew. */
  readonly show: (contactId: string, message: ChangedMessage) => void;
}

export class FileFates {
  private readonly moving: MovingFiles;
  private closed = false;

  constructor(private readonly options: FileFatesOptions) {
    this.moving = new MovingFiles(options.clock, (contactId, fileId) =>
      inBackground(options.log, 'file not shown', this.show(contactId, fileId)),
    );
  }

  /** How far one is that moves now. `fileId`: hex. */
  live(fileId: string): LiveTransfer | undefined {
    return this.moving.get(fileId);
  }

  async happened(event: TransferEvent): Promise<void> {
    const { contactId, fileId, state, progress, error } = event;
    if (state !== 'complete' && state !== 'failed') return this.moving.moved(contactId, fileId, { state, progress });
    this.moving.ended(fileId);
    await this.noteEnd(contactId, fileId, error, event.byThem === true);
    await this.show(contactId, fileId);
    if (event.direction === 'in' && !event.byThem) await this.tellRoom(contactId, fileId, error);
  }

  /** Whether there was room for it here. */
  private async tellRoom(contactId: string, fileId: string, error: ErrorKind | undefined): Promise<void> {
    if (error !== undefined && error !== 'disk-full') return;
    const { chat, storage } = this.options;
    const found = await chat.stored.message(contactId, fileId);
    const bytes = found?.record.file?.size ?? 0;
    if (error === undefined) storage.fileFit(bytes);
    else storage.fileDidNotFit(bytes);
  }

  /** Tells its message; without room for that it would wait for ever for a file that has ended. `error`: undefined when all of it is there. */
  noteEnd(contactId: string, fileId: string, error: ErrorKind | undefined, byThem: boolean): Promise<void> {
    const { chat, transfers } = this.options;
    const state = error === undefined ? 'complete' : 'failed';
    const isWanted = () => !this.closed && transfers().hasEnded(fileId, state);
    const work = fileEnd(chat, contactId, fileId, error, byThem);
    return chat.notes(contactId).note({ about: `file ${fileId}`, isWanted, work });
  }

  /** The page may have died after the file was complete and before its message knew. */
  tellComplete(contactId: string, fileId: Uint8Array): void {
    const { chat, transfers, log } = this.options;
    if (transfers().isComplete(contactId, fileId, 'in'))
      inBackground(log, 'end of a file not noted', chat.files.complete(contactId, toHex(fileId)));
  }

  close(): void {
    this.closed = true;
  }

  private async show(contactId: string, fileId: string): Promise<void> {
    const message = await this.options.chat.stored.message(contactId, fileId);
    if (message) this.options.show(contactId, message);
  }
}

/** What tells it to its message. `fileId`: hex. `error`: undefined when all of it is there. `byThem`: the other side ended it. */
function fileEnd(
  chat: Chat,
  contactId: string,
  fileId: string,
  error: string | undefined,
  byThem: boolean,
): () => Promise<unknown> {
  if (error === undefined) return chat.files.completion(contactId, fileId);
  if (error === 'file-cancelled' && !byThem) return () => chat.files.stop(contactId, fileId, error);
  return () => chat.files.refused(contactId, fileId, dropReasonOf(error), error);
}

function dropReasonOf(error: string): StoredDropReason {
  if (error === 'file-too-large') return 'too-large';
  if (error === 'disk-full') return 'disk-full';
  return error === 'file-cancelled' ? 'declined' : 'damaged';
}
