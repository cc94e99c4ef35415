// One conversation while a session with the contact lives: what goes out over it, and what this session alone remembers.
import type { ChatMessage } from '../wire/chat-messages.ts';
import type { ChatChannel, Outbox } from './outbox.ts';

export class Live {
  /** While a read mark is not noted yet: messages of mine that have been acknowledged after it, of which it does not speak. */
  ackedSinceMark: Set<string> | undefined;
  /** They have asked for what they lost: once in a session, for it costs me much and them nothing. */
  asked = false;
  private acks: { ids: Uint8Array[]; voids: Uint8Array[] } = { ids: [], voids: [] };
  /** Something that was here already is acknowledged once more: a read mark of before was not taken for it. */
  private marksAgain = false;

  constructor(
    readonly channel: ChatChannel,
    readonly outbox: Outbox,
    /** Tells them how far I have read. */
    private readonly sayMark: () => Promise<void>,
  ) {}

  /** What cannot be said now is said again when it is asked for again in the next session. */
  async say(message: ChatMessage): Promise<void> {
    await this.channel.send(message).catch(() => {});
  }

  /** What one commit stored is acknowledged in one message: the jobs of a commit settle in the same turn. `again`: it was here already. */
  acknowledge(kind: 'ids' | 'voids', id: Uint8Array, again = false): void {
    if (again) this.marksAgain = true;
    this.acks[kind].push(id);
    if (this.acks.ids.length + this.acks.voids.length > 1) return;
    queueMicrotask(() => {
      const { ids, voids } = this.acks;
      this.acks = { ids: [], voids: [] };
      void this.say({ type: 'ack', ids, voids });
      if (this.marksAgain) void this.sayMark();
      this.marksAgain = false;
    });
  }
}
