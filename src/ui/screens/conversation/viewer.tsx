// A picture as large as the pane. Escape and Back close it.
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import type { Message } from '../../../app/views.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { CloseIcon, SaveIcon } from '../../icons/icons.tsx';
import { usePreview } from './attachment.tsx';
import './viewer.css';

interface ViewerProps {
  readonly conversation: Conversation;
  readonly messageId: string;
}

function Open({ message, conversation }: { readonly message: Message; readonly conversation: Conversation }) {
  const { t, navigation } = useApp();
  const preview = usePreview(message, true);
  const box = useRef<HTMLDivElement>(null);
  const broken = useSignal(false);
  const shown = preview !== null && preview !== 'unsafe' && !broken.value ? preview : null;
  // At once: the messages below sleep from now on (inert), and a browser takes the focus from there at the next frame.
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector<HTMLElement>('button')?.focus();
    // The messages are awake again when all of this is drawn.
    return () => queueMicrotask(() => before instanceof HTMLElement && before.isConnected && before.focus());
  }, []);
  const name = message.attachment?.name ?? '';
  return (
    <div ref={box} class="viewer" role="dialog" aria-modal="true" aria-label={t.attachment.viewer(name)}>
      <div class="viewer-bar">
        <IconButton label={t.close} onClick={() => navigation.close()}>
          <CloseIcon />
        </IconButton>
        <span class="viewer-name" dir="auto">
          {name}
        </span>
        <IconButton label={t.attachment.saveNamed(name)} onClick={() => void conversation.save(message)}>
          <SaveIcon />
        </IconButton>
      </div>
      <div class="viewer-stage">
        {shown !== null && (
          <img
            src={shown.url}
            alt={name}
            width={shown.width}
            height={shown.height}
            onError={() => {
              broken.value = true;
            }}
          />
        )}
        {(preview === 'unsafe' || broken.value) && <p>{t.attachment.noPreview}</p>}
      </div>
    </div>
  );
}

export function Viewer({ conversation, messageId }: ViewerProps) {
  const { navigation } = useApp();
  const message = conversation.cache.messages.value.find(({ id }) => id === messageId);
  // Cleared meanwhile, or so far back that it is not fetched again after a reload.
  const gone = message === undefined && conversation.cache.loaded.value;
  useEffect(() => {
    if (gone) navigation.close();
  }, [gone]);
  return message === undefined ? null : <Open message={message} conversation={conversation} />;
}
