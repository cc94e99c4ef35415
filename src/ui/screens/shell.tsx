// The two panes: conversations, and whatever is open. One pane at a time on narrow windows (shell.css).
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../../app/kith.ts';
import type { Screen } from '../../app/navigation.ts';
import { preloadRequests } from '../components/requests.tsx';
import { useApp } from '../context.ts';
import { focusContent } from '../focus.ts';
import { Mark } from '../icons/icons.tsx';
import { lazyScreen } from '../lazy.tsx';
import { ConversationList } from './list.tsx';
import './shell.css';

const conversation = lazyScreen(async () => (await import('./conversation/conversation.tsx')).ConversationScreen);
const contact = lazyScreen(async () => (await import('./contact.tsx')).ContactScreen);
const addContact = lazyScreen(async () => (await import('./add-contact.tsx')).AddContactScreen);
const invitation = lazyScreen(async () => (await import('./invitation.tsx')).InvitationScreen);
const group = lazyScreen(async () => (await import('./group/screens.tsx')).GroupPage);
const newGroup = lazyScreen(async () => (await import('./group/screens.tsx')).NewGroupScreen);
const settings = lazyScreen(async () => (await import('./settings.tsx')).SettingsScreen);

/** Fetches what the first paint did not need, most likely first. */
export function preloadScreens({ pairing }: App): void {
  void addContact
    .preload()
    // Without its code nothing is scanned, and everything else works.
    .then(() => pairing.look().catch(() => undefined))
    .then(() => Promise.all([preloadRequests(), conversation.preload()]))
    .then(() => Promise.all([contact.preload(), settings.preload(), invitation.preload()]));
}

function Home() {
  const { t, list } = useApp();
  const empty = list.value.length === 0;
  return (
    <div class="home">
      <Mark size={72} />
      <h2>{empty ? t.list.firstTitle : t.list.pickTitle}</h2>
      <p class="soft">{empty ? t.list.first : t.list.pick}</p>
    </div>
  );
}

function Main({ screen }: { readonly screen: Screen }) {
  const { list } = useApp();
  const isGroup = 'id' in screen && list.value.find(({ id }) => id === screen.id)?.kind === 'group';
  switch (screen.name) {
    case 'home':
      return <Home />;
    case 'conversation':
    case 'viewer':
      return <conversation.Screen key={screen.id} id={screen.id} />;
    case 'contact': {
      const { Screen } = isGroup ? group : contact;
      return <Screen key={screen.id} id={screen.id} />;
    }
    case 'new-group':
      return <newGroup.Screen />;
    case 'add-contact':
      return <addContact.Screen />;
    case 'invitation':
      return <invitation.Screen />;
    case 'settings':
      return <settings.Screen />;
  }
}

/** The element of the list that opened a screen: the focus returns there. */
function openerOf(screen: Screen): string | null {
  switch (screen.name) {
    case 'conversation':
    case 'contact':
    case 'viewer':
      return `[data-testid="conversation"][data-id="${CSS.escape(screen.id)}"]`;
    case 'add-contact':
    case 'new-group':
    case 'settings':
      return `[data-testid="${screen.name}"]`;
    case 'invitation':
      return openerOf({ name: 'add-contact' });
    case 'home':
      return null;
  }
}

/** Home gives the focus back to what opened the screen before; pages give it to their title. */
function useFocusReturn(screen: Screen): void {
  const before = useRef<Screen>(screen);
  useEffect(() => {
    const left = before.current;
    before.current = screen;
    if (left.name === screen.name && openerOf(left) === openerOf(screen)) return;
    const opener = screen.name === 'home' ? openerOf(left) : '[data-screen-title]';
    if (opener === null) return;
    const found = document.querySelector<HTMLElement>(opener);
    // A contact who was removed has left the list.
    if (found) found.focus({ preventScroll: true });
    else if (screen.name === 'home' && document.activeElement === document.body) focusContent();
  }, [screen]);
}

export function Shell() {
  const { navigation } = useApp();
  const screen = navigation.screen.value;
  useFocusReturn(screen);
  return (
    <div class="shell" data-screen={screen.name}>
      <ConversationList />
      <main data-content class="shell-main" tabIndex={-1}>
        <Main screen={screen} />
      </main>
    </div>
  );
}
