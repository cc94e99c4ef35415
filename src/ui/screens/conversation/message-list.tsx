// The messages as a virtual list: only what is near the window is in the document, and always the newest 50. Where it
// stands is sticky-end.tsx's business.
import { useMemo } from 'preact/hooks';
import { Virtualizer } from 'virtua';
import type { Conversation } from '../../../app/conversation.ts';
import { dayOf } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { nameOf } from '../../../app/names.ts';
import type { ConversationView, Message } from '../../../app/views.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { focusMessages, useFocusKept } from '../../focus-kept.ts';
import { DownIcon } from '../../icons/icons.tsx';
import { MessageRow } from './message.tsx';
import { useCameAbove, useStickyEnd } from './sticky-end.tsx';

/** Always in the document, so that what one has just read can be searched and read out. */
const KEPT = 50;
/** Messages of one person within so many milliseconds stand together. */
const CLUSTER = 300_000;

function joined(a: Message | undefined, b: Message | undefined): boolean {
  if (a === undefined || b === undefined || a.direction !== b.direction || b.missingBefore > 0) return false;
  if (a.fromId !== b.fromId || a.system !== null || b.system !== null) return false;
  return b.at - a.at < CLUSTER && dayOf(a.at) === dayOf(b.at);
}

interface MessageListProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
  /** null between two. */
  readonly group: Group | null;
}

function Empty({ name }: { readonly name: string }) {
  const { t } = useApp();
  return (
    <div class="conversation-empty">
      <p class="conversation-hello">{t.conversation.empty(name)}</p>
      <p class="soft">{t.conversation.emptyHelp}</p>
    </div>
  );
}

export function MessageList({ conversation, view, group }: MessageListProps) {
  const { t, platform } = useApp();
  const { cache } = conversation;
  const messages = cache.messages.value;
  const count = messages.length;
  const { scroller, Container, onScroll, toEnd } = useStickyEnd(conversation, count);
  const cameAbove = useCameAbove(messages);
  const kept = useMemo(() => Array.from({ length: Math.min(KEPT, count) }, (_, index) => count - 1 - index), [count]);
  const firstUnread = conversation.firstUnreadId.value;
  const today = dayOf(platform.now());
  const name = nameOf(view, t);

  const row = (message: Message, index: number) => {
    const before = messages[index - 1];
    return (
      <MessageRow
        key={message.id}
        message={message}
        conversation={conversation}
        group={group}
        name={name}
        day={before === undefined || dayOf(before.at) !== dayOf(message.at) ? t.day(message.at, today) : null}
        isFirstUnread={message.id === firstUnread}
        joinsBefore={joined(before, message)}
        joinsAfter={joined(message, messages[index + 1])}
        isNewest={index === count - 1}
      />
    );
  };

  useFocusKept(scroller, focusMessages);

  return (
    <div class="messages-place">
      <div
        ref={scroller}
        class="messages"
        role="log"
        aria-live="off"
        aria-label={t.conversation.messages(name)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div class="messages-spring" />
        {cache.loaded.value && count === 0 && <Empty name={name} />}
        {count > 0 && (
          <Virtualizer
            as={Container}
            data={messages}
            scrollRef={scroller}
            shift={cameAbove}
            keepMounted={kept}
            onScroll={onScroll}
          >
            {row}
          </Virtualizer>
        )}
      </div>
      {!conversation.atEnd.value && count > 0 && (
        <IconButton class="to-newest" label={t.conversation.toNewest} onClick={toEnd}>
          <DownIcon />
          {view.unread > 0 && <span class="badge">{view.unread}</span>}
        </IconButton>
      )}
    </div>
  );
}
