// The messages as a virtual list: only what is near the window is in the document, and always the newest 50. Sticks to
// its end while one reads there, keeps its place when older ones arrive above.
import type { ComponentProps, Ref } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { type CustomContainerComponentProps, Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Conversation } from '../../../app/conversation.ts';
import { dayOf } from '../../../app/format.ts';
import { nameOf } from '../../../app/names.ts';
import type { ConversationView, Message } from '../../../app/views.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { DownIcon } from '../../icons/icons.tsx';
import { MessageRow } from './message.tsx';

/** Always in the document, so that what one has just read can be searched and read out. */
const KEPT = 50;
/** Pixels from the end that still count as the end: a line of text. */
const END_SLACK = 48;
/** Pixels from the start at which the next page is fetched, before the start is reached. */
const FETCH_AHEAD = 800;
/** Messages of one person within so many milliseconds stand together. */
const CLUSTER = 300_000;

function joined(a: Message | undefined, b: Message | undefined): boolean {
  if (a === undefined || b === undefined || a.direction !== b.direction || b.missingBefore > 0) return false;
  return b.at - a.at < CLUSTER && dayOf(a.at) === dayOf(b.at);
}

const sizeOf = (box: HTMLElement) => `${box.offsetWidth} × ${box.offsetHeight}`;

/** The list's inner box, which tells after every change of its height. */
function growing(onGrow: () => void) {
  return function Container({ ref, style, children }: CustomContainerComponentProps & { ref?: Ref<HTMLElement> }) {
    useLayoutEffect(onGrow, [style.height]);
    return (
      <div ref={ref as Ref<HTMLDivElement>} style={style as NonNullable<ComponentProps<'div'>['style']>}>
        {children}
      </div>
    );
  };
}

/**
 * Scrolling that follows the end. The person's own scrolling up lets go; coming back takes hold again. Done by hand: the
 * virtual list's own scrollToIndex goes on pulling for a moment, against a person who scrolls meanwhile.
 */
function useStickyEnd(conversation: Conversation, count: number) {
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const offset = useRef(0);
  const hold = () => {
    const { current } = scroller;
    if (current !== null && conversation.atEnd.peek()) current.scrollTop = current.scrollHeight;
  };
  const toEnd = () => {
    conversation.atEnd.value = true;
    hold();
  };
  // A window that turns, a keyboard that opens, a composer that grows: none of them is the person scrolling, though the
  // browser moves the list for them and tells it as a scroll.
  const settledSize = useRef('');
  const settle = () => {
    if (scroller.current !== null) settledSize.current = sizeOf(scroller.current);
  };
  const onScroll = (now: number) => {
    const { current } = scroller;
    if (current === null) return;
    const left = current.scrollHeight - current.clientHeight - current.scrollTop;
    if (left <= END_SLACK) conversation.atEnd.value = true;
    else if (sizeOf(current) !== settledSize.current) hold();
    else if (now < offset.current - 1) conversation.atEnd.value = false;
    offset.current = now;
    if (now < FETCH_AHEAD) void conversation.cache.loadOlder();
  };
  // Messages that are measured, pictures that load, a composer that grows: all move the end. The list first settles its
  // own place; before anything is painted it is at the end again.
  const onResize = () => queueMicrotask(hold);
  useLayoutEffect(settle, []);
  useEffect(() => {
    if (scroller.current === null) return;
    const observer = new ResizeObserver(() => {
      hold();
      // The scroll that the browser did for this size is told in the next frame, and one more for what was measured then.
      requestAnimationFrame(() => requestAnimationFrame(settle));
    });
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [conversation]);
  const Container = useMemo(() => growing(onResize), [conversation]);
  useLayoutEffect(hold, [count]);
  const jump = conversation.jumpToEnd.value;
  useLayoutEffect(toEnd, [jump]);
  return { list, scroller, Container, onScroll, onResize, toEnd };
}

interface MessageListProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
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

export function MessageList({ conversation, view }: MessageListProps) {
  const { t, platform } = useApp();
  const { cache } = conversation;
  const messages = cache.messages.value;
  const count = messages.length;
  const { list, scroller, Container, onScroll, onResize, toEnd } = useStickyEnd(conversation, count);
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
        name={name}
        day={before === undefined || dayOf(before.at) !== dayOf(message.at) ? t.day(message.at, today) : null}
        isFirstUnread={message.id === firstUnread}
        joinsBefore={joined(before, message)}
        joinsAfter={joined(message, messages[index + 1])}
        isNewest={index === count - 1}
      />
    );
  };

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
            ref={list}
            as={Container}
            data={messages}
            scrollRef={scroller}
            shift={cache.prepended > 0}
            keepMounted={kept}
            onScroll={onScroll}
            onResize={onResize}
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
