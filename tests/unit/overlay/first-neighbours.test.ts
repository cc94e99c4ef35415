import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryClock, skewed } from '../../../src/adapters/memory/clock.ts';
import { MemoryNetwork } from '../../../src/adapters/memory/dialer.ts';
import { type MemoryEntryPoint, MemoryTracker } from '../../../src/adapters/memory/entry-point.ts';
import { memoryLinkPair } from '../../../src/adapters/memory/links.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { ANSWERS_AT_ONCE, MAX_ANSWERING } from '../../../src/core/overlay/doors/door-answers.ts';
import { DoorCall } from '../../../src/core/overlay/doors/door-call.ts';
import { encodeDoorSignal } from '../../../src/core/overlay/doors/door-signal.ts';
import { doorTopics } from '../../../src/core/overlay/doors/door-topics.ts';
import { ENOUGH_NEIGHBOURS, FirstNeighbours, MAX_CALLS } from '../../../src/core/overlay/doors/first-neighbours.ts';
import type { IncomingOffer, MeetingPlace } from '../../../src/core/ports/entry-point.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { LinkedOverlays } from '../../fixtures/linked-overlays.ts';
import { settle } from '../../fixtures/until.ts';

const crypto = { sha1: async (data: Uint8Array) => new Uint8Array(createHash('sha1').update(data).digest()) };
const DAY_MS = 86_400_000;

function setUp(start?: number) {
  const clock = new MemoryClock(start);
  const network = new MemoryNetwork({ clock, random: seededRandom(1) });
  const tracker = new MemoryTracker({ clock, random: seededRandom(2) });
  const overlays = new LinkedOverlays(clock);
  let count = 0;
  let told = 0;
  const node = (offsetMs = 0, door: MemoryEntryPoint = tracker.entryPoint()) => {
    const overlay = overlays.node(++count);
    const dialer = network.dialer();
    const first = new FirstNeighbours({
      overlay,
      dialer,
      crypto,
      clock: skewed(clock, offsetMs),
      random: seededRandom(count),
      log: silentLog,
      changed: () => told++,
    });
    first.setDoors([door]);
    return { overlay, dialer, first, door, neighbours: () => overlay.neighbours.size };
  };
  const pass = async (milliseconds: number) => {
    await clock.advance(milliseconds, settle);
    await settle();
  };
  return { clock, network, tracker, node, pass, told: () => told };
}

