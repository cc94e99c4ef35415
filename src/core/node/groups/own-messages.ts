// What I write in a group's conversation: until it leaves, and when it was dropped because I was outside or did not count.
import { equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { KithError } from '../../errors.ts';
import type { Shown } from '../../group/history/history.ts';
import { hasJoined } from '../../group/members-view.ts';
import type { Mention } from '../../node-api.ts';
import { MAX_MENTIONS } from '../../wire/group-limits.ts';
import type { LiveGroup } from './live-group.ts';
import { isDropped } from './transcript.ts';

interface WrittenText {
  readonly text: string;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly mentions: readonly Mention[];
}

export class OwnMessages {
  constructor(private readonly live: LiveGroup) {}

  /** @throws KithError 'group-not-member' when I do not belong to it */
  async write({ text, id, mentions }: WrittenText): Promise<void> {
    const { group } = this.live;
    if (!hasJoined(group.members.view, group.id)) throw new KithError('group-not-member');
    if (this.isThere(id)) return;
    const named = mentions
      .slice(0, MAX_MENTIONS)
      .map(({ start, length, memberId }) => ({ start, length, member: fromHex(memberId) }));
    const body = { type: 'text', text, ...(named.length === 0 ? {} : { mentions: named }) } as const;
    await group.write({ id, body });
  }

  /** One with this id (16 bytes) waits, or has left. */
  isThere(id: Uint8Array): boolean {
    const { group } = this.live;
    return group.history.hasId(group.id, id) || group.drafts.some((draft) => equalBytes(draft.id, id));
  }

  /** Thought better of by whoever wrote it, or on its way once more. */
  isRemoved({ entry, verdict }: Shown): boolean {
    if (verdict !== 'void') return false;
    return this.live.disk.isRemoved(entry.hash) || this.isThere(entry.message.id);
  }

  /** Takes back what waits, or waited; what has left stays. @param id 32 hexadecimal digits */
  async withdraw(id: string): Promise<void> {
    const { group, files } = this.live;
    const draft = group.drafts.find((one) => toHex(one.id) === id);
    if (!draft || !(await group.withdraw(draft.id)) || draft.body.type !== 'file') return;
    // One that left before and did not count is dropped again, with its file.
    if (group.history.lost(group.id, draft.id) === undefined) await files.forget(draft.id);
  }

  /** One that was dropped goes after all. False: it is nothing of that kind. @throws KithError 'group-not-member' */
  async retry(itemId: string): Promise<boolean> {
    if (!this.isUnsent(itemId)) return false;
    await this.live.group.retry(fromHex(itemId));
    return true;
  }

  /** One that was dropped goes from the screen, with its file. */
  async remove(itemId: string): Promise<void> {
    if (!this.isUnsent(itemId)) return;
    const { group, disk, files } = this.live;
    // It may have left once before, and wait again.
    const lost = group.history.lost(group.id, fromHex(itemId));
    if (lost) {
      await disk.remove(lost.hash);
      this.live.showChanges([]);
    }
    await this.withdraw(itemId);
    // Said to go once more meanwhile, it has left, and its file with it.
    if (!lost || this.isThere(lost.message.id)) return;
    await files.discard(lost, (entry) => group.history.verdict(entry) !== 'void');
  }

  private isUnsent(itemId: string): boolean {
    const item = this.live.transcript.find(itemId);
    return item !== undefined && (item.is === 'draft' || isDropped(item));
  }
}
