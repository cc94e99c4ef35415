// Whole nodes and their ways into the overlay: trackers, and none at all.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
// Loaded on first use otherwise, and the village's clock does not wait for a module.
import '../../src/core/node/overlay-house.ts';
import { systemOverlayCrypto } from '../../src/adapters/system/overlay-crypto.ts';
import { startOverlay } from '../../src/core/overlay/overlay.ts';
import type { Overlay } from '../../src/core/overlay/overlay-api.ts';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';
import { type LinkedOverlay, LinkedOverlays } from '../fixtures/linked-overlays.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const crypto = {
  sha1: async (data: Uint8Array) => new Uint8Array(createHash('sha1').update(data).digest()),
} as OverlayCrypto;

function setUp() {
  const village = new Village();
  const overlays = new LinkedOverlays(village.clock);
  const made: LinkedOverlay[] = [];
  village.overlay = () => ({
    crypto,
    start: async () => {
      const node = overlays.node(made.length + 1);
      made.push(node);
      return node as unknown as Overlay;
    },
  });
  return { village, made };
}

const neighbours = async (person: Villager) => (await person.snapshot()).network.neighbours;
const value = <T>(result: { ok: true; value: T } | { ok: false; kind: string }): T => {
  if (!result.ok) throw new Error(result.kind);
  return result.value;
};

describe('nodes with the whole overlay', () => {
  const realVillage = () => {
    const village = new Village();
    village.overlay = () => ({ crypto: systemOverlayCrypto, start: (tools) => startOverlay(tools) });
    return village;
  };

  it('find one another from a tracker, and stay together when it is gone', async () => {
    const village = realVillage();
    const people: Villager[] = [];
    for (const name of ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn']) people.push(await village.person(name));
    const allKnow = async (count: number) =>
      (await Promise.all(people.map(neighbours))).every((known) => known >= count);
    await village.until(() => allKnow(5), 'everybody a neighbour of everybody');
    village.tracker.goDown();
    await village.pass(300_000);
    expect(await allKnow(5)).toBe(true);
    const opened = people.map(({ dialer }) => dialer.opened);
    await village.pass(600_000);
    expect(people.map(({ dialer }) => dialer.opened)).toEqual(opened);
  });

  it('let somebody in by a text each way, who then finds the others', async () => {
    const village = realVillage();
    const inside: Villager[] = [];
    for (const name of ['Ana', 'Ben', 'Cleo']) inside.push(await village.person(name));
    const [ana] = inside as [Villager];
    await village.until(async () => (await neighbours(ana)) === 2, 'neighbours');
    village.tracker.goDown();
    const dan = await village.person('Dan');
    const { text: invitation } = value(await village.clock.until(dan.node.inviteDoor()));
    const { text: answer } = value(await village.clock.until(ana.node.answerDoor(invitation)));
    value(await village.clock.until(dan.node.acceptDoor(answer)));
    await village.until(async () => (await neighbours(dan)) === 3, 'all of them');
  });
});

describe('a node, with an overlay as short as can be,', () => {
  it('finds its first neighbour at a tracker, and says so', async () => {
    const { village } = setUp();
    const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
    await village.until(async () => (await neighbours(ana)) === 1 && (await neighbours(ben)) === 1, 'neighbours');
    expect((await ana.node.diagnostics()).overlay.neighbours).toHaveLength(1);
    expect((await ana.snapshot()).network.diagnosis).toBe('open');
  });

  it('still lets two people meet and talk at the trackers', async () => {
    const { village } = setUp();
    const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
    await village.introduce(ana, ben);
    await ana.write(ben, 'hello');
    await village.until(async () => (await ben.texts(ana, 'in')).length === 1, 'a message');
  });

  it('says when no door opens, and gets in by a text each way', async () => {
    const { village } = setUp();
    village.tracker.goDown();
    const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
    await village.until(async () => (await ana.snapshot()).network.diagnosis === 'no-door', 'the diagnosis');
    const { text: invitation } = value(await village.clock.until(ana.node.inviteDoor()));
    const { text: answer } = value(await village.clock.until(ben.node.answerDoor(invitation)));
    value(await village.clock.until(ana.node.acceptDoor(answer)));
    await village.until(async () => (await neighbours(ben)) === 1, 'a neighbour');
    expect((await ana.snapshot()).network).toMatchObject({ state: 'online', neighbours: 1, diagnosis: 'open' });
  });

  it('tells what is wrong with a text', async () => {
    const { village } = setUp();
    const ana = await village.person('Ana');
    const { text: invitation } = value(await village.clock.until(ana.node.inviteDoor()));
    expect(await ana.node.answerDoor(invitation)).toMatchObject({ ok: false, kind: 'door-own' });
    expect(await ana.node.answerDoor('')).toMatchObject({ ok: false, kind: 'door-empty' });
    expect(await ana.node.acceptDoor('hello')).toMatchObject({ ok: false, kind: 'door-malformed' });
  });

  it('carries as much for others as the person says, also after a restart', async () => {
    const { village, made } = setUp();
    const ana = await village.person('Ana');
    await village.until(() => made.length === 1, 'an overlay');
    await ana.node.setRelaying(null);
    expect(made[0]?.relaying).toBe(null);
    await ana.node.setRelaying(1_000);
    expect(made[0]?.relaying).toEqual({ bytesPerSecond: 1_000 });
    await ana.close();
    await ana.start();
    await village.until(() => made[1]?.relaying !== undefined, 'an overlay');
    expect(made[1]?.relaying).toEqual({ bytesPerSecond: 1_000 });
  });

  it('that has no overlay says that this way is closed', async () => {
    const ana = await new Village().person('Ana');
    expect(await ana.node.inviteDoor()).toMatchObject({ ok: false, kind: 'door-failed' });
  });
});
