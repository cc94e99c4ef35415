// The composition root: chooses the adapters, shares one node among the tabs of this profile, mounts the screens.
import { takeFragment, watchFragments } from './adapters/system/fragment.ts';
import { registerServiceWorker } from './adapters/system/service-worker.ts';
import { trustedScriptUrl } from './adapters/system/trusted-types.ts';
import { releaseOf, version } from './adapters/system/version.ts';
import { shareNode } from './adapters/tabs/share-node.ts';
import { browserPlatform } from './app/browser-platform.ts';
import { createApp } from './app/kith.ts';
import { mountApp, mountFramed } from './ui/mount.tsx';

// Before anything else can look at the address.
const fragment = takeFragment();

async function main(root: HTMLElement): Promise<void> {
  const scanner = async () => (await import('./adapters/camera/scanner.ts')).systemScanner(trustedScriptUrl);
  const node = shareNode(async () => {
    const { startLocalNode } = await import('./local-node.ts');
    return startLocalNode({ lost: (kind) => app.fail(kind), usable: app.usable });
  });
  const radio = async () => (await import('./open-mailbox.ts')).mailboxRadio(node);
  const fragments = { first: fragment, watch: watchFragments };
  const platform = browserPlatform({ version, release: releaseOf(document), scanner, radio, fragments });
  const app = createApp(node, platform);
  mountApp(root, app);
  // Failures of people who meet are told on other screens too.
  void import('./app/i18n/meeting.ts');
  if (import.meta.env.DEV) return;
  const updates = await registerServiceWorker({
    url: trustedScriptUrl('sw.js'),
    onUpdateAvailable: () => app.notices.offerUpdate(() => updates.applyUpdate()),
  });
}

const root = document.getElementById('root');
if (root && window.top !== window.self)
  mountFramed(root, fragment === '' ? location.href : `${location.href}#${fragment}`);
else if (root) void main(root);
