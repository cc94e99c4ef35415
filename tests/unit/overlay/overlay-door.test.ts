// People who know nothing of each other but a place, and find each other through records in the overlay.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock, skewed } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { signingKeyFromSeed } from '../../../src/core/crypto/sign.ts';
import { KithError } from '../../../src/core/errors.ts';
import { OverlayDoor } from '../../../src/core/overlay/overlay-door.ts';
import { greeting, placeKeys } from '../../../src/core/overlay/place-keys.ts';
import { openRecord, RECORD_BYTES } from '../../../src/core/overlay/place-record.ts';
import type { IncomingOffer, MeetingPlace } from '../../../src/core/ports/entry-point.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { dailyTopics } from '../../../src/core/rendezvous/topics.ts';
import { type FakeNode, FakeOverlays, type Sight } from '../../fixtures/fake-overlay.ts';
import { keysOf } from '../../fixtures/meeting.ts';
import { settle } from '../../fixtures/until.ts';

const MINUTE_MS = 60_000;
let clock: MemoryClock;
let overlays: FakeOverlays;
let sights: Sight[];
let seed = 1;

beforeEach(() => {
  clock = new MemoryClock();
  overlays = new FakeOverlays(clock, seededRandom(9));
  sights = [];
  overlays.onSight = (sight) => sights.push(sight);
  seed = 1;
  // Others, so that there is somebody to introduce.
  for (let i = 0; i < 6; i++) overlays.node();
});

const pass = (ms: number) => clock.advance(ms, settle);

const placeOf = async (side: 'initiator' | 'responder', pair = 1, day = 20_000): Promise<MeetingPlace> => {
  const [today] = await dailyTopics(keysOf(pair, side), day);
  if (!today) throw new Error('no topic');
  return today.place;
};

class Somebody {
  readonly node: FakeNode = overlays.node();
  readonly door: OverlayDoor;
  readonly counts: (number | undefined)[] = [];
  readonly offers: IncomingOffer[] = [];
  readonly links: Link[] = [];

  constructor(ahead = 0) {
    this.door = new OverlayDoor({
      overlay: this.node,
      clock: skewed(clock, ahead),
      random: seededRandom(seed++),
      log: silentLog,
    });
  }

  join(place: MeetingPlace, urgency: 'now' | 'later' = 'now') {
    return this.door.join(
      place,
      {
        others: (count) => this.counts.push(count),
        offer: (offer) => this.offers.push(offer),
        link: (link) => this.links.push(link),
      },
      urgency,
    );
  }
}

const signal = (byte: number) => Uint8Array.from({ length: 300 }, (_, index) => (byte + index) % 256);
const puts = () => sights.flatMap((sight) => (sight.what === 'put' ? [sight] : []));

