// One conversation: header, what is going on, messages, composer; and the picture viewer above them.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import type { Group } from '../../../app/groups/group.ts';
import { groupsOf } from '../../../app/groups/groups.ts';
import { nameOf, statusOf, trustOf } from '../../../app/names.ts';
import type { ConversationView, DirectConversationView } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { BackIcon } from '../../icons/icons.tsx';
import { TrustIcon } from '../../icons/trust-icon.tsx';
import { Sheet } from '../group/sheet.tsx';
import { Closed, GroupHeader, GroupStatus, Invitation, useGroupTalk } from '../group/talk.tsx';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { Viewer } from './viewer.tsx';
import './conversation.css';

function Header({ view }: { readonly view: DirectConversationView }) {
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

function Status({ view }: { readonly view: DirectConversationView }) {
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

function writable(view: ConversationView | undefined): boolean {
  return view?.kind === 'group' ? view.standing === 'active' : view?.state !== 'blocked';
}

interface TalkProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
  readonly group: Group | null;
}

/** Where messages are written, or why none can be. */
function Foot({ conversation, view, group }: TalkProps) {
  const { t } = useApp();
  if (view.kind === 'group' && (view.standing === 'left' || view.standing === 'removed')) {
    return <Closed standing={view.standing} conversation={conversation} />;
  }
  if (!writable(view)) return <Blocked conversation={conversation} />;
  return <Composer conversation={conversation} name={nameOf(view, t)} group={group} />;
}

function Talk({ conversation, view, group }: TalkProps) {
  if (view.kind === 'group' && group !== null && view.standing === 'invited') {
    return (
      <>
        <GroupHeader view={view} group={group} />
        <Invitation view={view} group={group} />
      </>
    );
  }
  return (
    <>
      {view.kind === 'group' && group !== null && <GroupHeader view={view} group={group} />}
      {view.kind === 'direct' && <Header view={view} />}
      {view.kind === 'group' && group !== null && <GroupStatus view={view} group={group} />}
      {view.kind === 'direct' && <Status view={view} />}
      <MessageList conversation={conversation} view={view} group={group} />
      <Announcer conversation={conversation} view={view} />
      <Foot conversation={conversation} view={view} group={group} />
    </>
  );
}

export function ConversationScreen({ id }: { readonly id: string }) {
  const app = useApp();
  const conversation = app.conversation(id);
  const view = conversation.view.value;
  const screen = app.navigation.screen.value;
  const viewing = screen.name === 'viewer' ? screen.messageId : null;
  const group = view?.kind === 'group' ? groupsOf(app).group(id) : null;
  useGroupTalk(group, conversation);
  const { over, handlers } = useDrop(conversation, writable(view));
  if (view === undefined) return null;
  return (
    <div class="page conversation" {...handlers}>
      <div class="conversation-content" inert={viewing !== null || (group !== null && group.sheet.value !== null)}>
        <Talk conversation={conversation} view={view} group={group} />
      </div>
      {over.value && (
        <div class="drop-target" aria-hidden="true">
          {app.t.composer.drop}
        </div>
      )}
      {group !== null && <Sheet group={group} conversation={conversation} />}
      {viewing !== null && <Viewer conversation={conversation} messageId={viewing} />}
    </div>
  );
}
