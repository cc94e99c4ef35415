// Ana and Ben, doors and a network in memory, and a clock that the test moves.
import { describe, expect, it } from 'vitest';
import type { MemoryEntryPoint } from '../../../src/adapters/memory/entry-point.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { dailyTopics, dayNumber, singleTopic } from '../../../src/core/rendezvous/topics.ts';
import { DAY_MS, keysOf, type Waiting, World } from '../../fixtures/meeting.ts';
import { placeAt } from '../../fixtures/places.ts';

const MINUTE_MS = 60_000;
const keys = keysOf(1);
const have = (...people: Waiting[]) => people.map(({ links }) => links.length > 0);

describe('two people who share a secret', () => {
  it('meet when one comes after the other: one call, one connection each', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    await world.pass(30_000);
    expect(ana.dialer.opened).toBe(0);
    const forAna = ben.meet(keys);
    await world.pass(2_000);
    expect(forBen.links.map(({ role }) => role)).toEqual(['answered']);
    expect(forAna.links.map(({ role }) => role)).toEqual(['offered']);
    await world.pass(10 * MINUTE_MS);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([1, 1]);
    expect(forAna.links[0]?.link.binding.remote).toEqual(forBen.links[0]?.link.binding.local);
  });

  it.each([1, 2, 3, 4, 5])('meet when they arrive at the same instant (seed %i)', async (seed) => {
    const world = new World({ seed });
    const [ana, ben] = [world.person(), world.person()];
    await world.pass(1_000);
    const waiting = [ana.meet(keys), ben.meet(keys)];
    await world.pass(5_000);
    expect(have(...waiting)).toEqual([true, true]);
    expect(ana.dialer.opened + ben.dialer.opened).toBeLessThanOrEqual(4);
  });

  it.each([1, 2, 3, 4, 5, 6])('meet over one link when both call at once (seed %i)', async (seed) => {
    const world = new World({ seed });
    const [ana, ben] = [world.person(), world.person()];
    const waiting = [ana.meet(keys), ben.meet(keys)];
    await world.pass(5_000);
    const links = waiting.map(({ links }) => links.length);
    const opened = ana.dialer.opened + ben.dialer.opened;
    for (const { appointment, links } of waiting) {
      for (const { link } of links) link.close();
      appointment.satisfied(false); // their link broke, and both notice at the same moment
    }
    await world.pass(10_000);
    const more = waiting.map(({ links: all }, index) => all.length - (links[index] ?? 0));
    expect(more).toEqual([1, 1]);
    // Two calls and one answer: whoever's id is smaller has waited instead of answering.
    expect(ana.dialer.opened + ben.dialer.opened - opened).toBe(3);
  });

  it.each([-DAY_MS, DAY_MS, -2 * DAY_MS, 2 * DAY_MS, 7 * 3_600_000])(
    'meet although the clock of one is %i ms ahead',
    async (clockAhead) => {
      const world = new World();
      const forBen = world.person().meet(keys);
      await world.pass(MINUTE_MS);
      const forAna = world.person({ clockAhead }).meet(keys);
      await world.pass(MINUTE_MS);
      expect(have(forBen, forAna)).toEqual([true, true]);
    },
  );

  it('meet although today only those who have gone are listed, and their clocks are two days apart', async () => {
    const world = new World();
    const [today] = await dailyTopics(keys, dayNumber(world.clock.now()));
    world.tracker.addGhosts(today?.bytes ?? new Uint8Array(), 5);
    const forBen = world.person({ clockAhead: 2 * DAY_MS }).meet(keys);
    await world.pass(1_000);
    const forAna = world.person().meet(keys);
    await world.pass(5 * MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
    expect(forAna.links.map(({ role }) => role)).toEqual(['offered']);
  });

  it('meet after one of them has waited for days, under the topics of that day', async () => {
    const world = new World();
    const forBen = world.person().meet(keys);
    await world.pass(5 * DAY_MS);
    const there = world.tracker.topics();
    const expected = await dailyTopics(keys, dayNumber(world.clock.now()));
    expect(new Set(there)).toEqual(new Set(expected.map(({ bytes }) => Buffer.from(bytes).toString('hex'))));
    const forAna = world.person().meet(keys);
    await world.pass(2_000);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('meet over midnight', async () => {
    const world = new World({ start: Date.UTC(2026, 5, 15, 23, 59, 50) });
    const forBen = world.person().meet(keys);
    await world.pass(20_000); // a new day, not everybody has moved yet
    const forAna = world.person().meet(keys);
    await world.pass(10_000);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('meet at whichever door both are at, over two doors with one connection each', async () => {
    const world = new World({ trackers: 2 });
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    await world.pass(1_000);
    const forAna = ben.meet(keys);
    await world.pass(MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([1, 1]);
  });

  it('meet when the only door dies and comes back', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    await world.pass(1_000);
    world.tracker.goDown();
    const forAna = ben.meet(keys);
    await world.pass(10 * MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([false, false]);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([0, 0]);
    world.tracker.goUp();
    await world.pass(MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('meet at another door when the doors are changed', async () => {
    const world = new World({ trackers: 2 });
    const [ana, ben] = [world.person(), world.person()];
    ana.rendezvous.setDoors(ana.doors.slice(0, 1));
    ben.rendezvous.setDoors(ben.doors.slice(1));
    const waiting = [ana.meet(keys), ben.meet(keys)];
    await world.pass(5 * MINUTE_MS);
    expect(have(...waiting)).toEqual([false, false]);
    ben.rendezvous.setDoors(ben.doors.slice(0, 1));
    await world.pass(2_000);
    expect(have(...waiting)).toEqual([true, true]);
  });

  it('meet under one topic that does not change, for a card', async () => {
    const world = new World();
    const forBen = world.person().meet(keys, { daily: false });
    await world.pass(MINUTE_MS);
    const [topic] = world.tracker.topics();
    await world.pass(3 * DAY_MS);
    expect(world.tracker.topics()).toEqual([topic]);
    const forAna = world.person().meet(keys, { daily: false });
    await world.pass(2_000);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('meet although a door does not say who is there', async () => {
    const world = new World();
    world.tracker.tellsCounts = false;
    const forBen = world.person().meet(keys);
    await world.pass(5 * MINUTE_MS);
    const forAna = world.person().meet(keys);
    await world.pass(3 * MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('meet although five who have gone are still listed with them', async () => {
    const world = new World();
    for (const { bytes } of await dailyTopics(keys, dayNumber(world.clock.now()))) {
      world.tracker.addGhosts(bytes, 5);
    }
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    await world.pass(10 * MINUTE_MS);
    expect(ana.dialer.opened).toBeLessThanOrEqual(30);
    const forAna = ben.meet(keys);
    await world.pass(10 * MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });
});

describe('an appointment', () => {
  it('makes no calls while it is satisfied, but answers: the other page may have reloaded', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    await world.pass(1_000);
    ben.meet(keys);
    await world.pass(1_000);
    expect(forBen.appointment.state).toBe('met');
    ben.rendezvous.close();
    for (const door of ben.doors) door.close();
    const reloaded = world.person();
    const forAna = reloaded.meet(keys);
    await world.pass(2_000);
    expect([forBen.links.length, forAna.links.length]).toEqual([2, 1]);
    expect(forBen.links.map(({ role }) => role)).toEqual(['answered', 'answered']);
    expect(ana.dialer.opened).toBe(2);
  });

  it('calls again when a link has led to nothing, ever more slowly, and not at all when nobody is there', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys, { easilySatisfied: false });
    ben.meet(keys, { easilySatisfied: false });
    await world.pass(10_000);
    expect(forBen.links.length).toBeGreaterThanOrEqual(1);
    expect(forBen.appointment.state).toBe('linked');
    await world.pass(60 * MINUTE_MS);
    expect(forBen.links.length).toBeGreaterThanOrEqual(10);
    expect(forBen.links.length).toBeLessThanOrEqual(180);
    ben.rendezvous.close();
    await world.pass(5 * MINUTE_MS);
    const { opened } = ana.dialer;
    await world.pass(60 * MINUTE_MS);
    expect(ana.dialer.opened).toBe(opened);
  });

  it('keeps trying when no link opens, with growing waits, and succeeds when the network lets it', async () => {
    const world = new World();
    world.network.reachable = false;
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys);
    const forAna = ben.meet(keys);
    await world.pass(60 * MINUTE_MS);
    expect(ana.dialer.opened + ben.dialer.opened).toBeLessThanOrEqual(250);
    expect(have(forBen, forAna)).toEqual([false, false]);
    world.network.reachable = true;
    await world.pass(5 * MINUTE_MS);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('tries at once when told to', async () => {
    const world = new World();
    world.network.reachable = false;
    const [ana, ben] = [world.person(), world.person()];
    const waiting = [ana.meet(keys), ben.meet(keys)];
    await world.pass(60 * MINUTE_MS);
    world.network.reachable = true;
    ana.rendezvous.retryNow();
    await world.pass(45_000); // what was out in vain before has 20 s, twice, to end
    expect(have(...waiting)).toEqual([true, true]);
  });

  it('leaves every topic and frees everything when it is cancelled, at whatever moment', async () => {
    for (let moment = 0; moment < 1_200; moment += 37) {
      const world = new World();
      const [ana, ben] = [world.person(), world.person()];
      const forBen = ana.meet(keys);
      ben.meet(keys);
      await world.pass(moment);
      forBen.appointment.cancel();
      for (const { link } of forBen.links) link.close();
      await world.pass(5_000);
      expect([moment, ana.dialer.alive, ana.rendezvous.pending]).toEqual([moment, 0, 0]);
      expect(forBen.appointment.state).toBe('cancelled');
      ben.rendezvous.close();
      await world.pass(1_000);
      expect(world.tracker.topics()).toEqual([]);
    }
  });

  it('survives a browser that makes no more connections, and goes on when it does again', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    ana.dialer.limit = 0;
    ben.dialer.limit = 0;
    const waiting = [ana.meet(keys), ben.meet(keys)];
    await world.pass(10 * MINUTE_MS);
    expect([ana.rendezvous.pending, ben.rendezvous.pending]).toEqual([0, 0]);
    ana.dialer.limit = 500;
    ben.dialer.limit = 500;
    await world.pass(10 * MINUTE_MS);
    expect(have(...waiting)).toEqual([true, true]);
  });
});

describe('two hundred contacts', () => {
  const everybody = Array.from({ length: 200 }, (_, index) => keysOf(index));

  it('of whom nobody is there cost no connection, and the one who then comes is reached', async () => {
    const world = new World();
    const ana = world.person();
    const waiting = everybody.map((key) => ana.meet(key));
    await world.pass(10 * MINUTE_MS);
    expect([ana.dialer.opened, ana.dialer.peak]).toEqual([0, 0]);
    const forAna = world.person().meet(everybody[137] ?? keys);
    await world.pass(2_000);
    expect(have(forAna, waiting[137] as Waiting)).toEqual([true, true]);
    expect(waiting.filter(({ links }) => links.length > 0)).toHaveLength(1);
  });

  it('of whom only traces are left cost at most 24 connections at a time, and the one who comes is reached', async () => {
    const world = new World();
    for (const meeting of everybody) {
      for (const { bytes } of await dailyTopics(meeting, dayNumber(world.clock.now())))
        world.tracker.addGhosts(bytes, 2);
    }
    const ana = world.person();
    const waiting = everybody.map((key) => ana.meet(key));
    await world.pass(5 * MINUTE_MS);
    expect(ana.dialer.peak).toBeLessThanOrEqual(24);
    expect(ana.dialer.opened).toBeGreaterThan(100);
    const forAna = world.person().meet(everybody[137] ?? keys);
    await world.pass(20_000);
    expect(have(forAna, waiting[137] as Waiting)).toEqual([true, true]);
    expect(ana.dialer.peak).toBeLessThanOrEqual(24);
  });

  it('at a door that does not say who is there: at most 24 at a time, and the one who comes is reached', async () => {
    const world = new World();
    world.tracker.tellsCounts = false;
    const ana = world.person();
    const waiting = everybody.map((key) => ana.meet(key));
    await world.pass(5 * MINUTE_MS);
    expect(ana.dialer.peak).toBeLessThanOrEqual(24);
    const forAna = world.person().meet(everybody[137] ?? keys);
    await world.pass(MINUTE_MS);
    expect(have(forAna, waiting[137] as Waiting)).toEqual([true, true]);
  });

  it('who are all there are all reached, few at a time', async () => {
    const world = new World();
    const others = everybody.map((key) => world.person().meet(key));
    await world.pass(1_000);
    const ana = world.person();
    const waiting = everybody.map((key) => ana.meet(key));
    await world.pass(30_000);
    expect(waiting.filter(({ links }) => links.length === 1)).toHaveLength(200);
    expect(others.filter(({ links }) => links.length === 1)).toHaveLength(200);
    expect(ana.dialer.opened).toBe(200);
  });
});

describe('thirty people who call at once and hang up', () => {
  it('are not answered when their turn comes too late', async () => {
    const world = new World();
    world.network.reachable = false;
    const ana = world.person();
    for (let i = 0; i < 30; i++) ana.meet(keysOf(i));
    await world.pass(5_000);
    const callers = Array.from({ length: 30 }, () => world.person());
    for (const [index, caller] of callers.entries()) caller.meet(keysOf(index));
    await world.pass(5_000);
    expect(ana.dialer.alive).toBe(24);
    for (const { rendezvous } of callers) rendezvous.close();
    await world.pass(30_000);
    expect([ana.dialer.opened, ana.dialer.alive]).toEqual([24, 0]);
  });
});

describe('a door that plays tricks', () => {
  /** What has passed a tracker, to be played again. */
  const record = (world: World) => {
    const offers: Uint8Array[] = [];
    world.tracker.onSignal = (kind, signal) => {
      if (kind === 'offer') offers.push(signal.slice());
    };
    return offers;
  };
  /** Somebody without the secret under Ana's and Ben's topic of today. */
  const stranger = async (world: World) => {
    const [today] = await dailyTopics(keys, dayNumber(world.clock.now()));
    const heard: Uint8Array[] = [];
    const door = world.tracker.entryPoint();
    const membership = door.join(placeAt(today?.bytes ?? new Uint8Array()), {
      others: () => {},
      offer: ({ signal, answer }) => {
        heard.push(signal);
        answer(seededRandom(heard.length).bytes(2_076));
      },
    });
    await world.pass(1_000);
    return { membership, heard };
  };

  it('sees signals of one size, in which nothing of a session description can be read', async () => {
    const world = new World();
    const seen: Uint8Array[] = [];
    world.tracker.onSignal = (_kind, signal) => seen.push(signal.slice());
    const [ana, ben] = [world.person(), world.person()];
    ana.meet(keys);
    await world.pass(1_000);
    ben.meet(keys);
    await world.pass(2_000);
    expect(seen).toHaveLength(2);
    for (const signal of seen) expect(Buffer.from(signal).toString('latin1')).not.toContain('memory');
    expect(new Set(seen.map((signal) => signal.length)).size).toBe(1);
  });

  it('gains nothing by random bytes, truncated or changed offers, or answers of a stranger', async () => {
    const world = new World();
    const offers = record(world);
    const [ana, ben] = [world.person(), world.person()];
    const { membership, heard } = await stranger(world);
    const forBen = ana.meet(keys, { easilySatisfied: false });
    await world.pass(1_000);
    expect(heard).toHaveLength(1); // Ana calls whoever is there; the stranger's answer does not open
    const original = offers[0] as Uint8Array;
    for (const trick of [
      new Uint8Array(0),
      new Uint8Array(12),
      seededRandom(3).bytes(2_076),
      original.subarray(0, 1_000),
      original.with(40, (original[40] ?? 0) ^ 1),
    ]) {
      membership.offer(trick, () => expect.unreachable('answered a trick'));
    }
    await world.pass(1_000);
    expect(ana.dialer.opened).toBe(1);
    const forAna = ben.meet(keys);
    await world.pass(5_000);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('gains nothing by handing an offer back to whoever made it', async () => {
    const world = new World();
    const offers = record(world);
    const ana = world.person();
    const { membership } = await stranger(world);
    ana.meet(keys);
    await world.pass(1_000);
    membership.offer(offers[0] as Uint8Array, () => expect.unreachable('Ana answered herself'));
    await world.pass(30_000);
    expect(ana.dialer.opened).toBeLessThanOrEqual(3);
  });

  it('gains nothing by playing an offer again', async () => {
    const world = new World();
    const offers = record(world);
    const [ana, ben] = [world.person(), world.person()];
    ana.meet(keys);
    await world.pass(1_000);
    ben.meet(keys);
    await world.pass(2_000);
    const { membership } = await stranger(world);
    for (let i = 0; i < 10; i++) membership.offer(offers[0] as Uint8Array, () => {});
    await world.pass(10_000);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([1, 1]);
  });

  it.each([
    { days: 1, connections: 1 },
    { days: 2.1, connections: 0 },
    { days: 6, connections: 0 },
  ])('plays an offer again after $days days, to a page that has reloaded: $connections connections', async (again) => {
    const world = new World();
    const offers = record(world);
    const [ana, ben] = [world.person(), world.person()];
    const forBen = ana.meet(keys, { daily: false });
    await world.pass(1_000);
    const forAna = ben.meet(keys, { daily: false });
    await world.pass(2_000);
    for (const { appointment } of [forBen, forAna]) appointment.cancel();
    await world.pass(again.days * DAY_MS);
    const reloaded = world.person();
    reloaded.meet(keys, { daily: false });
    await world.pass(1_000);
    const [topic] = await singleTopic(keys);
    const door = world.tracker.entryPoint();
    const membership = door.join(placeAt(topic?.bytes ?? new Uint8Array()), { others: () => {}, offer: () => {} });
    await world.pass(1_000);
    membership.offer(offers[0] as Uint8Array, () => {});
    await world.pass(5_000);
    expect(reloaded.dialer.opened).toBe(again.connections);
  });

  it('that fails to let us in is asked again when we are told to try', async () => {
    const world = new World();
    const [ana, ben] = [world.person(), world.person()];
    const forAna = ben.meet(keys);
    const [door] = ana.doors as [MemoryEntryPoint];
    const join = door.join.bind(door);
    door.join = () => {
      throw new Error('not now');
    };
    const forBen = ana.meet(keys);
    await world.pass(5_000);
    expect(have(forBen, forAna)).toEqual([false, false]);
    door.join = join;
    ana.rendezvous.retryNow();
    await world.pass(5_000);
    expect(have(forBen, forAna)).toEqual([true, true]);
  });

  it('cannot make more than three answers wait, even with true offers', async () => {
    const world = new World();
    world.network.reachable = false;
    const ana = world.person();
    ana.meet(keys);
    await world.pass(1_000);
    for (let i = 0; i < 10; i++) world.person().meet(keys);
    await world.pass(2_000);
    expect(ana.dialer.peak).toBeLessThanOrEqual(4); // three answers and a call of her own
  });
});
