// The page's side of workers/sw.ts: registers it, says when a new version waits, and swaps only when asked. Every tab reloads
// once when the version under it has changed, so no page ever mixes files of two releases.

/** Not more than one look for a new version an hour, and only when somebody looks at the page. */
const CHECK_INTERVAL_MS = 3_600_000;

export interface Updates {
  /** Lets the waiting version take over; all tabs reload. Nothing happens when none waits. */
  applyUpdate(): void;
}

export interface ServiceWorkerOptions {
  /** Address of sw.js, as `trustedScriptUrl` gives it. */
  readonly url: string;
  /** A new version has been fetched and waits. May be called again for a still newer one. */
  readonly onUpdateAvailable: () => void;
  readonly container?: ServiceWorkerContainer | undefined;
  readonly reload?: () => void;
}

/** Registers the worker. Where that is impossible (no support, private window) the app works without it, online only. */
export async function registerServiceWorker(options: ServiceWorkerOptions): Promise<Updates> {
  const container = 'container' in options ? options.container : navigator.serviceWorker;
  if (!container) return { applyUpdate() {} };
  reloadOnChange(container, options.reload ?? (() => location.reload()));
  try {
    const registration = await container.register(options.url, { updateViaCache: 'none' });
    watch(registration, container, options.onUpdateAvailable);
    checkWhenSeen(registration);
    return { applyUpdate: () => registration.waiting?.postMessage({ type: 'skip-waiting' }) };
  } catch {
    return { applyUpdate() {} };
  }
}

/** The first worker that ever takes charge changes nothing for the page; every later one is another version. */
function reloadOnChange(container: ServiceWorkerContainer, reload: () => void): void {
  let controlled = container.controller !== null;
  let reloading = false;
  container.addEventListener('controllerchange', () => {
    if (controlled && !reloading) {
      reloading = true;
      reload();
    }
    controlled = true;
  });
}

function watch(
  registration: ServiceWorkerRegistration,
  container: ServiceWorkerContainer,
  available: () => void,
): void {
  if (registration.waiting && container.controller) available();
  const follow = (): void => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      // Without a controller it is the very first version: there is nothing to swap.
      if (worker.state === 'installed' && container.controller) available();
    });
  };
  follow();
  registration.addEventListener('updatefound', follow);
}

function checkWhenSeen(registration: ServiceWorkerRegistration): void {
  let checkedAt = performance.now();
  document.addEventListener('visibilitychange', () => {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now - checkedAt < CHECK_INTERVAL_MS) return;
    checkedAt = now;
    // Offline is no news.
    registration.update().catch(() => undefined);
  });
}
