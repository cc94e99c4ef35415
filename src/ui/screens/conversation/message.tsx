// One message: what stands above it (day, gap, new), the bubble, and what became of it.
import { useSignal } from '@preact/signals';
import { memo } from 'preact/compat';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { isOnlyEmoji } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { pieces } from '../../../app/rich-text.ts';
import type { Message } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { StateIcon } from '../../components/state-icon.tsx';
import { useApp } from '../../context.ts';
import { focusMessages } from '../../focus-kept.ts';
import { useGroupWords } from '../../group-words.ts';
import { Author, GroupGap, MentionText, ReceiptsButton, SystemLine, TwoFaced } from '../group/message-parts.tsx';
import { AttachmentCard } from './attachment.tsx';

interface MessageRowProps {
  readonly message: Message;
  readonly conversation: Conversation;
  /** null between two. */
  readonly group: Group | null;
  readonly name: string;
  /** The day that begins with this message, in words. */
  readonly day: string | null;
  readonly isFirstUnread: boolean;
  readonly joinsBefore: boolean;
  readonly joinsAfter: boolean;
  readonly isNewest: boolean;
}

/** Text as words and links; never markup. */
function RichText({ text }: { readonly text: string }) {
  return (
    <>
      {pieces(text).map(({ text: words, href, host }, index) =>
        href === null ? (
          words
        ) : (
          <a
            key={index}
            href={href}
            target="_blank"
            rel="noreferrer noopener"
            title={host ?? undefined}
            data-host={host ?? undefined}
          >
            {words}
          </a>
        ),
      )}
    </>
  );
}

/** Long texts stand whole in the document and are cut by CSS only. */
function Text({ message, group }: Pick<MessageRowProps, 'message' | 'group'>) {
  const { t } = useApp();
  const { text } = message;
  const box = useRef<HTMLDivElement>(null);
  const isLong = useSignal(false);
  const isOpen = useSignal(false);
  useLayoutEffect(() => {
    const { current } = box;
    if (current !== null && !isOpen.peek()) isLong.value = current.scrollHeight > current.clientHeight + 4;
  }, [text]);
  return (
    <>
      <div
        ref={box}
        class="text"
        data-testid="message-text"
        data-clamped={!isOpen.value}
        data-emoji={isOnlyEmoji(text)}
        dir="auto"
      >
        {group === null || message.mentions.length === 0 ? (
          <RichText text={text} />
        ) : (
          <MentionText message={message} group={group} plain={(words) => <RichText text={words} />} />
        )}
      </div>
      {isLong.value && (
        <button
          type="button"
          class="show-more"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.peek();
          }}
        >
          {isOpen.value ? t.conversation.showLess : t.conversation.showMore}
        </button>
      )}
    </>
  );
}

function Meta({ message, conversation, group }: Pick<MessageRowProps, 'message' | 'conversation' | 'group'>) {
  const { t } = useApp();
  const out = message.direction === 'out';
  const isText = message.attachment === null;
  return (
    <div class="meta">
      <time dateTime={new Date(message.at).toISOString()} title={t.moment(message.at)}>
        {t.time(message.at)}
      </time>
      {out && <StateIcon state={message.state} />}
      {group !== null && <ReceiptsButton message={message} group={group} />}
      {out && isText && message.state === 'queued' && message.cancellable && (
        <button
          type="button"
          class="meta-button"
          data-testid="message-cancel"
          aria-label={t.conversation.cancelQueued}
          onClick={() => void conversation.cancel(message.id)}
        >
          {t.cancel}
        </button>
      )}
    </div>
  );
}

function Dropped({ message, conversation }: { readonly message: Message; readonly conversation: Conversation }) {
  const app = useApp();
  const { t } = app;
  const words = useGroupWords().talk;
  const why = message.reason === null ? '' : t.dropReason(message.reason);
  const view = conversation.view.value;
  // From outside a group nothing goes into it.
  const isOut = view?.kind === 'group' && view.standing !== 'active';
  const remove = async () => {
    // The button goes with the message: the focus stays among the messages.
    const asked =
      message.reason === 'not-counted'
        ? (await app.questions.ask(words.removeLost)) && conversation.removeMessage(message.id)
        : app.askAndRemove(conversation, message.id);
    if (await asked) focusMessages();
  };
  return (
    <div class="dropped" data-reason={message.reason ?? undefined}>
      <span>
        {t.messageState.dropped}
        {why !== '' && `: ${why}`}
      </span>
      <span class="dropped-buttons">
        {!isOut && (
          <Button compact look="quiet" data-testid="message-retry" onClick={() => void conversation.retry(message.id)}>
            {t.conversation.retry}
          </Button>
        )}
        <Button compact look="quiet-danger" data-testid="message-remove" onClick={() => void remove()}>
          {t.conversation.remove}
        </Button>
      </span>
    </div>
  );
}

function Above({
  message,
  group,
  day,
  isFirstUnread,
}: Pick<MessageRowProps, 'message' | 'group' | 'day' | 'isFirstUnread'>) {
  const { t } = useApp();
  return (
    <>
      {day !== null && (
        <p class="day">
          <span>{day}</span>
        </p>
      )}
      {message.missingBefore > 0 &&
        (group === null ? (
          <p class="gap">{t.conversation.gap(message.missingBefore)}</p>
        ) : (
          <GroupGap count={message.missingBefore} />
        ))}
      {isFirstUnread && <p class="unread-line">{t.conversation.unreadLine}</p>}
    </>
  );
}

/** Whether the time stands in the last line of the text: not where characters that turn the direction move its place. */
function hasInlineMeta({ attachment, text, state, cancellable, receipts }: Message): boolean {
  const asksMore = state === 'queued' && cancellable;
  return attachment === null && receipts === null && !asksMore && !isOnlyEmoji(text) && !/\p{Bidi_Control}/u.test(text);
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, conversation, group, name, day, isFirstUnread, joinsBefore, joinsAfter, isNewest } = props;
  const { t } = useApp();
  const { direction, state, attachment, text } = message;
  if (message.system !== null) {
    return (
      <div class="message-row" data-newest={isNewest}>
        <Above message={message} group={group} day={day} isFirstUnread={isFirstUnread} />
        <SystemLine line={message.system} />
      </div>
    );
  }
  return (
    <div
      class="message-row"
      data-joins-before={joinsBefore}
      data-joins-after={joinsAfter}
      data-newest={isNewest}
      data-direction={direction}
    >
      <Above message={message} group={group} day={day} isFirstUnread={isFirstUnread} />
      <article
        class="message"
        data-testid="message"
        data-id={message.id}
        data-direction={direction}
        data-state={state}
        data-from={message.from}
        data-mentions-me={message.mentionsMe}
        aria-label={direction === 'out' ? t.conversation.yours : message.fromName || name}
      >
        <div
          class="bubble"
          data-look={attachment === null && isOnlyEmoji(text) ? 'emoji' : 'plain'}
          data-media={attachment?.kind}
          data-inline-meta={hasInlineMeta(message)}
        >
          {group !== null && direction === 'in' && !joinsBefore && <Author message={message} group={group} />}
          {attachment !== null && (
            <AttachmentCard message={message} attachment={attachment} conversation={conversation} />
          )}
          {text !== '' && <Text message={message} group={group} />}
          <Meta message={message} conversation={conversation} group={group} />
        </div>
        {group !== null && message.twoFaced && <TwoFaced message={message} group={group} />}
        {direction === 'out' && state === 'dropped' && <Dropped message={message} conversation={conversation} />}
      </article>
    </div>
  );
});
