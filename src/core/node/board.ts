// The notice board: what every screen is told. Collects changes and tells them together, a snapshot at most every few
// milliseconds, so that a burst of messages or a moving file does not redraw the list for each.
import type { ChangedMessage } from '../chat/ledger.ts';
import { type ErrorKind, kindOf } from '../errors.ts';
import type { GroupView, KithNode, MailboxErrand, MessageView, NodeEvent, Snapshot } from '../node-api.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** One frame of a screen is 16 ms; nobody sees more. */
const SNAPSHOT_EVERY_MS = 16;

export class Board {
  private readonly listeners = new Set<(event: NodeEvent) => void>();
  private readonly lastMessages = new Map<string, ChangedMessage>();
  private timer = false;
  private current: Snapshot | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly compose: () => Snapshot,
  ) {}

  subscribe: KithNode['subscribe'] = (listener) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  snapshot(): Snapshot {
    this.current ??= this.compose();
    return this.current;
  }

  /** Something a snapshot shows has changed. */
  changed(): void {
    this.current = undefined;
    if (this.timer) return;
    this.timer = true;
    this.clock.after(SNAPSHOT_EVERY_MS, () => {
      this.timer = false;
      this.tell({ type: 'snapshot', snapshot: this.snapshot() });
    });
  }

  messages(conversationId: string, messages: readonly MessageView[]): void {
    if (messages.length > 0) this.tell({ type: 'messages', conversationId, messages });
  }

  cleared(conversationId: string): void {
    this.lastMessages.delete(conversationId);
    this.tell({ type: 'cleared', conversationId });
    this.changed();
  }

  draft(conversationId: string, text: string): void {
    this.tell({ type: 'draft', conversationId, text });
  }

  group(group: GroupView): void {
    this.tell({ type: 'group', group });
  }

  errand(errand: MailboxErrand): void {
    this.tell({ type: 'errand', errand });
  }

  erased(): void {
    this.tell({ type: 'erased' });
  }

  /** `untouched`: why nothing was. */
  replaced(untouched?: ErrorKind): void {
    this.tell({ type: 'replaced', ...(untouched && { untouched }) });
  }

  locked(): void {
    this.tell({ type: 'locked' });
  }

  /** `last`: what is now the newest message. */
  removed(conversationId: string, messageId: string, last: ChangedMessage | undefined): void {
    if (last) this.lastMessages.set(conversationId, last);
    else this.lastMessages.delete(conversationId);
    this.tell({ type: 'removed', conversationId, messageId });
    this.changed();
  }

  last(conversationId: string): ChangedMessage | undefined {
    return this.lastMessages.get(conversationId);
  }

  setLast(conversationId: string, message: ChangedMessage): void {
    this.lastMessages.set(conversationId, message);
  }

  private tell(event: NodeEvent): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        // A screen that fails must not make what was stored look as if it had not been.
        this.log('error', 'listener failed', { kind: kindOf(error) });
      }
    }
  }
}
