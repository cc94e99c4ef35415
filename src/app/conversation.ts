// One conversation as its screen sees it: messages in memory, the composer, where the list is scrolled to, and what one
// can do to the contact.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ConversationView, KithNode, MessageView, Result } from '../core/node-api.ts';
import { Composer } from './composer.ts';
import { MessageCache } from './message-cache.ts';
import type { Platform } from './platform.ts';

/** Choices for giving up on delivery, milliseconds; 0 = never. */
export const giveUpChoices = { never: 0, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

export interface ConversationParts {
  readonly node: KithNode;
  readonly platform: Platform;
  readonly view: ReadonlySignal<ConversationView | undefined>;
  readonly maxFileBytes: () => number;
  /** Tells the person about a failure that has no place of its own on the screen. */
  readonly failed: (result: Result<unknown>) => void;
}

export class Conversation {
  readonly id: string;
  readonly view: ReadonlySignal<ConversationView | undefined>;
  readonly cache: MessageCache;
  readonly composer: Composer;
  readonly atEnd = signal(true);
  /** Rises when the list should jump to its end whatever the person was reading: they sent something. */
  readonly jumpToEnd = signal(0);
  readonly #parts: ConversationParts;
  /** The message above which "New messages" stands; null when everything had been read on opening. */
  readonly firstUnreadId = signal<string | null>(null);

  constructor(id: string, parts: ConversationParts) {
    this.id = id;
    this.#parts = parts;
    this.view = parts.view;
    this.cache = new MessageCache((before, limit) => parts.node.listMessages(id, before, limit));
    this.composer = new Composer(parts.node, parts.platform, id, parts.maxFileBytes);
  }

  /** The screen opens: newest page and draft. */
  async open(): Promise<void> {
    this.atEnd.value = true;
    const unread = this.view.peek()?.unread ?? 0;
    await Promise.all([this.cache.open(), this.composer.open()]);
    this.firstUnreadId.value = firstUnread(this.cache.messages.peek(), unread);
  }

  /** The screen closes. */
  close(): void {
    this.composer.flush();
    this.cache.trim();
    this.firstUnreadId.value = null;
  }

  /** The conversation was removed. */
  dispose(): void {
    this.composer.dispose();
  }

  async send(): Promise<void> {
    const sending = this.composer.send();
    this.firstUnreadId.value = null;
    this.jumpToEnd.value += 1;
    await sending;
  }

  readonly cancel = (messageId: string) => this.#do((node) => node.cancelMessage(this.id, messageId));
  readonly retry = (messageId: string) => this.#do((node) => node.retryMessage(this.id, messageId));
  readonly removeMessage = (messageId: string) => this.#do((node) => node.removeMessage(this.id, messageId));
  readonly cancelTransfer = (messageId: string) => this.#do((node) => node.cancelTransfer(this.id, messageId));
  readonly setNickname = (nickname: string) => this.#do((node) => node.setNickname(this.id, nickname));
  readonly setGiveUpAfter = (milliseconds: number) => this.#do((node) => node.setGiveUpAfter(this.id, milliseconds));
  readonly block = () => this.#do((node) => node.block(this.id));
  readonly unblock = () => this.#do((node) => node.unblock(this.id));
  readonly clear = () => this.#do((node) => node.clearConversation(this.id));
  readonly remove = () => this.#do((node) => node.removeContact(this.id));

  async #do(act: (node: KithNode) => Promise<Result>): Promise<boolean> {
    const result = await act(this.#parts.node).catch(() => ({ ok: false, kind: 'internal', detail: {} }) as const);
    if (!result.ok) this.#parts.failed(result);
    return result.ok;
  }

  async save(message: MessageView): Promise<void> {
    const { node, platform, failed } = this.#parts;
    const opened = await node.openAttachment(this.id, message.id);
    if (!opened.ok) return failed(opened);
    // The declared type is a stranger's word: a saved file is plain bytes under its name.
    platform.download(opened.value.blob, message.attachment?.name ?? 'file');
  }
}

/** The first of the last `unread` incoming messages, when it is in memory. */
export function firstUnread(messages: readonly MessageView[], unread: number): string | null {
  let left = unread;
  for (let index = messages.length - 1; index >= 0 && left > 0; index -= 1) {
    const message = messages[index];
    if (message?.direction !== 'in' || message.system !== null) continue;
    left -= 1;
    if (left === 0) return message.id;
  }
  return null;
}
