// What a person may do with files in a group's conversation.
import { fromHex } from '../../../bytes/hex.ts';
import { KithError } from '../../../errors.ts';
import { hasJoined } from '../../../group/members-view.ts';
import type { OutgoingFile } from '../../../node-api.ts';
import type { ChosenFile } from '../../prepared-files.ts';
import type { LiveGroup } from '../live-group.ts';

const ID_BYTES = 16;

export class Attachments {
  constructor(private readonly live: LiveGroup) {}

  /** Seals a file that waits to be sent. @throws KithError 'group-not-member' | 'file-too-large'; what sealing throws */
  async prepare(chosen: ChosenFile): Promise<void> {
    this.requireMember();
    this.checkSizes([chosen.file]);
    if (fromHex(chosen.messageId).length !== ID_BYTES) throw new KithError('internal');
    await this.live.files.prepared.prepare(chosen);
  }

  /** It will not be sent. */
  discard(messageId: string): Promise<void> {
    return this.live.files.prepared.discard(this.live.id, messageId);
  }

  /** One message for each, in order; those that are there already are not sent again. @throws as `prepare` before anything is sent */
  async send(files: readonly OutgoingFile[]): Promise<void> {
    this.requireMember();
    this.checkSizes(files.map(({ file }) => file));
    const { live } = this;
    for (const file of files) {
      const id = file.messageId === undefined ? live.options.random.bytes(ID_BYTES) : fromHex(file.messageId);
      if (live.own.isThere(id)) continue;
      const draft = await live.files.seal(file, id);
      try {
        // Sealing takes seconds: I may have been removed meanwhile.
        this.requireMember();
        await live.group.write(draft);
      } catch (error) {
        if (!live.own.isThere(id)) await live.files.forget(id);
        throw error;
      }
    }
  }

  /** Of the message with this id on the screen. @throws KithError 'file-unreadable' when it is no file or not whole */
  open(itemId: string): Promise<Blob> {
    return this.live.files.open(this.live.transcript.hashOf(itemId));
  }

  /** Fetches it no further; one of mine that has not left is taken back. */
  async cancel(itemId: string): Promise<void> {
    await this.live.own.withdraw(itemId);
    await this.live.files.cancel(this.live.transcript.hashOf(itemId));
  }

  /** Of one that failed. */
  async retry(itemId: string): Promise<void> {
    await this.live.files.retry(this.live.transcript.hashOf(itemId));
  }

  private requireMember(): void {
    const { group } = this.live;
    if (!hasJoined(group.members.view, group.id)) throw new KithError('group-not-member');
  }

  private checkSizes(files: readonly Blob[]): void {
    const limit = this.live.options.maxFileBytes();
    if (files.some(({ size }) => size > limit)) throw new KithError('file-too-large', { limit });
  }
}
