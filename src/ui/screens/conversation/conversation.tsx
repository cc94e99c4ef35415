// One conversation: header, what is going on, messages, composer; and the picture viewer above them.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { nameOf, statusOf, trustOf } from '../../../app/names.ts';
import type { ConversationView } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { BackIcon } from '../../icons/icons.tsx';
import { TrustIcon } from '../../icons/trust-icon.tsx';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { Viewer } from './viewer.tsx';
import './conversation.css';

function Header({ view }: { readonly view: ConversationView }) {
  const { t, navigation } = useApp();
  const name = nameOf(view, t);
  const where = view.presence === 'online' && view.route !== 'none' ? ` · ${t.route[view.route]}` : '';
  return (
    <header class="page-header conversation-header">
      <h1 id="conversation-title" class="visually-hidden" tabIndex={-1}>
        {name}
      </h1>
      <IconButton class="only-narrow" label={t.back} onClick={() => navigation.close()}>
        <BackIcon />
      </IconButton>
      <button
        type="button"
        class="conversation-who"
        data-testid="contact-page"
        aria-label={t.conversation.details(name)}
        aria-describedby="conversation-sub"
        title={view.presence === 'online' ? t.routeHelp[view.route] || undefined : undefined}
        onClick={() => navigation.open({ name: 'contact', id: view.id })}
      >
        <Avatar id={view.number || view.id} name={view.name} presence={view.presence} size="small" />
        <span class="conversation-words">
          <span class="conversation-name" dir="auto">
            {name}
          </span>
          <span id="conversation-sub" class="conversation-sub">
            {t.presence[view.presence]}
            {where}
          </span>
        </span>
      </button>
      <span class="trust" data-trust={view.trust}>
        <TrustIcon trust={view.trust} size={18} />
        <span>{trustOf(view, t)}</span>
      </span>
    </header>
  );
}

function Status({ view }: { readonly view: ConversationView }) {
  const { t, snapshot } = useApp();
  const status = statusOf(view, snapshot.value?.network.state ?? 'offline', t);
  return (
    <div class="status-place" role="status">
      {status !== null && <p class="status">{status}</p>}
    </div>
  );
}

function Blocked({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useApp();
  return (
    <div class="composer composer-blocked">
      <Button onClick={() => conversation.unblock()}>{t.contact.unblock}</Button>
    </div>
  );
}

/** Files held over the conversation; `leave` events of children do not count. */
function useDrop(conversation: Conversation, active: boolean) {
  const over = useSignal(false);
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => active && (event.dataTransfer?.types.includes('Files') ?? false);
  return {
    over,
    handlers: {
      onDragEnter(event: DragEvent) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        over.value = true;
      },
      onDragOver(event: DragEvent) {
        if (carriesFiles(event)) event.preventDefault();
      },
      onDragLeave(event: DragEvent) {
        if (!carriesFiles(event)) return;
        depth.current -= 1;
        over.value = depth.current > 0;
      },
      onDrop(event: DragEvent) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        over.value = false;
        void conversation.composer.addFiles([...(event.dataTransfer?.files ?? [])]);
      },
    },
  };
}

export function ConversationScreen({ id }: { readonly id: string }) {
  const app = useApp();
  const conversation = app.conversation(id);
  const view = conversation.view.value;
  const screen = app.navigation.screen.value;
  const viewing = screen.name === 'viewer' ? screen.messageId : null;
  const { over, handlers } = useDrop(conversation, view?.state !== 'blocked');
  if (view === undefined) return null;
  return (
    <div class="page conversation" {...handlers}>
      <div class="conversation-content" inert={viewing !== null}>
        <Header view={view} />
        <Status view={view} />
        <MessageList conversation={conversation} view={view} />
        <Announcer conversation={conversation} view={view} />
        {view.state === 'blocked' ? (
          <Blocked conversation={conversation} />
        ) : (
          <Composer conversation={conversation} name={nameOf(view, app.t)} />
        )}
      </div>
      {over.value && (
        <div class="drop-target" aria-hidden="true">
          {app.t.composer.drop}
        </div>
      )}
      {viewing !== null && <Viewer conversation={conversation} messageId={viewing} />}
    </div>
  );
}
