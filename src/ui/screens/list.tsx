// The conversations, newest first, under my own number and what the network does.

import { groupedNumber } from '../../app/format.ts';
import { nameOf, numberOf, trustOf } from '../../app/names.ts';
import type { ConversationView } from '../../app/views.ts';
import { Avatar } from '../components/avatar.tsx';
import { Button, IconButton } from '../components/button.tsx';
import { StateIcon } from '../components/state-icon.tsx';
import { useApp } from '../context.ts';
import {
  AddPersonIcon,
  AudioIcon,
  FileIcon,
  ImageIcon,
  Mark,
  RelayIcon,
  SettingsIcon,
  VideoIcon,
} from '../icons/icons.tsx';
import { TrustIcon } from '../icons/trust-icon.tsx';
import { lazyScreen } from '../lazy.tsx';
import { isNarrow } from '../media.ts';
import './list.css';

/** What a group says of itself; the button for a new one. */
const groupPart = lazyScreen(async () => (await import('./group/screens.tsx')).GroupPart, true);

const kindIcons = { image: ImageIcon, video: VideoIcon, audio: AudioIcon, document: FileIcon } as const;

function Preview({ view }: { readonly view: ConversationView }) {
  const { t } = useApp();
  if (view.kind === 'group') return <groupPart.Screen view={view} />;
  if (view.state !== 'active') return <span class="row-preview row-note">{t.list[view.state]}</span>;
  if (view.last === null) return <span class="row-preview row-note">{t.list.noMessages}</span>;
  const { attachment, fileName, direction, state, text } = view.last;
  const KindIcon = attachment === null ? null : kindIcons[attachment];
  return (
    <span class="row-preview">
      {direction === 'out' && <StateIcon state={state} size={16} />}
      {KindIcon !== null && <KindIcon size={16} />}
      <span class="row-text" dir="auto">
        {text !== '' || attachment === null ? text : t.list.file(t.attachmentKind[attachment], fileName)}
      </span>
    </span>
  );
}

/** How we are connected. A sign only where it costs something; screen readers are told both. */
function RouteSign({ view }: { readonly view: ConversationView }) {
  const { t } = useApp();
  if (view.presence !== 'online' || view.route === 'none') return null;
  return (
    <span class="row-route" title={t.routeHelp[view.route]}>
      {view.route === 'relayed' && <RelayIcon size={15} />}
      <span class="visually-hidden">{t.route[view.route]}</span>
    </span>
  );
}

function NameLine({ view }: { readonly view: ConversationView }) {
  const app = useApp();
  const { t } = app;
  const shared = app.sharedNames.value.has(view.name) && view.name !== '';
  return (
    <span class="row-line">
      <span class="row-name" dir="auto">
        {nameOf(view, t)}
      </span>
      {(view.trust === 'verified' || view.trust === 'introduced') && (
        <span class="row-trust" data-trust={view.trust} title={trustOf(view, t)}>
          <TrustIcon trust={view.trust} size={15} />
          <span class="visually-hidden">{trustOf(view, t)}</span>
        </span>
      )}
      {shared && <span class="row-number figures">{groupedNumber(numberOf(view))}</span>}
      <span class="visually-hidden">{t.presence[view.presence]}</span>
      <RouteSign view={view} />
      {view.last !== null && <span class="row-time">{t.list.time(view.last.at, app.platform.now())}</span>}
    </span>
  );
}

