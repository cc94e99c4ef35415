// Where the list of messages stands: at its end while the person reads there, in its place otherwise, and never at a start
// above which older messages wait to be fetched.
import type { ComponentProps, Ref } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { CustomContainerComponentProps } from 'virtua';
import type { Conversation } from '../../../app/conversation.ts';
import type { Message } from '../../../app/views.ts';

/** Pixels from the end that still count as the end: a line of text. */
const END_SLACK = 48;
/** Pixels from the start at which the next page is fetched, before the start is reached. */
const FETCH_AHEAD = 800;

/** The list's inner box. It tells after every change of the document, and before the list corrects its place for it. */
function telling(onChange: () => void) {
  return function Container({ ref, style, children }: CustomContainerComponentProps & { ref?: Ref<HTMLElement> }) {
    useLayoutEffect(onChange);
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
export function useStickyEnd(conversation: Conversation, count: number) {
  const scroller = useRef<HTMLDivElement>(null);
  /** Where the list was last seen. Only a person moves it up from there without bringing its end nearer. */
  const place = useRef(0);
  const height = useRef(0);

  /** Notices that the person has scrolled, also when no event has told it yet, as it only does in the next frame. */
  const look = (): void => {
    const { current } = scroller;
    if (current === null) return;
    const left = current.scrollHeight - current.clientHeight - current.scrollTop;
    if (left <= END_SLACK) conversation.atEnd.value = true;
    else if (current.scrollTop < place.current - 1) conversation.atEnd.value = false;
    place.current = current.scrollTop;
  };
  const hold = (): void => {
    const { current } = scroller;
    if (current === null || !conversation.atEnd.peek()) return;
    current.scrollTop = current.scrollHeight;
    place.current = current.scrollTop;
    height.current = current.scrollHeight;
  };
  // Who rests at the very start scrolls no further, and no event comes: asked again whenever something has changed.
  const fetchAhead = (): void => {
    if ((scroller.current?.scrollTop ?? FETCH_AHEAD) < FETCH_AHEAD) void conversation.cache.loadOlder();
  };
  const settle = (): void => {
    hold();
    fetchAhead();
  };
  const toEnd = (): void => {
    conversation.atEnd.value = true;
    hold();
  };

  // Messages that are measured, pictures that load: all move the end, and the list itself may move its place for them. Before
  // anything is painted it is at the end again. Nothing is held where nothing moved: a person may be on their way up.
  const onChange = (): void => {
    const held = conversation.atEnd.peek();
    if (held) look();
    queueMicrotask(() => {
      const { scrollTop, scrollHeight } = scroller.current ?? { scrollTop: 0, scrollHeight: 0 };
      if (held && (scrollTop !== place.current || scrollHeight !== height.current)) hold();
      fetchAhead();
    });
  };
  const Container = useMemo(() => telling(onChange), [conversation]);
  // A window that turns, a keyboard that opens, a composer that grows.
  useEffect(() => {
    if (scroller.current === null) return;
    const observer = new ResizeObserver(() => {
      look();
      settle();
    });
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [conversation]);
  useLayoutEffect(settle, [count]);
  const jump = conversation.jumpToEnd.value;
  useLayoutEffect(toEnd, [jump]);

  const onScroll = (): void => {
    look();
    fetchAhead();
  };
  return { scroller, Container, onScroll, toEnd };
}

/** Whether messages have come in above those of the last drawing: the list then keeps its place from its end. */
export function useCameAbove(messages: readonly Message[]): boolean {
  const first = useRef<string | undefined>(undefined);
  const before = first.current;
  first.current = messages[0]?.id;
  return before !== undefined && before !== first.current && messages.some(({ id }) => id === before);
}
