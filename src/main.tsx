// The composition root: chooses the adapters, shares one node among the tabs of this profile, mounts the screens.
import { registerServiceWorker } from './adapters/system/service-worker.ts';
import { trustedScriptUrl } from './adapters/system/trusted-types.ts';
import { releaseOf, version } from './adapters/system/version.ts';
import { shareNode } from './adapters/tabs/share-node.ts';
import { browserPlatform } from './app/browser-platform.ts';
import { createApp } from './app/kith.ts';
import { mountApp, mountFramed } from './ui/mount.tsx';

async function main(root: HTMLElement): Promise<void> {
  const scanner = async () => (await import('./adapters/camera/scanner.ts')).systemScanner(trustedScriptUrl);
  const node = shareNode(async () => {
    const { startLocalNode } = await import('./local-node.ts');
    return startLocalNode({ lost: (kind) => app.fail(kind), usable: app.usable });
  });
  const radio = async () => (await import('./open-mailbox.ts')).mailboxRadio(node);
  const platform = browserPlatform({ version, release: releaseOf(document), scanner, radio });
  const app = createApp(node, platform);
  mountApp(root, app);
  if (import.meta.env.DEV) return;
  const updates = await registerServiceWorker({
    url: trustedScriptUrl('sw.js'),
    onUpdateAvailable: () => app.notices.offerUpdate(() => updates.applyUpdate()),
  });
}

const root = document.getElementById('root');
if (root && window.top !== window.self) mountFramed(root, location.href);
else if (root) void main(root);