function Row({ view }: { readonly view: ConversationView }) {
  const { t, navigation } = useApp();
  const isOpen = navigation.conversationId.value === view.id;
  return (
    <li>
      <button
        type="button"
        class="row"
        data-testid="conversation"
        data-id={view.id}
        data-kind={view.kind}
        data-number={view.kind === 'direct' ? view.number : undefined}
        data-presence={view.presence}
        data-route={view.route}
        data-trust={view.trust}
        data-unread={view.unread}
        aria-current={isOpen ? 'page' : undefined}
        onClick={() => navigation.open({ name: 'conversation', id: view.id })}
      >
        <Avatar
          id={view.kind === 'group' ? view.face : view.number || view.id}
          name={view.name}
          presence={view.presence}
        />
        <span class="row-words">
          <NameLine view={view} />
          <span class="row-line">
            <Preview view={view} />
            {view.unread > 0 && (
              <span class="badge" data-quiet={view.kind === 'group' && view.muted}>
                <span aria-hidden="true">{view.unread > 999 ? '999+' : view.unread}</span>
                <span class="visually-hidden">{t.list.unread(view.unread)}</span>
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
}

/** My name and number; pressing it copies the number. */
function Me() {
  const app = useApp();
  const { t } = app;
  const identity = app.snapshot.value?.identity;
  if (identity == null) return null;
  const { name, number } = identity;
  return (
    <button
      type="button"
      class="me"
      data-testid="my-number"
      data-number={number ?? undefined}
      title={number === null ? undefined : t.list.copyNumber}
      aria-disabled={number === null}
      onClick={() => number !== null && void app.copy(groupedNumber(number))}
    >
      <span class="me-name" dir="auto">
        {name}
      </span>
      <span class="visually-hidden">{t.list.yourNumber}</span>{' '}
      {number === null ? (
        <span class="soft">{t.list.numberPending}</span>
      ) : (
        <span class="figures">{groupedNumber(number)}</span>
      )}
    </button>
  );
}

function NetworkLine() {
  const { t, snapshot, navigation } = useApp();
  const network = snapshot.value?.network;
  if (network === undefined) return null;
  const parts = [t.network[network.state]];
  if (network.connected > 0) parts.push(t.network.connected(network.connected));
  if (network.looking > 0 && network.state !== 'offline') parts.push(t.network.looking(network.looking));
  return (
    <div class="network-line">
      <p class="network" role="status" data-state={network.state}>
        {parts.join(' · ')}
      </p>
      {(network.diagnosis === 'no-door' || network.diagnosis === 'no-connection') && (
        <Button
          look="quiet"
          compact
          data-testid="network-help"
          onClick={() => navigation.open({ name: 'settings', at: 'network' })}
        >
          {t.whatToDo}
        </Button>
      )}
    </div>
  );
}

function Empty() {
  const { t, navigation } = useApp();
  return (
    <div class="list-empty">
      <Mark size={64} />
      <h2>{t.list.emptyTitle}</h2>
      <p class="soft">{t.list.empty}</p>
      {navigation.screen.value.name !== 'add-contact' && (
        <Button look="primary" onClick={() => navigation.open({ name: 'add-contact' })}>
          {t.list.addContact}
        </Button>
      )}
    </div>
  );
}

export function ConversationList() {
  const app = useApp();
  const { t, navigation } = app;
  const views = app.list.value;
  const screen = navigation.screen.value.name;
  return (
    // One element whatever the window, so that it keeps its scroll position; only what it is changes.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name
    <div
      class="shell-list list"
      role={isNarrow.value && screen === 'home' ? 'main' : 'navigation'}
      aria-label={t.list.title}
      tabIndex={-1}
      data-content
    >
      <div class="list-header">
        <h1 class="list-title">
          <Mark size={30} />
          {t.appName}
        </h1>
        <groupPart.Screen />
        <IconButton
          label={t.list.addContact}
          data-testid="add-contact"
          aria-current={screen === 'add-contact' ? 'page' : undefined}
          onClick={() => navigation.open({ name: 'add-contact' })}
        >
          <AddPersonIcon />
        </IconButton>
        <IconButton
          label={t.list.settings}
          data-testid="settings"
          aria-current={screen === 'settings' ? 'page' : undefined}
          onClick={() => navigation.open({ name: 'settings' })}
        >
          <SettingsIcon />
        </IconButton>
      </div>
      <div class="list-scroll">
        {views.length === 0 ? (
          <Empty />
        ) : (
          <ul class="rows">
            {views.map((view) => (
              <Row key={view.id} view={view} />
            ))}
          </ul>
        )}
      </div>
      <div class="list-footer">
        <Me />
        <NetworkLine />
      </div>
    </div>
  );
}
