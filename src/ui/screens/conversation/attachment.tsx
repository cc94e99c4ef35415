// A file inside a message: its picture first, then what moves, then what one can do with it.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import type { Preview } from '../../../app/previews.ts';
import type { Attachment, Message } from '../../../app/views.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { AudioIcon, CloseIcon, FileIcon, ImageIcon, SaveIcon, VideoIcon } from '../../icons/icons.tsx';
import { FetchAgain, isFetchable, SenderGone } from '../group/message-parts.tsx';
import { useThumbnail } from './thumbnail.ts';
import './attachment.css';

const kindIcons = { image: ImageIcon, video: VideoIcon, audio: AudioIcon, document: FileIcon } as const;

interface AttachmentProps {
  readonly message: Message;
  readonly attachment: Attachment;
  readonly conversation: Conversation;
}

/** True once the element has come near the window: full pictures are opened only then. */
function useNear(element: { readonly current: HTMLElement | null }): boolean {
  const near = useSignal(false);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        near.value = entry?.isIntersecting ?? false;
      },
      { rootMargin: '600px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return near.value;
}

/** The whole file as an object URL while it is wanted; 'unsafe' when its bytes are nothing that may be shown. */
export function usePreview(message: Message, wanted: boolean): Preview | 'unsafe' | null {
  const { previews } = useApp();
  const preview = useSignal<Preview | 'unsafe' | null>(null);
  const complete = message.attachment?.state === 'complete';
  useEffect(() => {
    if (!wanted || !complete) return;
    let current = true;
    void previews.hold(message).then((opened) => {
      if (current) preview.value = opened === false ? 'unsafe' : opened;
    });
    return () => {
      current = false;
      preview.value = null;
      previews.release(message.id);
    };
  }, [wanted, complete, message.id]);
  return preview.value;
}

interface ShownProps extends Omit<AttachmentProps, 'conversation'> {
  /** Becomes true when its bytes turn out to be nothing that can be shown. */
  readonly unshown: Signal<boolean>;
}

/** @param isBad null while nobody has looked: what is said of a file does not change while it scrolls in and out. */
function useUnshown(unshown: Signal<boolean>, isBad: boolean | null): void {
  useEffect(() => {
    if (isBad !== null) unshown.value = isBad;
  }, [unshown, isBad]);
}

function Picture({ message, attachment, unshown }: ShownProps) {
  const { t, navigation } = useApp();
  const place = useRef<HTMLButtonElement>(null);
  const full = usePreview(message, useNear(place));
  const small = useThumbnail(attachment.thumbnail);
  /** Addresses of pictures whose bytes turned out to be none. */
  const broken = useSignal<readonly string[]>([]);
  const whole = full !== null && full !== 'unsafe' && !broken.value.includes(full.url) ? full : null;
  const shown = whole ?? (small !== null && !broken.value.includes(small.url) ? small : null);
  useUnshown(unshown, full === null ? null : whole === null);
  const open = () => navigation.open({ name: 'viewer', id: message.conversationId, messageId: message.id });
  return (
    <button
      ref={place}
      type="button"
      class="picture"
      data-empty={shown === null}
      disabled={attachment.state !== 'complete' || whole === null}
      aria-label={t.attachment.open(attachment.name)}
      onClick={open}
    >
      {shown === null ? (
        <ImageIcon size={32} />
      ) : (
        <img
          data-testid="attachment-preview"
          src={shown.url}
          width={shown.width}
          height={shown.height}
          alt={attachment.name}
          onError={() => {
            broken.value = [...broken.peek(), shown.url];
          }}
          decoding="async"
          draggable={false}
        />
      )}
    </button>
  );
}

