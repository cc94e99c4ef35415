// Live links: who is let in, who has to go, which of two links stays, and when silence is the end.
import { describe, expect, it } from 'vitest';
import { memoryLinkPair } from '../../../src/adapters/memory/links.ts';
import { chooseVictim } from '../../../src/core/overlay/eviction.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { GUEST_STAY_MS, MAX_GREETING } from '../../../src/core/overlay/limits.ts';
import type { Neighbour } from '../../../src/core/overlay/neighbour.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const kindOf = (error: unknown): unknown => (error as { kind?: unknown }).kind;

async function two(options = {}) {
  const nodes = new OverlayNodes();
  const [ana, ben] = (await nodes.startMany(2, options)) as [Transport, Transport];
  return { nodes, ana, ben };
}

function watch(node: Transport): string[] {
  const events: string[] = [];
  node.neighbours.onAdded(({ address }) => events.push(`+${address}`));
  node.neighbours.onRemoved(({ address }) => events.push(`-${address}`));
  return events;
}

describe('greeting', () => {
  it('both sides learn who the other is, and how far away', async () => {
    const { nodes, ana, ben } = await two();
    const [left, right] = nodes.wire({ latencyMs: 20 });
    const ids = await nodes.until(Promise.all([ana.neighbours.adopt(left), ben.neighbours.adopt(right)]));
    expect(ids).toEqual([ben.id, ana.id]);
    await nodes.advance(100);
    expect(ana.neighbours.get(at(ben))?.rttMs).toBe(40);
    expect(ana.neighbours.linksOpened).toBe(1);
  });

  it('nothing leaves before our own hello, however long it takes to sign', async () => {
    const { nodes, ana } = await two();
    const signs = nodes.clock.after.bind(nodes.clock);
    const key = {
      ...ana.key,
      sign: (data: Uint8Array) => new Promise<Uint8Array>((resolve) => signs(50, () => resolve(ana.key.sign(data)))),
    };
    const slow = await nodes.start({ key });
    const ben = await nodes.start();
    // What a neighbour hears when it is added, from the table.
    slow.neighbours.onAdded(({ id }) => slow.neighbours.setInTable(id, true));
    await nodes.link(slow, ben);
    await nodes.advance(5);
    expect(ben.neighbours.get(at(slow))?.inTheirTable).toBe(true);
  });

  it('a link on which nobody says hello is closed after 10 s', async () => {
    const { nodes, ana } = await two();
    const [left, right] = nodes.wire();
    expect(await nodes.until(ana.neighbours.adopt(left).catch(kindOf))).toBe('link-timeout');
    await nodes.advance(5);
    expect(right.closed).toBe(true);
    expect(ana.neighbours.size).toBe(0);
  });

  it('a hello that is forged, or recorded on another link, closes it', async () => {
    const { nodes, ana, ben } = await two();
    const [left, right] = nodes.wire();
    const recorded: Uint8Array[] = [];
    right.onFrame(() => {});
    const [other, mallory] = nodes.wire();
    mallory.onFrame((frame) => recorded.push(frame));
    void ben.neighbours.adopt(other).catch(() => {});
    const refused = ana.neighbours.adopt(left).catch(kindOf);
    await nodes.advance(5);
    right.send(recorded[0] as Uint8Array);
    expect(await nodes.until(refused)).toBe('frame-authentication');
    await nodes.advance(5);
    expect(right.closed).toBe(true);
    const [again, back] = nodes.wire();
    const malformed = ana.neighbours.adopt(again).catch(kindOf);
    back.send(Uint8Array.of(7, 7, 7));
    expect(await nodes.until(malformed)).toBe('frame-malformed');
  });

  it('a link to ourselves is none, and so is one that closes early', async () => {
    const { nodes, ana } = await two();
    const [left, right] = nodes.wire();
    const both = [left, right].map((link) => ana.neighbours.adopt(link).catch(kindOf));
    expect(await nodes.until(Promise.all(both))).toEqual(['link-closed', 'link-closed']);
    const [early, other] = nodes.wire();
    other.close();
    expect(await nodes.until(ana.neighbours.adopt(early).catch(kindOf))).toBe('link-closed');
  });

  it('only so many links wait for a hello', async () => {
    const { nodes, ana } = await two();
    const open = Array.from({ length: MAX_GREETING + 3 }, () => ana.neighbours.adopt(nodes.wire()[0]).catch(kindOf));
    const kinds = await nodes.until(Promise.all(open));
    expect(kinds.filter((kind) => kind === 'link-closed')).toHaveLength(3);
  });

  it('a flood before the hello is verified ends the link', async () => {
    const { nodes, ana } = await two();
    const [left, right] = nodes.wire();
    const refused = ana.neighbours.adopt(left).catch(kindOf);
    for (let count = 0; count < 200; count += 1) right.send(new Uint8Array(10).fill(1));
    expect(await nodes.until(refused)).toMatch(/^frame-/);
  });
});