describe('first neighbours', () => {
  it('are found at a door, within a second', async () => {
    const { node, pass } = setUp();
    const ana = node();
    await pass(5_000);
    expect(ana.dialer.opened).toBe(0);
    const ben = node();
    await pass(1_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
  });

  it('are asked for soon after somebody knocked in vain, whatever the door said before', async () => {
    const { tracker, node, pass } = setUp();
    const ana = node();
    await pass(5_000);
    const visitor = tracker.entryPoint();
    await pass(100);
    const [today] = await doorTopics(crypto, Math.floor(Date.UTC(2026, 5, 15) / DAY_MS));
    const heard: unknown[] = [];
    const listener = { others: () => {}, offer: (offer: unknown) => heard.push(offer) };
    const membership = visitor.join(today?.place as never, listener);
    await pass(1_000);
    // Another's answer was faster, so that Ana's leads to nothing.
    const signal = new TextEncoder().encode('memory offer 11');
    membership.offer(encodeDoorSignal({ id: new Uint8Array(20).fill(99), signal }), () => {});
    await pass(3_000);
    expect(heard).toHaveLength(1);
    expect(ana.dialer.opened).toBe(2);
  });

  it('are no longer asked for when there are enough', async () => {
    const { node, pass } = setUp();
    const inside = Array.from({ length: 12 }, () => node());
    await pass(120_000);
    const cleo = node();
    await pass(60_000);
    expect(cleo.neighbours()).toBeGreaterThanOrEqual(ENOUGH_NEIGHBOURS);
    const opened = inside.map(({ dialer }) => dialer.opened).reduce((sum, each) => sum + each) + cleo.dialer.opened;
    await pass(600_000);
    const later = inside.map(({ dialer }) => dialer.opened).reduce((sum, each) => sum + each) + cleo.dialer.opened;
    expect(later).toBe(opened);
  });

  it('cost two who are alone no connection after they have met', async () => {
    const { node, pass } = setUp();
    const [ana, ben] = [node(), node()];
    await pass(30_000);
    const opened = ana.dialer.opened + ben.dialer.opened;
    await pass(3_600_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
    expect(ana.dialer.opened + ben.dialer.opened).toBe(opened);
  });

  it('are asked for again when they are gone', async () => {
    const { node, pass } = setUp();
    const [ana, ben] = [node(), node()];
    await pass(5_000);
    for (const { link } of ana.overlay.neighbours.values()) link.close();
    await pass(5_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
  });

  it('are found after a door was away, and by whoever does not give up', async () => {
    const { tracker, node, pass } = setUp();
    tracker.goDown();
    const ana = node();
    await pass(300_000);
    tracker.goUp();
    await pass(10_000);
    const ben = node();
    await pass(5_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
  });

  it('are found where the door still lists people who have gone, at few connections', async () => {
    const { clock, tracker, node, pass } = setUp();
    const [today] = await doorTopics(crypto, Math.floor(clock.now() / DAY_MS));
    tracker.addGhosts(today?.place.topic ?? new Uint8Array(), 10);
    const ana = node();
    await pass(3_600_000);
    // Back-off up to two minutes: three at a time.
    expect(ana.dialer.opened).toBeLessThan(200);
    expect(ana.dialer.alive).toBeLessThanOrEqual(MAX_CALLS);
  });

  it('are told from nobody: others answer, and no connection opens until something in between is gone', async () => {
    const { network, node, pass, told } = setUp();
    network.reachable = false;
    const [ana, ben] = [node(), node()];
    expect(ana.first.nothingOpens).toBe(false);
    await pass(120_000);
    expect([ana.first.nothingOpens, ben.first.nothingOpens]).toEqual([true, true]);
    expect(told()).toBeGreaterThan(0);
    network.reachable = true;
    await pass(240_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
    expect([ana.first.nothingOpens, ben.first.nothingOpens]).toEqual([false, false]);
  });

  it('are nobody again when the door names no others any more', async () => {
    const { network, node, pass, told } = setUp();
    network.reachable = false;
    const [ana, ben] = [node(), node()];
    await pass(120_000);
    ben.first.close();
    ben.door.close();
    const before = told();
    await pass(240_000);
    expect(ana.first.nothingOpens).toBe(false);
    expect(told()).toBeGreaterThan(before);
  });

  it('that are named and do not answer are gone, not blocked', async () => {
    const { clock, tracker, node, pass } = setUp();
    const [today] = await doorTopics(crypto, Math.floor(clock.now() / DAY_MS));
    tracker.addGhosts(today?.place.topic ?? new Uint8Array(), 10);
    const ana = node();
    await pass(600_000);
    expect(ana.first.nothingOpens).toBe(false);
  });

  it('that answer with nonsense do not make it look as if something forbade connections', async () => {
    const { clock, tracker, node, pass } = setUp();
    const visitor = tracker.entryPoint();
    await pass(100);
    const [today] = await doorTopics(crypto, Math.floor(clock.now() / DAY_MS));
    const nonsense = encodeDoorSignal({ id: new Uint8Array(20).fill(99), signal: Uint8Array.of(1) });
    let answered = 0;
    const offer = (incoming: IncomingOffer) => {
      answered += 1;
      incoming.answer(nonsense);
    };
    visitor.join(today?.place as MeetingPlace, { others: () => {}, offer });
    await pass(1_000);
    const ana = node();
    await pass(120_000);
    expect(answered).toBeGreaterThan(4);
    expect(ana.first.nothingOpens).toBe(false);
  });

  it('have their own time from the answer on, however late that comes', async () => {
    for (const [opensAfter, outcome] of [
      [5_000, 'met'],
      [20_000, 'unopened'],
    ] as const) {
      const clock = new MemoryClock();
      const [link] = memoryLinkPair({ clock, fingerprints: [new Uint8Array(32), new Uint8Array(32).fill(1)] });
      let answer: (signal: Uint8Array) => void = () => {};
      const offered = {
        signal: Uint8Array.of(1),
        onCandidate: () => {},
        addCandidate: () => {},
        cancel: () => {},
        accept: () => new Promise<Link>((resolve) => clock.after(opensAfter, () => resolve(link))),
      };
      const membership = {
        offer: (_: Uint8Array, onAnswer: typeof answer) => {
          answer = onAnswer;
          return () => {};
        },
      };
      const ends: string[] = [];
      new DoorCall({
        overlay: { id: new Uint8Array(20), adopt: async () => new Uint8Array(20) } as never,
        dialer: { offer: async () => offered } as never,
        clock,
        log: silentLog,
        places: [{ membership }] as never,
        onEnd: (end) => ends.push(end),
      });
      await clock.advance(14_000, settle);
      answer(encodeDoorSignal({ id: new Uint8Array(20).fill(9), signal: Uint8Array.of(2) }));
      await clock.advance(14_000, settle);
      expect(ends).toEqual(outcome === 'met' ? ['met'] : []);
      await clock.advance(14_000, settle);
      expect(ends).toEqual([outcome]);
    }
  });

  it('are found over a door that does not count', async () => {
    const { tracker, node, pass } = setUp();
    tracker.tellsCounts = false;
    const [ana, ben] = [node(), node()];
    await pass(60_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
  });

  it('are found across midnight, and by a clock that is a day off', async () => {
    const { node, pass } = setUp(Date.UTC(2026, 5, 15, 23, 50));
    const ana = node();
    await pass(3_600_000);
    const ben = node();
    await pass(5_000);
    expect([ana.neighbours(), ben.neighbours()]).toEqual([1, 1]);
    const cleo = node(DAY_MS);
    await pass(120_000);
    expect(cleo.neighbours()).toBeGreaterThan(0);
  });

  it('let newcomers in at a limited rate', async () => {
    const { tracker, node, pass } = setUp();
    const ana = node();
    await pass(1_000);
    const visitor = tracker.entryPoint();
    await pass(100);
    const [today] = await doorTopics(crypto, Math.floor(Date.UTC(2026, 5, 15) / DAY_MS));
    const membership = visitor.join(today?.place as never, { others: () => {}, offer: () => {} });
    await pass(1_000);
    for (let byte = 1; byte <= 200; byte++) {
      const signal = new TextEncoder().encode(`memory offer ${byte.toString(16)}`);
      membership.offer(encodeDoorSignal({ id: new Uint8Array(20).fill(byte + 20), signal }), () => {});
      await pass(100);
      expect(ana.dialer.alive).toBeLessThanOrEqual(MAX_ANSWERING + MAX_CALLS);
    }
    const answered = ana.dialer.opened;
    expect(answered).toBeLessThanOrEqual(ANSWERS_AT_ONCE + 20 * 0.2 + 2 * MAX_CALLS);
  });

  it('are not looked for among nonsense', async () => {
    const { tracker, node, pass } = setUp();
    const ana = node();
    await pass(1_000);
    tracker.onSignal = () => {};
    const visitor = tracker.entryPoint();
    await pass(100);
    const [today] = await doorTopics(crypto, Math.floor(Date.UTC(2026, 5, 15) / DAY_MS));
    const membership = visitor.join(today?.place as never, { others: () => {}, offer: () => {} });
    await pass(100);
    const own = encodeDoorSignal({ id: ana.overlay.id, signal: Uint8Array.of(1) });
    const bad = encodeDoorSignal({ id: new Uint8Array(20).fill(99), signal: Uint8Array.of(1) });
    for (const junk of [new Uint8Array(0), new Uint8Array(15_000), Uint8Array.of(1, 2, 3), own, bad])
      membership.offer(junk, () => {});
    await pass(1_000);
    const ben = node();
    await pass(60_000);
    expect(ben.neighbours()).toBe(1);
  });

  it('leave nothing behind when the node closes', async () => {
    const { clock, node, pass } = setUp();
    const [ana, ben] = [node(), node()];
    await pass(150);
    for (const { first, door } of [ana, ben]) {
      first.close();
      door.close();
    }
    await pass(60_000);
    expect([ana.dialer.alive, ben.dialer.alive, clock.pending]).toEqual([0, 0, 0]);
  });
});
