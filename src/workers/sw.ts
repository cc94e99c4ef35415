// The service worker (Service Workers, W3C): the whole page is kept at the first visit and opens without a network from then on.
// It never replaces a running version by itself: a new one waits until the person agrees ({ type: 'skip-waiting' }).
import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: Array<{ url: string; revision: string | null }>;
};

const CONFIG_CACHE = 'kith-config';
/** How long the configuration is waited for when a kept copy is at hand: a network that is there but silent must not hold the page. */
const CONFIG_PATIENCE_MS = 3_000;
const configUrl = new URL('kith.config.json', self.registration.scope).href;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
// Takes the page that registered it under control, so that the first visit is enough.
clientsClaim();

// The app has one address. Others below us (a picture in a tab of its own, a typing mistake) are the host's to answer:
// index.html names its files relative to itself and would not find them from there.
const home = new URL(self.registration.scope).pathname;
const addresses = new Set([home, `${home}index.html`]);
registerRoute(
  ({ request, url }) => request.mode === 'navigate' && addresses.has(url.pathname),
  createHandlerBoundToURL('index.html'),
);
registerRoute(
  ({ url }) => url.href === configUrl,
  ({ event }) => configuration(event as FetchEvent),
);

self.addEventListener('install', (event) => {
  // The page asked for it before there was a worker to keep it. Missing is no reason not to install.
  event.waitUntil(fetchConfiguration().catch(() => undefined));
});

self.addEventListener('message', (event) => {
  if ((event.data as { type?: unknown } | null)?.type === 'skip-waiting') void self.skipWaiting();
});

/** Network first; the kept copy when the network fails or says nothing for a while. */
async function configuration(event: FetchEvent): Promise<Response> {
  const found = await caches.match(configUrl, { cacheName: CONFIG_CACHE });
  const kept = found && (await undated(found));
  const fresh = fetchConfiguration();
  if (!kept) return fresh;
  event.waitUntil(fresh.then(Boolean, Boolean));
  const patience = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), CONFIG_PATIENCE_MS));
  return Promise.race([fresh, patience]).catch(() => kept);
}

/** A kept copy says nothing of what the time is. */
async function undated(response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete('date');
  return new Response(await response.blob(), { headers });
}

async function fetchConfiguration(): Promise<Response> {
  const response = await fetch(configUrl, { cache: 'no-cache' });
  if (response.ok) {
    const cache = await caches.open(CONFIG_CACHE);
    await cache.put(configUrl, response.clone());
  }
  return response;
}
