// The root: contact requests and notices in places of their own, then whichever screen the state of things asks for.
import { useEffect } from 'preact/hooks';
import { QuestionDialog } from './components/dialog.tsx';
import { Notices, Toast } from './components/notices.tsx';
import { Requests } from './components/requests.tsx';
import { useApp } from './context.ts';
import { focusContent } from './focus.ts';
import { lazyScreen } from './lazy.tsx';
import { Fatal, Loading } from './screens/fatal.tsx';
import { Onboarding } from './screens/onboarding.tsx';
import { preloadScreens, Shell } from './screens/shell.tsx';
import './root.css';

const TwinNotice = lazyScreen(() => import('./components/twin.tsx').then((file) => file.TwinNotice), true);
const unlock = lazyScreen(async () => (await import('./screens/lock/unlock.tsx')).UnlockScreen);
const watch = lazyScreen(async () => (await import('./screens/lock/lock-watch.tsx')).LockWatch, true);

function useEscape(): void {
  const app = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (app.escape()) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [app]);
}

/** A file dropped beside its target must not replace the page. */
function useNoStrayDrops(): void {
  useEffect(() => {
    const stop = (event: DragEvent) => event.preventDefault();
    window.addEventListener('dragover', stop);
    window.addEventListener('drop', stop);
    return () => {
      window.removeEventListener('dragover', stop);
      window.removeEventListener('drop', stop);
    };
  }, []);
}

function Stage() {
  const { fatal, snapshot } = useApp();
  if (fatal.value !== null) return <Fatal kind={fatal.value} />;
  if (snapshot.value === null) return <Loading />;
  if (snapshot.value.lock.state === 'locked') return <unlock.Screen />;
  return snapshot.value.identity === null ? <Onboarding /> : <Shell />;
}

export function Root() {
  const app = useApp();
  const { t, snapshot, fatal, questions } = app;
  useEscape();
  useNoStrayDrops();
  const ready = snapshot.value !== null && fatal.value === null;
  useEffect(() => {
    if (!ready) return;
    preloadScreens(app);
    app.firstScreenDrawn();
  }, [app, ready]);
  return (
    <div
      class="app"
      data-testid="app"
      data-ready={ready}
      data-network={snapshot.value?.network.state ?? 'offline'}
      data-lock={snapshot.value?.lock.state}
      data-neighbours={snapshot.value?.network.neighbours ?? 0}
    >
      {/* A button, not a link to #content: that would add an entry to the history and change the address. */}
      <button type="button" class="skip-link" onClick={focusContent}>
        {t.skipToContent}
      </button>
      <Requests />
      <Notices />
      {snapshot.value?.twin && <TwinNotice.Screen />}
      <div class="stage">
        <div class="stage-content" inert={questions.open.value !== null}>
          <Stage />
        </div>
        <QuestionDialog />
        <Toast />
        {snapshot.value?.lock.state === 'open' && <watch.Screen />}
      </div>
    </div>
  );
}
