// The second half of the composition root: the node of the tab that leads, with the browser's adapters. Loaded after the first
// screen is drawn.
import type { IndexedDbStore } from './adapters/indexeddb/store.ts';
import { openVault } from './adapters/indexeddb/vault.ts';
import { OpfsBlobStore, opfsKeyFiles } from './adapters/opfs/blob-store.ts';
import { createTransferWorker, TransferClient } from './adapters/opfs/transfer-client.ts';
import { systemClock } from './adapters/system/clock.ts';
import { loadConfig } from './adapters/system/config.ts';
import { consoleLog } from './adapters/system/log.ts';
import { systemOverlayCrypto } from './adapters/system/overlay-crypto.ts';
import { systemRandom } from './adapters/system/random.ts';
import { requestPersistence, storageState } from './adapters/system/storage-manager.ts';
import { trustedScriptUrl } from './adapters/system/trusted-types.ts';
import type { trackerEntryPoint } from './adapters/tracker/entry-point.ts';
import { webRtcDialer } from './adapters/webrtc/dialer.ts';
import { rtcServers, withUsableServers } from './adapters/webrtc/ice-servers.ts';
import type { ErrorKind, KithError } from './core/errors.ts';
import type { OverlaySource } from './core/node/overlay-house.ts';
import { type RunningNode, startNode } from './core/node.ts';
import { MAX_NEIGHBOURS, MAX_NEIGHBOURS_PHONE } from './core/overlay/limits.ts';
import type { NumberDeriver } from './core/ports/number-deriver.ts';

export interface LocalNodeOptions {
  /** The store is gone from under us: another tab brought a newer version, or erased everything. */
  readonly lost: (kind: ErrorKind) => void;
  /** The first screen is drawn and accepts input. */
  readonly usable: Promise<void>;
}

export async function startLocalNode({ lost, usable }: LocalNodeOptions): Promise<RunningNode> {
  const client = new TransferClient(createTransferWorker(trustedScriptUrl));
  const page = document.baseURI;
  const options = { keyFiles: opfsKeyFiles(client), onLost: lost };
  const [config, found] = await Promise.all([
    loadConfig(page).then(withUsableServers),
    openVault(options).catch((error: KithError) => {
      // What is left is to erase everything: the person decides that.
      if (error.kind !== 'data-key-missing' && error.kind !== 'lock-damaged') throw error;
      return { lost: error.kind };
    }),
  ]);
  const destroyEverything = async () => (await import('./open-lock.ts')).destroyEverything(options);
  const start = (store: IndexedDbStore, record?: Uint8Array<ArrayBuffer>) =>
    startNode({
      store,
      blobs: new OpfsBlobStore(client),
      dialer: webRtcDialer({ iceServers: rtcServers(config.config.iceServers) }),
      beforeNetwork: async () => {
        openTracker ??= (await import('./adapters/tracker/entry-point.ts')).trackerEntryPoint;
      },
      openEntryPoint: (url) => openTracker({ url, clock: systemClock, random: systemRandom }),
      clock: systemClock,
      random: systemRandom,
      log: consoleLog('warn'),
      numbers,
      storage: {
        state: () => storageState(),
        requestPersistence: () => requestPersistence(),
        destroyEverything,
      },
      config,
      page,
      overlay: overlaySource(usable),
      deriveKey: async (...passphrase) => (await import('./open-lock.ts')).deriveKey(...passphrase),
      witness: options.keyFiles,
      vault: {
        isProtected: record !== undefined,
        open: async () => (await import('./open-lock.ts')).vaultOf(options, store, record),
      },
    });
  const node =
    'record' in found || 'lost' in found
      ? (await import('./open-lock.ts')).nodeBehindLock({ ...options, config, start, destroyEverything }, found)
      : await start(found);
  followPage(node);
  return node;
}

/** Here before anybody is looked for. */
let openTracker: typeof trackerEntryPoint;

/** The code for numbers comes when there is an identity that has none. */
const numbers: NumberDeriver = {
  derive: async (fingerprint) => (await import('./open-numbers.ts')).numbers.derive(fingerprint),
  findTarget: async (number) => (await import('./open-numbers.ts')).numbers.findTarget(number),
};

/** The overlay's code comes when there is somebody to connect, never before the first screen. */
const overlaySource = (usable: Promise<void>): OverlaySource => ({
  crypto: systemOverlayCrypto,
  notBefore: usable,
  start: async (tools) => {
    const { startOverlay } = await import('./open-overlay.ts');
    return startOverlay({ ...tools, cap: isPhone() ? MAX_NEIGHBOURS_PHONE : MAX_NEIGHBOURS });
  },
});

/** Or a tablet: little memory, and a battery. */
const isPhone = () => matchMedia('(hover: none) and (pointer: coarse)').matches;

/** Wakes with the network and the person; says goodbye when the page goes, since a closed page tells nobody by itself. */
function followPage(node: RunningNode): void {
  addEventListener('online', () => node.retryNow());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') node.retryNow();
  });
  addEventListener('pagehide', () => node.close());
  // A page that comes back from the browser's cache has said goodbye already.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
}
