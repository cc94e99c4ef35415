// A few whole overlay nodes on links in memory, in the environment's own time and with its own cryptography.
import { MemoryNetwork } from '../../../src/adapters/memory/dialer.ts';
import { memoryLinkPair } from '../../../src/adapters/memory/links.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemOverlayCrypto } from '../../../src/adapters/system/overlay-crypto.ts';
import type { Overlay } from '../../../src/core/overlay/overlay-api.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { startOverlay } from '../../../src/open-overlay.ts';

const clock = systemClock;
const random = seededRandom(3);

/** Nodes in a row: each has a link to the one before. */
export async function rowOfNodes(count: number): Promise<Overlay[]> {
  const network = new MemoryNetwork({ clock, random, gatherMs: 1, openMs: 1 });
  const nodes: Overlay[] = [];
  for (let index = 0; index < count; index += 1) {
    const options = { clock, random, crypto: systemOverlayCrypto, log: silentLog, dialer: network.dialer() };
    const node = await startOverlay(options);
    const before = nodes.at(-1);
    if (before) await meet(node, before);
    nodes.push(node);
  }
  return nodes;
}

export async function meet(one: Overlay, other: Overlay): Promise<void> {
  const fingerprints = [random.bytes(32), random.bytes(32)] as const;
  const [left, right] = memoryLinkPair({ clock, fingerprints });
  // The two may have found each other meanwhile: then this link is one too many.
  await Promise.allSettled([one.adopt(left, { dialed: true }), other.adopt(right, { dialed: false })]);
}