function Player({ message, attachment, unshown }: ShownProps) {
  const place = useRef<HTMLDivElement>(null);
  const near = useNear(place);
  const preview = usePreview(message, near);
  const small = useThumbnail(attachment.thumbnail);
  const broken = useSignal<string | null>(null);
  const ready = preview !== null && preview !== 'unsafe' && broken.value !== preview.url ? preview : null;
  useUnshown(unshown, preview === null ? null : ready === null);
  const onError = ({ currentTarget }: { readonly currentTarget: HTMLMediaElement }) => {
    // One that plays, and breaks off, keeps its player.
    if (currentTarget.readyState < HTMLMediaElement.HAVE_METADATA) broken.value = ready?.url ?? null;
  };
  return (
    <div ref={place} class="player" data-kind={attachment.kind}>
      {ready?.kind === 'video' && (
        // biome-ignore lint/a11y/useMediaCaption: people's own recordings come without captions
        <video
          data-testid="attachment-preview"
          src={ready.url}
          poster={small?.url}
          controls
          playsInline
          preload="metadata"
          aria-label={attachment.name}
          onError={onError}
        />
      )}
      {ready?.kind === 'audio' && (
        // biome-ignore lint/a11y/useMediaCaption: people's own recordings come without captions
        <audio
          data-testid="attachment-preview"
          src={ready.url}
          controls
          preload="metadata"
          aria-label={attachment.name}
          onError={onError}
        />
      )}
    </div>
  );
}

function Moving({ attachment }: { readonly attachment: Attachment }) {
  const { t } = useApp();
  const percent = Math.floor(attachment.progress * 100);
  return (
    <progress class="progress" max={1} value={attachment.progress} aria-label={t.attachment.progress(attachment.name)}>
      {t.attachment.transferring(percent)}
    </progress>
  );
}

function stateWords(message: Message, attachment: Attachment, t: ReturnType<typeof useApp>['t']): string {
  const { direction, state } = message;
  if (attachment.state === 'waiting') return t.attachment.waiting;
  if (attachment.state === 'transferring') return t.attachment.transferring(Math.floor(attachment.progress * 100));
  // Below a dropped message stands why.
  if (attachment.state === 'complete' || (direction === 'out' && state === 'dropped')) return '';
  // Here nothing can be tried again: only whoever sent it can send it again.
  if (attachment.error === 'disk-full' && direction === 'in' && !isFetchable(message)) return t.attachment.noRoom;
  return attachment.error === null ? t.attachment.failed : t.errors[attachment.error]({});
}

function Line({ message, attachment, conversation, isUnshown }: AttachmentProps & { readonly isUnshown: boolean }) {
  const { t } = useApp();
  const Icon = kindIcons[attachment.kind];
  const state =
    isUnshown && attachment.state === 'complete' ? t.attachment.noPreview : stateWords(message, attachment, t);
  const moves = attachment.state === 'waiting' || attachment.state === 'transferring';
  return (
    <div class="file-line">
      <span class="file-icon" aria-hidden="true">
        <Icon />
      </span>
      <span class="file-words">
        <span class="file-name" dir="auto" title={attachment.name}>
          {attachment.name}
        </span>
        <span class="file-size">
          {t.size(attachment.size)}
          {state !== '' && ` · ${state}`}
          {message.fileStanding === 'sender-gone' && <SenderGone />}
        </span>
      </span>
      {moves && (
        <IconButton
          label={t.attachment.cancel(attachment.name)}
          data-testid="attachment-cancel"
          onClick={() => void conversation.cancelTransfer(message.id)}
        >
          <CloseIcon size={20} />
        </IconButton>
      )}
      {isFetchable(message) && <FetchAgain message={message} conversation={conversation} />}
      {attachment.state === 'complete' && (
        <IconButton
          label={t.attachment.saveNamed(attachment.name)}
          data-testid="attachment-save"
          onClick={() => void conversation.save(message)}
        >
          <SaveIcon size={20} />
        </IconButton>
      )}
    </div>
  );
}

export function AttachmentCard(props: AttachmentProps) {
  const { message, attachment } = props;
  const { t } = useApp();
  const { kind, name, size, state } = attachment;
  const unshown = useSignal(false);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; this is a file with its buttons
    <div
      class="attachment"
      role="group"
      data-testid="attachment"
      data-name={name}
      data-size={size}
      data-type={attachment.type}
      data-kind={kind}
      data-state={state}
      data-progress={attachment.progress}
      data-sha256={attachment.sha256 ?? undefined}
      aria-label={t.attachment.label(t.attachmentKind[kind], name, t.size(size))}
    >
      {kind === 'image' && <Picture message={message} attachment={attachment} unshown={unshown} />}
      {(kind === 'video' || kind === 'audio') && state === 'complete' && (
        <Player message={message} attachment={attachment} unshown={unshown} />
      )}
      <Line {...props} isUnshown={unshown.value} />
      {(state === 'transferring' || state === 'waiting') && <Moving attachment={attachment} />}
    </div>
  );
}