describe('two at one place', () => {
  it('find each other, the second at once', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    expect(ana.counts).toEqual([0]);
    ben.join(await placeOf('responder'));
    await pass(1_000);
    expect(ben.counts).toEqual([1]);
    await pass(20_000);
    expect(ana.counts.at(-1)).toBe(1);
  });

  it('find each other with clocks a day apart and set back', async () => {
    const [ana, ben] = [new Somebody(86_400_000), new Somebody(-3_600_000)];
    ana.join(await placeOf('initiator'));
    ben.join(await placeOf('responder'));
    await pass(20_000);
    expect([ana.counts.at(-1), ben.counts.at(-1)]).toEqual([1, 1]);
    // The page is opened again and its clock is right now: what lies there seems to be from tomorrow.
    ana.node.close();
    const again = new Somebody();
    again.join(await placeOf('initiator'));
    await pass(20_000);
    const fresh = new Somebody();
    ben.node.close();
    fresh.join(await placeOf('responder'));
    await pass(2_000);
    expect(fresh.counts).toEqual([1]);
  });

  it('hand over an offer and get the answer, byte for byte, however long it takes', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    const answers: Uint8Array[] = [];
    membership.offer(signal(1), (answer) => answers.push(answer));
    await pass(200);
    ana.offers[0]?.answer(signal(2));
    await pass(200);
    expect(answers).toEqual([signal(2)]);
    membership.offer(signal(3), (answer) => answers.push(answer));
    await pass(7_000);
    ana.offers[1]?.answer(signal(4));
    await pass(2_000);
    expect(answers).toEqual([signal(2), signal(4)]);
    // Asked again and again, heard once.
    expect(ana.offers.map((offer) => offer.signal)).toEqual([signal(1), signal(3)]);
  });

  it('go on exchanging signals after offer and answer, both ways and in order, until the caller stops', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    const [answers, toBen, toAna]: [Uint8Array[], Uint8Array[], Uint8Array[]] = [[], [], []];
    const lane = membership.offerWithLane?.(signal(1), (answer) => answers.push(answer));
    lane?.onSignal((one) => toBen.push(one));
    await pass(200);
    lane?.send(signal(2));
    ana.offers[0]?.lane?.send(signal(3));
    ana.offers[0]?.answer(signal(4));
    await pass(200);
    ana.offers[0]?.lane?.onSignal((one) => toAna.push(one));
    ana.offers[0]?.lane?.send(signal(5));
    lane?.send(signal(6));
    await pass(2_000);
    expect([answers, toBen, toAna]).toEqual([[signal(4)], [signal(3), signal(5)], [signal(2), signal(6)]]);
    for (let i = 0; i < 100; i++) ana.offers[0]?.lane?.send(signal(i));
    await pass(5_000);
    expect(toBen).toHaveLength(32);
    lane?.stop();
    const before = sights.length;
    await pass(10_000);
    expect(sights.length - before).toBeLessThan(4);
  });

  it('are silent once a caller has stopped listening', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    const answers: Uint8Array[] = [];
    const stop = membership.offer(signal(1), (answer) => answers.push(answer));
    await pass(100);
    stop();
    ana.offers[0]?.answer(signal(2));
    await pass(5_000);
    expect(answers).toEqual([]);
  });

  it('get a link through others when they ask for one', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    const link = membership.carry?.();
    await pass(1_000);
    const mine = await link;
    expect([mine?.route, ana.links.length]).toEqual(['relayed', 1]);
    expect(mine?.binding.local).toEqual(ana.links[0]?.binding.remote);
  });

  it('count the other no more who has left, or has gone without a word, and open nothing for it', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    const hers = ana.join(await placeOf('initiator'));
    const his = ben.join(await placeOf('responder'));
    await pass(20_000);
    hers.leave();
    await pass(2_000);
    his.refresh();
    await pass(2_000);
    expect(ben.counts.at(-1)).toBe(0);
    ana.join(await placeOf('initiator'));
    await pass(2_000);
    his.refresh();
    await pass(2_000);
    expect(ben.counts.at(-1)).toBe(1);
    ana.node.close();
    his.refresh();
    await pass(10_000);
    expect(ben.counts.at(-1)).toBe(0);
  });

  it('find each other again after one page was opened anew', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    ben.join(await placeOf('responder'));
    await pass(20_000);
    ana.node.close();
    await pass(5_000);
    const again = new Somebody();
    again.join(await placeOf('initiator'));
    await pass(2_000);
    expect(again.counts).toEqual([1]);
  });
});