describe('two links to one node', () => {
  it('of simultaneous dials the smaller id’s stays, on both sides', async () => {
    for (const order of [0, 1]) {
      const { nodes, ana, ben } = await two();
      const [small, large] = at(ana) < at(ben) ? [ana, ben] : [ben, ana];
      const [bySmall, atLarge] = nodes.wire({ latencyMs: 5 });
      const [byLarge, atSmall] = nodes.wire({ latencyMs: 5 });
      const adopt = [
        () => [small.neighbours.adopt(bySmall, { dialed: true }), large.neighbours.adopt(atLarge, { dialed: false })],
        () => [large.neighbours.adopt(byLarge, { dialed: true }), small.neighbours.adopt(atSmall, { dialed: false })],
      ];
      if (order === 1) adopt.reverse();
      await nodes.until(Promise.all(adopt.flatMap((each) => each())));
      await nodes.advance(20);
      expect([bySmall.closed, atLarge.closed, byLarge.closed, atSmall.closed]).toEqual([false, false, true, true]);
      expect([small.neighbours.size, large.neighbours.size]).toEqual([1, 1]);
    }
  });

  it('when nobody knows who dialed both sides still keep the same one', async () => {
    const { nodes, ana, ben } = await two();
    const wires = [nodes.wire(), nodes.wire(), nodes.wire()];
    await nodes.until(
      Promise.all(wires.flatMap(([left, right]) => [ana.neighbours.adopt(left), ben.neighbours.adopt(right)])),
    );
    await nodes.advance(20);
    expect(wires.filter(([left, right]) => !left.closed && !right.closed)).toHaveLength(1);
  });

  it('later a new link replaces the old one: whoever dials has lost it', async () => {
    const { nodes, ana, ben } = await two();
    const [old] = await nodes.link(ana, ben);
    await nodes.advance(10_000);
    const events = watch(ana);
    const [fresh] = await nodes.link(ana, ben);
    await nodes.advance(20);
    expect([old.closed, fresh.closed]).toEqual([true, false]);
    expect(events).toEqual([`-${at(ben)}`, `+${at(ben)}`]);
  });

  it('another node cannot take over an address: its whole id differs', async () => {
    const { nodes, ana, ben } = await two();
    await nodes.link(ana, ben);
    const ground = { ...ben.key, id: ben.id.map((byte, index) => (index < 6 ? byte : byte ^ 1)) };
    const mallory = await nodes.start({ key: ground });
    await nodes.link(ana, mallory).catch(() => {});
    expect(ana.neighbours.get(at(ben))?.id).toEqual(ben.id);
  });
});

