// Platform over a real browser. The only file of app/ that touches document, history or navigator.
import type { Platform } from './platform.ts';
import { ScreenLock } from './screen-lock.ts';

/** Loaded when the first picture is attached or shown. */
const pictures = () => import('./thumbnail.ts');

/** Milliseconds a saved file's URL lives: the browser reads it when the download starts, at the latest after a prompt. */
const DOWNLOAD_URL_LIFE = 60_000;
const NEWS = 'kith-news';
const FLAG_PREFIX = 'kith-flag-';

function keepAwake(): (on: boolean) => void {
  const lock = new ScreenLock(
    () => document.visibilityState === 'visible',
    async () => (await navigator.wakeLock?.request('screen')) ?? null,
  );
  document.addEventListener('visibilitychange', () => lock.look());
  return (on) => lock.want(on);
}

function history(): Platform['history'] {
  const ours = (state: unknown): unknown => (state as { kith?: unknown } | null)?.kith ?? null;
  return {
    current: () => ours(window.history.state),
    push: (state) => window.history.pushState({ kith: state }, ''),
    replace: (state) => window.history.replaceState({ kith: state }, ''),
    back: () => window.history.back(),
    watch(listener) {
      window.addEventListener('popstate', ({ state }) => {
        // What the browser does by itself for an address with a # is told by `fragments`.
        if (!window.location.href.includes('#')) listener(ours(state));
      });
    },
  };
}

function flags(): Pick<Platform, 'recall' | 'remember'> {
  return {
    recall(flag) {
      try {
        return localStorage.getItem(FLAG_PREFIX + flag) !== null;
      } catch {
        return false;
      }
    },
    remember(flag) {
      try {
        localStorage.setItem(FLAG_PREFIX + flag, '1');
      } catch {
        // Asked again next time.
      }
    },
  };
}

/** What one page tells the next in this tab. */
function reloading(): Pick<Platform, 'reload' | 'news'> {
  return {
    reload(news) {
      try {
        if (news) sessionStorage.setItem(NEWS, news);
      } catch {
        // It opens without.
      }
      window.location.reload();
    },
    news() {
      try {
        const news = sessionStorage.getItem(NEWS) ?? '';
        sessionStorage.removeItem(NEWS);
        return news;
      } catch {
        return '';
      }
    },
  };
}

function forgetFlags(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(FLAG_PREFIX)) localStorage.removeItem(key);
  } catch {
    // A browser that keeps none.
  }
}

function download(blob: Blob, name: string): void {
  // Never navigable at our origin, whatever the sender called it.
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_URL_LIFE);
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const succeeded = (done: Promise<unknown>) =>
  done.then(
    () => true,
    () => false,
  );

/** Closing the sheet is no failure. */
const share = (data: ShareData) =>
  navigator.share(data).then(
    () => true,
    (error: unknown) => error instanceof DOMException && error.name === 'AbortError',
  );

/** Under any path: the address is resolved against the page's own. */
const handleLinks = () => navigator.registerProtocolHandler('web+kith', './#%s');

interface Build extends Pick<Platform, 'scanner' | 'radio' | 'fragments'> {
  readonly version: string;
  readonly release: string;
}

export function browserPlatform(build: Build): Platform {
  return {
    now: () => Date.now(),
    after(milliseconds, task) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
    attention: () => document.visibilityState === 'visible' && document.hasFocus(),
    watchAttention(listener) {
      document.addEventListener('visibilitychange', listener);
      window.addEventListener('focus', listener);
      window.addEventListener('blur', listener);
    },
    watchHiding(listener) {
      window.addEventListener('pagehide', listener);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden') listener();
      });
    },
    watchLeaving: (listener) => window.addEventListener('pagehide', listener),
    history: history(),
    address: new URL('./', window.location.href).href,
    fragments: build.fragments,
    handleLinks: typeof navigator.registerProtocolHandler === 'function' ? handleLinks : null,
    setTitle(title) {
      document.title = title;
    },
    setBadge(count) {
      void (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => undefined);
    },
    keepAwake: keepAwake(),
    copy: (text) => succeeded(navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))),
    share: typeof navigator.share === 'function' ? share : null,
    readable: (file) => succeeded(file.slice(0, 1).arrayBuffer()),
    thumbnail: async (file) => (await pictures()).makeThumbnail(file),
    imageSize: async (file) => (await pictures()).imageHeaderOf(file),
    objectUrl: (blob) => URL.createObjectURL(blob),
    revokeUrl: (url) => URL.revokeObjectURL(url),
    download,
    newId,
    ...flags(),
    ...reloading(),
    beginAnew() {
      forgetFlags();
      window.history.replaceState(null, '');
      window.location.reload();
    },
    scanner: build.scanner,
    radio: build.radio,
    version: build.version,
    release: build.release,
  };
}
