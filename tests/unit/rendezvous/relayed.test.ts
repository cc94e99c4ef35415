// Two who cannot connect directly, or do not want to: a link through the overlay, and a direct one as soon as it opens.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { type MemoryDialer, MemoryNetwork } from '../../../src/adapters/memory/dialer.ts';
import { MemoryTracker } from '../../../src/adapters/memory/entry-point.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { OverlayDoor } from '../../../src/core/overlay/overlay-door.ts';
import type { EntryPoint } from '../../../src/core/ports/entry-point.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { type Appointment, type MeetingSide, Rendezvous } from '../../../src/core/rendezvous/rendezvous.ts';
import { type FakeNode, FakeOverlays } from '../../fixtures/fake-overlay.ts';
import { keysOf } from '../../fixtures/meeting.ts';
import { settle } from '../../fixtures/until.ts';

let clock: MemoryClock;
let network: MemoryNetwork;
let overlays: FakeOverlays;

beforeEach(() => {
  clock = new MemoryClock();
  network = new MemoryNetwork({ clock, random: seededRandom(1) });
  overlays = new FakeOverlays(clock, seededRandom(2));
  for (let i = 0; i < 5; i++) overlays.node();
});

const pass = (ms: number) => clock.advance(ms, settle);

class Person {
  readonly node: FakeNode = overlays.node();
  readonly dialer: MemoryDialer = network.dialer();
  readonly routes: string[] = [];
  readonly appointment: Appointment;
  readonly door: OverlayDoor;
  readonly rendezvous: Rendezvous;
  link: Link | undefined;
  /** Direct calls that were answered and did not open. */
  unopened = 0;
  relayOnly = false;

  constructor(side: MeetingSide, { relayOnly = false } = {}) {
    const common = { clock, random: seededRandom(side.length), log: silentLog };
    this.door = new OverlayDoor({ overlay: this.node, ...common });
    this.relayOnly = relayOnly;
    this.door.hide(relayOnly);
    this.rendezvous = new Rendezvous({
      doors: [this.door],
      dialer: this.dialer,
      relayOnly: () => this.relayOnly,
      ...common,
    });
    const meeting = keysOf(1, side);
    this.appointment = this.rendezvous.meet({
      id: 'test',
      meeting,
      daily: true,
      onLink: (link) => this.take(link),
      onUnopened: () => this.unopened++,
    });
  }

  /** From now on no contact may learn the address. */
  hide(): void {
    this.relayOnly = true;
    this.door.hide(true);
    this.rendezvous.stopDirect();
  }

  /** As sessions do: the newest link is in use. */
  private take(link: Link): void {
    this.routes.push(link.route);
    this.link?.close();
    this.link = link;
    this.appointment.satisfied(link.route === 'relayed' ? 'relayed' : true);
    link.onClose(() => {
      if (this.link !== link) return;
      this.link = undefined;
      this.appointment.satisfied(false);
    });
  }
}

const pair = async (options: { relayOnly?: boolean } = {}) => {
  const ana = new Person('initiator', options);
  await pass(1_000);
  return [ana, new Person('responder')] as const;
};