describe('records', () => {
  it('are put again every ten minutes or so, and soon after an introducer has gone', async () => {
    const ana = new Somebody();
    ana.join(await placeOf('initiator'));
    await pass(5_000);
    const first = puts().length;
    await pass(13 * MINUTE_MS);
    expect(puts().length).toBeGreaterThan(first);
    const before = puts().length;
    overlays.neighboursOf(ana.node)[0]?.close();
    await pass(30_000);
    expect(puts().length).toBe(before + 1);
  });

  it('of two hundred contacts go out a few at a time', async () => {
    const ana = new Somebody();
    for (let pair = 0; pair < 200; pair++) ana.join(await placeOf('initiator', pair));
    let most = 0;
    for (let second = 0; second < 60; second++) {
      const before = sights.length;
      await pass(1_000);
      most = Math.max(most, sights.length - before);
    }
    expect(most).toBeLessThanOrEqual(11);
    expect(new Set(puts().map(({ key }) => key)).size).toBe(200);
  });

  it('of somebody who hides name another alias to each contact, also after places have come and gone', async () => {
    const ana = new Somebody();
    ana.door.hide(true);
    const aliasAt = async (place: MeetingPlace): Promise<string> => {
      const keys = await placeKeys(place);
      const stored = overlays.values.get(toHex(keys.mine))?.value ?? new Uint8Array();
      const record = await openRecord(keys.seal, keys.mine, stored);
      return record.kind === 'relayed' ? toHex(record.node.id) : record.kind;
    };
    const before = new Set<string>();
    let memberships: { leave(): void }[] = [];
    for (let day = 20_000; day < 20_003; day += 1) {
      const joined: { leave(): void }[] = [];
      const places: MeetingPlace[] = [];
      for (let pair = 1; pair <= 4; pair += 1) {
        const place = await placeOf('initiator', pair, day);
        places.push(place);
        joined.push(ana.join(place));
        memberships[pair - 1]?.leave();
      }
      memberships = joined;
      await pass(5_000);
      const aliases = await Promise.all(places.map(aliasAt));
      for (const alias of aliases) expect(alias).toHaveLength(40);
      for (const alias of aliases) expect(before).not.toContain(alias);
      expect(new Set(aliases).size).toBe(4);
      for (const alias of aliases) before.add(alias);
    }
    expect(ana.node.aliases.size).toBe(4);
  });

  it('say that nobody is there once the place is left, in as many bytes', async () => {
    const ana = new Somebody();
    const place = await placeOf('initiator');
    const membership = ana.join(place);
    await pass(5_000);
    membership.leave();
    await pass(1_000);
    expect(puts().map(({ value }) => value.length)).toEqual([RECORD_BYTES, RECORD_BYTES]);
    expect(puts()[1]?.key).toBe(toHex((await signingKeyFromSeed(place.mine)).publicKey));
    await pass(60 * MINUTE_MS);
    expect(puts()).toHaveLength(2);
  });

  it('that nobody took are not put again over a newer one: who hides, or has gone, is not named any more', async () => {
    for (const then of ['hide', 'leave'] as const) {
      const ana = new Somebody();
      const place = await placeOf('initiator', then === 'hide' ? 1 : 2);
      const keys = await placeKeys(place);
      // Left by a clock that was ahead: whatever comes with the right time is refused at first, also by the node itself.
      const ahead = Math.floor(clock.now() / 1000) + 3_600;
      overlays.values.set(toHex(keys.mine), { value: new Uint8Array(RECORD_BYTES), seq: ahead });
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const get = ana.node.get.bind(ana.node);
      let gets = 0;
      ana.node.get = async (key, onValue) => {
        await get(key, onValue);
        // The look at what lies in our own place ends late.
        if (toHex(key) === toHex(keys.mine) && gets++ === 0) await held;
      };
      const membership = ana.join(place);
      await pass(5_000);
      expect(gets).toBe(1);
      if (then === 'hide') ana.door.hide(true);
      else membership.leave();
      await pass(60_000);
      release();
      await pass(60_000);
      const stored = overlays.values.get(toHex(keys.mine))?.value ?? new Uint8Array();
      const { kind } = await openRecord(keys.seal, keys.mine, stored);
      expect(kind).toBe(then === 'hide' ? 'relayed' : 'gone');
      ana.door.close();
    }
  });

  it('that are not the other’s, or make no sense, are nobody', async () => {
    const ben = new Somebody();
    const place = await placeOf('responder');
    const key = toHex((await signingKeyFromSeed(place.theirs)).publicKey);
    overlays.values.set(key, { value: seededRandom(3).bytes(RECORD_BYTES), seq: 5 });
    ben.join(place);
    await pass(2_000);
    expect(ben.counts).toEqual([0]);
    overlays.values.set(key, { value: new Uint8Array(3), seq: 6 });
    await pass(20_000);
    expect(new Set(ben.counts)).toEqual(new Set([0]));
  });
});

