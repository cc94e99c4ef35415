// An app over a node and a browser that are moved by hand.
import { createApp } from '../../../src/app/kith.ts';
import type { Snapshot } from '../../../src/core/node-api.ts';
import { FakeNode } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

/** Lets everything that is already settled run: promises only, no time passes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

export async function startApp(snapshot?: Snapshot, prepare?: (node: FakeNode, platform: FakePlatform) => void) {
  const node = new FakeNode(snapshot);
  const platform = new FakePlatform();
  prepare?.(node, platform);
  const app = createApp(node, platform);
  await settled();
  return { app, node, platform };
}