describe('two whose networks let nobody in', () => {
  it('get a link through others within seconds, and go on trying for a direct one, less and less', async () => {
    network.reachable = false;
    const [ana, ben] = await pair();
    await pass(8_000);
    expect([ana.routes, ben.routes]).toEqual([['relayed'], ['relayed']]);
    expect(ana.link?.binding.local).toEqual(ben.link?.binding.remote);
    await pass(60 * 60_000);
    expect([ana.routes, ben.routes]).toEqual([['relayed'], ['relayed']]);
    expect(ana.dialer.opened + ben.dialer.opened).toBeGreaterThan(10);
    expect(ana.dialer.opened + ben.dialer.opened).toBeLessThan(100);
    expect(ana.unopened + ben.unopened).toBeGreaterThan(0);
  });

  it('are not told that a call failed that nobody answered', async () => {
    network.reachable = false;
    const ana = new Person('initiator');
    await pass(10 * 60_000);
    expect(ana.unopened).toBe(0);
  });

  it('get one just as soon when the door that carries it is open only after they called each other at another', async () => {
    network.reachable = false;
    const tracker = new MemoryTracker({ clock, random: seededRandom(3) });
    const [ana, ben] = [new Person('initiator'), new Person('responder')];
    const doors = [ana, ben].map((person) => {
      const door = tracker.entryPoint();
      person.rendezvous.setDoors([door]);
      return door;
    });
    await pass(1_000);
    expect(tracker.answersPassed).toBeGreaterThan(0);
    for (const [index, person] of [ana, ben].entries()) {
      person.rendezvous.setDoors([doors[index] as EntryPoint, person.door]);
    }
    await pass(9_000);
    expect([ana.link?.route, ben.link?.route]).toEqual(['relayed', 'relayed']);
  });

  it('talk directly once that is possible', async () => {
    network.reachable = false;
    const [ana, ben] = await pair();
    await pass(60_000);
    network.reachable = true;
    await pass(20 * 60_000);
    expect([ana.routes.at(-1), ben.routes.at(-1)]).toEqual(['direct', 'direct']);
    const opened = ana.dialer.opened + ben.dialer.opened;
    await pass(10 * 60_000);
    expect(ana.dialer.opened + ben.dialer.opened).toBe(opened);
  });

  it('have another link through others at once when a relay goes away', async () => {
    network.reachable = false;
    const [ana, ben] = await pair();
    await pass(60_000);
    overlays.circuits.at(-1)?.relay?.close();
    await pass(2_000);
    expect([ana.link?.route, ben.link?.route]).toEqual(['relayed', 'relayed']);
    expect(overlays.circuits.length).toBeGreaterThan(1);
  });
});

describe('two who can connect', () => {
  it('do not wait until all their candidates are known', async () => {
    network = new MemoryNetwork({ clock, random: seededRandom(1), gatherMs: 3_000 });
    const [ana, ben] = await pair();
    await pass(4_500);
    expect([ana.routes, ben.routes]).toEqual([['direct'], ['direct']]);
  });

  it('open nothing through others', async () => {
    const [ana, ben] = await pair();
    await pass(60_000);
    expect([ana.routes, ben.routes]).toEqual([['direct'], ['direct']]);
    expect(overlays.circuits).toEqual([]);
    expect(ana.unopened + ben.unopened).toBe(0);
  });
});

describe('who wants relayed links only', () => {
  it('makes and answers no offer, and is reached all the same', async () => {
    const [ana, ben] = await pair({ relayOnly: true });
    await pass(60_000);
    expect([ana.link?.route, ben.link?.route]).toEqual(['relayed', 'relayed']);
    await pass(60 * 60_000);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([0, 0]);
    // So the other has no reason to think that their own network is at fault.
    expect(ben.unopened).toBe(0);
  });

  it('calls others that way too', async () => {
    const ben = new Person('responder');
    await pass(1_000);
    const ana = new Person('initiator', { relayOnly: true });
    await pass(3_000);
    expect([ana.link?.route, ben.link?.route, ana.dialer.opened]).toEqual(['relayed', 'relayed', 0]);
  });

  it.each(['initiator', 'responder'] as const)(
    'has no other any more once that is wished, whatever was in the making (%s)',
    async (side) => {
      network = new MemoryNetwork({ clock, random: seededRandom(1), openMs: 4_000 });
      const [ana, ben] = await pair();
      await pass(2_500);
      const hidden = side === 'initiator' ? ana : ben;
      const { opened } = hidden.dialer;
      expect(opened).toBeGreaterThan(0);
      hidden.hide();
      await pass(10 * 60_000);
      expect(new Set([...ana.routes, ...ben.routes])).toEqual(new Set(['relayed']));
      expect([hidden.dialer.opened, hidden.dialer.alive]).toEqual([opened, 0]);
    },
  );
});