describe('silence and nonsense', () => {
  it('a neighbour whose cable is cut is dropped after 15 s, a quiet one is not', async () => {
    const nodes = new OverlayNodes();
    const [ana, ben, cleo] = (await nodes.startMany(3)) as [Transport, Transport, Transport];
    await nodes.link(ana, ben);
    const [cut] = await nodes.link(ana, cleo);
    cut.kill();
    const events = watch(ana);
    await nodes.advance(21_000);
    expect(events).toEqual([`-${at(cleo)}`]);
    await nodes.advance(120_000);
    expect(ana.neighbours.get(at(ben))).toBeDefined();
  });

  it('a page that slept an hour asks before it gives anybody up', async () => {
    const nodes = new OverlayNodes();
    let asleep = 0;
    const clock = { now: () => nodes.clock.now() + asleep, after: nodes.clock.after.bind(nodes.clock) };
    const [ana, ben] = [await nodes.start({ clock }), await nodes.start()];
    await nodes.link(ana, ben);
    await nodes.advance(7_000);
    asleep = 3_600_000;
    await nodes.advance(20_000);
    expect(ana.neighbours.size).toBe(1);
  });

  it('a few unknown frames are forgiven, many are not', async () => {
    const { nodes, ana, ben } = await two();
    await nodes.link(ana, ben);
    const toAna = ben.neighbours.get(at(ana));
    for (let count = 0; count < 8; count += 1) toAna?.send(Uint8Array.of(200, 1));
    await nodes.advance(5);
    expect(ana.neighbours.size).toBe(1);
    toAna?.send(Uint8Array.of());
    await nodes.advance(5);
    expect([ana.neighbours.size, ben.neighbours.size]).toEqual([0, 0]);
  });

  it('a lost link is reported once; closing everything says goodbye and leaves no timer', async () => {
    const { nodes, ana, ben } = await two();
    const [left] = await nodes.link(ana, ben);
    const events = watch(ben);
    left.end();
    left.close();
    await nodes.advance(5);
    ana.close();
    ben.close();
    await nodes.advance(10);
    expect(events).toEqual([`-${at(ana)}`]);
    expect(nodes.clock.pending).toBe(0);
    await expect(ana.neighbours.adopt(nodes.wire()[0])).rejects.toMatchObject({ kind: 'link-closed' });
  });
});

