// Platform over a real browser. The only file of app/ that touches document, history or navigator.
import type { Platform } from './platform.ts';
import { imageHeaderOf, makeThumbnail } from './thumbnail.ts';

/** Milliseconds a saved file's URL lives: the browser reads it when the download starts, at the latest after a prompt. */
const DOWNLOAD_URL_LIFE = 60_000;
const FLAG_PREFIX = 'kith-flag-';

/** The lock ends when the page is hidden; it is taken again when the page returns. */
function wakeLock(): (on: boolean) => void {
  let wanted = false;
  let lock: WakeLockSentinel | null = null;
  const update = async () => {
    if (wanted && lock === null && document.visibilityState === 'visible') {
      lock = await navigator.wakeLock?.request('screen').catch(() => null);
      lock?.addEventListener('release', () => {
        lock = null;
      });
      if (!wanted) await lock?.release();
    } else if (!wanted && lock !== null) await lock.release();
  };
  document.addEventListener('visibilitychange', () => void update());
  return (on) => {
    if (on === wanted) return;
    wanted = on;
    void update();
  };
}

function history(): Platform['history'] {
  const ours = (state: unknown): unknown => (state as { kith?: unknown } | null)?.kith ?? null;
  return {
    current: () => ours(window.history.state),
    push: (state) => window.history.pushState({ kith: state }, ''),
    replace: (state) => window.history.replaceState({ kith: state }, ''),
    back: () => window.history.back(),
    watch: (listener) => window.addEventListener('popstate', ({ state }) => listener(ours(state))),
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

function download(blob: Blob, name: string): void {
  // Never navigable at our origin, whatever the sender called it.
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_URL_LIFE);
}

const succeeded = (done: Promise<unknown>) =>
  done.then(
    () => true,
    () => false,
  );

export function browserPlatform(build: { readonly version: string; readonly release: string }): Platform {
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
    history: history(),
    setTitle(title) {
      document.title = title;
    },
    setBadge(count) {
      void (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => undefined);
    },
    keepAwake: wakeLock(),
    copy: (text) => succeeded(navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))),
    share: typeof navigator.share === 'function' ? (text) => navigator.share({ text }).catch(() => undefined) : null,
    readable: (file) => succeeded(file.slice(0, 1).arrayBuffer()),
    thumbnail: makeThumbnail,
    imageSize: imageHeaderOf,
    objectUrl: (blob) => URL.createObjectURL(blob),
    revokeUrl: (url) => URL.revokeObjectURL(url),
    download,
    ...flags(),
    reload: () => window.location.reload(),
    version: build.version,
    release: build.release,
  };
}
