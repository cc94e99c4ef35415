// What follows from whether a person is looking: read marks, the unread count in the title and on the icon, and a screen
// that stays awake while a file moves.
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ConversationView, KithNode, MessageView, Snapshot } from '../core/node-api.ts';
import type { Dictionary } from './i18n/en.ts';
import type { Platform } from './platform.ts';

/** A signal of the platform's attention. */
export function attentionSignal(platform: Platform): ReadonlySignal<boolean> {
  const looking = signal(platform.attention());
  platform.watchAttention(() => {
    looking.value = platform.attention();
  });
  return looking;
}

/** Messages that ask for attention: in a muted group only those that mention me. */
const wanted = (view: ConversationView): number => (view.kind === 'group' && view.muted ? view.mentions : view.unread);

export function showUnread(
  snapshot: ReadonlySignal<Snapshot | null>,
  platform: Platform,
  t: Dictionary,
): ReadonlySignal<number> {
  const unread = computed(() => (snapshot.value?.conversations ?? []).reduce((sum, view) => sum + wanted(view), 0));
  effect(() => {
    platform.setTitle(t.title(unread.value));
    platform.setBadge(unread.value);
  });
  return unread;
}

export interface Seen {
  readonly conversationId: string;
  readonly messages: ReadonlySignal<readonly MessageView[]>;
  /** The list is scrolled to its end. */
  readonly atEnd: ReadonlySignal<boolean>;
}

/** Marks as read what a looking person has on screen: the conversation is open, in focus and scrolled to its end. */
export class ReadMarks {
  readonly #marked = new Map<string, number>();

  constructor(node: KithNode, looking: ReadonlySignal<boolean>, open: ReadonlySignal<Seen | null>) {
    effect(() => {
      const seen = open.value;
      if (seen === null || !looking.value || !seen.atEnd.value) return;
      const newest = seen.messages.value.findLast(({ direction }) => direction === 'in');
      if (newest === undefined || newest.position <= (this.#marked.get(seen.conversationId) ?? -1)) return;
      this.#marked.set(seen.conversationId, newest.position);
      void node.markRead(seen.conversationId, newest.position);
    });
  }

  forget(conversationId: string): void {
    this.#marked.delete(conversationId);
  }
}

/** Which attachments move right now; the screen stays awake while there is one. */
export class MovingFiles {
  readonly #moving = new Map<string, string>();
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  update(messages: readonly MessageView[]): void {
    for (const { id, conversationId, attachment } of messages) {
      if (attachment?.state === 'transferring') this.#moving.set(id, conversationId);
      else this.#moving.delete(id);
    }
    this.#platform.keepAwake(this.#moving.size > 0);
  }

  forget(conversationId: string): void {
    for (const [id, of] of this.#moving) if (of === conversationId) this.#moving.delete(id);
    this.#platform.keepAwake(this.#moving.size > 0);
  }
}