describe('questions', () => {
  it('with a tag that is no place’s are not answered', async () => {
    const [ana, stranger] = [new Somebody(), overlays.node()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    for (const service of ['presence', 'signal'] as const) {
      const asked = stranger.request({ id: ana.node.id, via: [] }, service, seededRandom(4).bytes(64));
      const said = asked.then(
        () => 'answered',
        (error: Error) => error.message,
      );
      await pass(10_000);
      expect(await said).toBe('link-timeout');
    }
  });

  it('that somebody on the way has seen and repeats tell nothing new, and open no second session', async () => {
    const [ana, ben, stranger] = [new Somebody(), new Somebody(), overlays.node()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    void membership.carry?.();
    await pass(1_000);
    const circuit = sights.find(({ what }) => what === 'circuit') as Extract<Sight, { payload: Uint8Array }>;
    const repeated = stranger.openCircuit({ id: ana.node.id, via: [] }, 'session', circuit.payload);
    const forged = circuit.payload.slice();
    forged[20] = (forged[20] ?? 0) ^ 1;
    const changed = stranger.openCircuit({ id: ana.node.id, via: [] }, 'session', forged);
    await pass(2_000);
    expect(ana.links).toHaveLength(1);
    const closed: string[] = [];
    (await repeated).onClose(() => closed.push('repeated'));
    (await changed).onClose(() => closed.push('changed'));
    await pass(1_000);
    expect(closed.sort()).toEqual(['changed', 'repeated']);
  });

  it('of one neighbour are too many at some point', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    for (let i = 0; i < 100; i++) membership.offer(signal(i), () => {});
    await pass(1_000);
    expect(ana.offers.length).toBeLessThan(50);
  });
});

describe('the door', () => {
  it('is open while there is a neighbour, and everything is said again when one comes back', async () => {
    overlays.nodes.splice(0);
    const ana = new Somebody();
    expect(ana.door.status.state).toBe('connecting');
    ana.join(await placeOf('initiator'));
    await pass(5_000);
    expect(sights).toEqual([]);
    const other = overlays.node();
    expect(ana.door.status.state).toBe('open');
    await pass(5_000);
    expect(puts()).toHaveLength(1);
    other.close();
    expect(ana.door.status.state).toBe('connecting');
    await pass(60 * MINUTE_MS);
    expect(puts()).toHaveLength(1);
    overlays.node();
    await pass(5_000);
    expect(puts()).toHaveLength(2);
  });

  it('keeps no timer once it is closed', async () => {
    const ana = new Somebody();
    ana.join(await placeOf('initiator'));
    await pass(60_000);
    ana.door.close();
    await pass(10_000);
    expect(clock.pending).toBe(0);
  });
});

describe('with relay only', () => {
  it('neither records nor questions name the node, and the other gets a link but no offer through', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.door.hide(true);
    ana.join(await placeOf('initiator'));
    await pass(1_000);
    const membership = ben.join(await placeOf('responder'));
    await pass(1_000);
    expect(ben.counts).toEqual([1]);
    membership.offer(signal(1), () => {});
    const link = membership.carry?.();
    await pass(2_000);
    expect((await link)?.route).toBe('relayed');
    expect([ana.links.length, ana.offers.length]).toEqual([1, 0]);
    const named = sights.flatMap((sight) => ('to' in sight ? [sight.from, sight.to] : [])).map(toHex);
    expect(named).not.toContain(toHex(ana.node.id));
  });

  it('a place is answered under its own alias alone: asking every node does not show which one hides', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.door.hide(true);
    ana.join(await placeOf('initiator'));
    ben.join(await placeOf('responder'));
    await pass(1_000);
    const keys = await placeKeys(await placeOf('responder'));
    const random = seededRandom(77);
    const via = overlays.neighboursOf(ana.node).map(({ id }) => id);
    const alias = Uint8Array.from(Buffer.from([...ana.node.aliases][0] ?? '', 'hex'));
    const outcome = async (id: Uint8Array) => {
      const question = await greeting(keys, 'presence', random.bytes(16));
      const answer = ben.node.request({ id, via }, 'presence', question).catch((error: Error) => error.message);
      void ben.node.openCircuit({ id, via }, 'session', await greeting(keys, 'session', random.bytes(16)));
      await pass(5_000);
      return [typeof (await answer), ana.links.length];
    };
    expect(await outcome(ana.node.id)).toEqual(['string', 0]);
    expect(await outcome(alias)).toEqual(['object', 1]);
  });

  it('that nobody goes between is not forgotten because nobody was found to be asked', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.door.hide(true);
    ben.join(await placeOf('responder'));
    await pass(1_000);
    ana.node.request = () => Promise.reject(new KithError('no-relay'));
    const membership = ana.join(await placeOf('initiator'));
    await pass(1_000);
    expect(ana.door.lacksRelay).toBe(true);
    const outcome = membership.carry?.().catch((error: KithError) => error.kind);
    await pass(1_000);
    expect([await outcome, ana.door.lacksRelay]).toEqual(['no-route', true]);
  });

  it('where relays pass on packets and carry nothing, a look does not say that all is well; a circuit does', async () => {
    const [ana, ben] = [new Somebody(), new Somebody()];
    ana.door.hide(true);
    const bens = ben.join(await placeOf('responder'));
    await pass(1_000);
    const membership = ana.join(await placeOf('initiator'));
    await pass(1_000);
    const openCircuit = ana.node.openCircuit.bind(ana.node);
    ana.node.openCircuit = () => Promise.reject(new KithError('no-relay'));
    const outcome = membership.carry?.().catch((error: KithError) => error.kind);
    await pass(1_000);
    expect([await outcome, ana.door.lacksRelay]).toEqual(['no-relay', true]);
    membership.refresh();
    await pass(1_000);
    expect([ana.counts.at(-1), ana.door.lacksRelay]).toEqual([1, true]);
    ana.node.openCircuit = openCircuit;
    void membership.carry?.();
    await pass(1_000);
    expect(ana.door.lacksRelay).toBe(false);
    // Whoever has gone lacks no relay either.
    ana.node.openCircuit = () => Promise.reject(new KithError('no-relay'));
    membership.carry?.().catch(() => {});
    await pass(1_000);
    bens.leave();
    await pass(1_000);
    membership.refresh();
    await pass(10_000);
    expect(ana.door.lacksRelay).toBe(false);
  });
});