describe('the cap', () => {
  it('a newcomer finds a place: the oldest guest has had its look-up', async () => {
    const nodes = new OverlayNodes();
    const ana = await nodes.start({ cap: 12 });
    const others = await nodes.startMany(12);
    for (const other of others) await nodes.link(ana, other);
    await nodes.advance(GUEST_STAY_MS);
    const events = watch(ana);
    const late = await nodes.start();
    await nodes.link(ana, late);
    expect(events).toEqual([`-${at(others[0] as Transport)}`, `+${at(late)}`]);
    expect(ana.neighbours.size).toBe(12);
    await nodes.advance(5);
    expect((others[0] as Transport).neighbours.size).toBe(0);
  });

  it('when all are guests of the last seconds the newcomer is refused, a pinned one is not', async () => {
    const nodes = new OverlayNodes();
    const ana = await nodes.start({ cap: 12 });
    for (const other of await nodes.startMany(12)) await nodes.link(ana, other);
    const [left, right] = nodes.wire();
    const late = await nodes.start();
    void late.neighbours.adopt(right).catch(() => {});
    expect(await nodes.until(ana.neighbours.adopt(left).catch(kindOf))).toBe('link-closed');
    await nodes.advance(5);
    expect(late.neighbours.size).toBe(0);
    const [here, there] = nodes.wire();
    void late.neighbours.adopt(there);
    ana.neighbours.keep([late.id]);
    await nodes.until(ana.neighbours.adopt(here));
    expect(ana.neighbours.get(at(late))?.pinned).toBe(true);
    expect(ana.neighbours.size).toBe(12);
  });

  it('a quarter of the links is kept at most, those named first', async () => {
    const nodes = new OverlayNodes();
    const ana = await nodes.start({ cap: 12 });
    const others = await nodes.startMany(12);
    const kept = () => others.flatMap((other, index) => (ana.neighbours.get(at(other))?.pinned ? [index] : []));
    ana.neighbours.keep(others.map(({ id }) => id).reverse());
    for (const other of others) await nodes.link(ana, other);
    expect(kept()).toEqual([9, 10, 11]);
    ana.neighbours.drop(ana.neighbours.get(at(others[11] as Transport)) as Neighbour, 'leaving');
    expect(kept()).toEqual([8, 9, 10]);
    ana.neighbours.keep([(others[4] as Transport).id]);
    expect(kept()).toEqual([4]);
    ana.neighbours.keep([]);
    expect(kept()).toEqual([]);
  });

  it('a link that is kept outlasts a flood of newcomers, whoever dialed it', async () => {
    const nodes = new OverlayNodes();
    const [ana, ben, cleo] = (await nodes.startMany(3, { cap: 12 })) as [Transport, Transport, Transport];
    ana.neighbours.keep([ben.id, cleo.id]);
    await nodes.link(ana, ben);
    await nodes.link(cleo, ana);
    for (let round = 0; round < 3; round += 1) {
      for (const other of await nodes.startMany(12)) await nodes.link(other, ana).catch(() => {});
      await nodes.advance(GUEST_STAY_MS);
    }
    expect(ana.neighbours.size).toBe(12);
    expect([ben, cleo].map((each) => ana.neighbours.get(at(each))?.pinned)).toEqual([true, true]);
  });

  it('whoever has a contact’s address but another id is not kept', async () => {
    const { nodes, ana, ben } = await two();
    await nodes.link(ana, ben);
    const ground = ben.id.slice();
    ground[19] = (ground[19] as number) ^ 1;
    ana.neighbours.keep([ground]);
    expect(ana.neighbours.get(at(ben))?.pinned).toBe(false);
  });

  it('"you are in my table" is told, and taken back', async () => {
    const { nodes, ana, ben } = await two();
    await nodes.link(ana, ben);
    ana.neighbours.setInTable(ben.id, true);
    await nodes.advance(5);
    expect(ben.neighbours.get(at(ana))?.inTheirTable).toBe(true);
    ana.neighbours.setInTable(ben.id, false);
    await nodes.advance(5);
    expect(ben.neighbours.get(at(ana))?.inTheirTable).toBe(false);
    ben.neighbours.get(at(ana))?.send(Uint8Array.of(frameTypes.table));
    await nodes.advance(5);
    expect(ana.neighbours.size).toBe(1);
  });

  const standing = (since: number, change = {}) => ({
    since,
    pinned: false,
    inTable: false,
    inTheirTable: false,
    circuits: 0,
    ...change,
  });

  it('guests go first; without enough of them the youngest of those that are worth least', () => {
    const pinned = standing(1, { pinned: true });
    const ours = standing(2, { inTable: true });
    const theirs = [standing(3, { inTheirTable: true }), standing(4, { inTheirTable: true })];
    const carrying = standing(5, { circuits: 1 });
    const guests = [standing(6), standing(7), standing(8), standing(9)];
    const settled = [pinned, ours, ...theirs, carrying];
    expect(chooseVictim([...settled, ...guests], 10_000, false)).toBe(guests[0]);
    expect(chooseVictim([...settled, ...guests], 100, false)).toBeUndefined();
    expect(chooseVictim([...settled, ...guests], 100, true)).toBe(guests[0]);
    expect(chooseVictim([...settled, ...guests.slice(1)], 10_000, false)).toBe(carrying);
    expect(chooseVictim([pinned, ours, ...theirs], 10_000, false)).toBe(theirs[1]);
    expect(chooseVictim([pinned, ours], 10_000, false)).toBe(ours);
    expect(chooseVictim([pinned], 10_000, true)).toBeUndefined();
    // Newcomers who claim to have us in their tables do not push out those from before them, however fast they come.
    const claiming = [9_900, 9_950].map((since) => standing(since, { inTheirTable: true }));
    expect(chooseVictim([...settled, ...claiming], 10_000, false)).toBeUndefined();
    expect(chooseVictim([...settled, ...claiming], 10_000, true)).toBe(claiming[1]);
    expect(chooseVictim([...settled, ...claiming], 13_000, false)).toBe(claiming[1]);
  });
});

it('links of one memory differ, as they do in a browser', () => {
  const { clock } = new OverlayNodes();
  const [left, right] = memoryLinkPair({ clock });
  expect(left.binding.local).toEqual(right.binding.remote);
});
