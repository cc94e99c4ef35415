// Overlay links to contacts' nodes: kept while they are contacts, never by or for somebody who hides.
import { beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { systemOverlayCrypto } from '../../src/adapters/system/overlay-crypto.ts';
import { kemKeyPair } from '../../src/core/crypto/kem.ts';
import { startOverlay } from '../../src/core/overlay/overlay.ts';
import type { Overlay } from '../../src/core/overlay/overlay-api.ts';
import { Village, type Villager } from '../fixtures/village.ts';

/** What nodes load when they need it takes no time of the village's clock, which would run on meanwhile. */
beforeAll(async () => {
  await Promise.all([import('../../src/core/node/network.ts'), import('../../src/core/node/overlay-house.ts')]);
  await kemKeyPair(seededRandom(1));
});

async function fiveInTheOverlay() {
  const village = new Village();
  const overlays: Overlay[] = [];
  village.overlay = () => ({
    crypto: systemOverlayCrypto,
    start: async (tools) => {
      const overlay = await startOverlay(tools);
      overlays.push(overlay);
      return overlay;
    },
  });
  const people: Villager[] = [];
  for (const name of ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva']) people.push(await village.person(name));
  await village.until(() => overlays.length === 5 && overlays.every((each) => each.view().neighbours.length === 4));
  const [ana, ben] = people as [Villager, Villager];
  // Nodes were started in the order in which people came.
  const kept = (index: number) =>
    (overlays[index] as Overlay)
      .view()
      .neighbours.filter(({ pinned }) => pinned)
      .map(({ id }) => overlays.findIndex((each) => each.id.join() === id.join()));
  return { village, ana, ben, kept };
}

it('both keep the link to the other, and to nobody else; it is shown; parting ends it', async () => {
  const { village, ana, ben, kept } = await fiveInTheOverlay();
  expect([0, 1, 2, 3, 4].flatMap(kept)).toEqual([]);
  await village.introduce(ana, ben);
  await village.until(() => kept(0).length > 0 && kept(1).length > 0, 'kept');
  expect([0, 1, 2, 3, 4].map(kept)).toEqual([[1], [0], [], [], []]);
  const shown = (await ana.node.diagnostics()).overlay.neighbours;
  expect(shown.filter(({ pinned }) => pinned)).toHaveLength(1);
  await ana.node.block(await ana.idOf(ben));
  await village.until(() => kept(0).length === 0, 'no longer kept');
});

it('who hides keeps none, and is kept by none', async () => {
  const { village, ana, ben, kept } = await fiveInTheOverlay();
  await village.introduce(ana, ben);
  await village.until(() => kept(0).length > 0 && kept(1).length > 0, 'kept');
  await ana.node.setRelayOnly(true);
  expect(kept(0)).toEqual([]);
  await village.together(ana, ben);
  await village.until(() => kept(1).length === 0, 'not kept by the other');
  await village.pass(60_000);
  expect([kept(0), kept(1)]).toEqual([[], []]);
  await ana.node.setRelayOnly(false);
  await village.until(() => kept(0).length > 0 && kept(1).length > 0, 'kept again');
});
