import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryNetwork } from '../../../src/adapters/memory/dialer.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';
import { addressOf } from '../../../src/core/overlay/address.ts';
import {
  decodeDialMessage,
  decodeDialReply,
  encodeDialMessage,
  encodeDialReply,
} from '../../../src/core/overlay/dial-messages.ts';
import { Dialing, MAX_OUTGOING } from '../../../src/core/overlay/dialing.ts';
import { ANSWERS_FOR_ONE, MAX_INCOMING } from '../../../src/core/overlay/incoming-dials.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { LinkedOverlays } from '../../fixtures/linked-overlays.ts';
import { settle } from '../../fixtures/until.ts';

function setUp() {
  const clock = new MemoryClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(1) });
  const overlays = new LinkedOverlays(clock);
  const node = (byte: number, hasRoomFor = () => true) => {
    const overlay = overlays.node(byte);
    const dialer = network.dialer();
    const random = seededRandom(byte);
    const dialing = new Dialing({ overlay, dialer, clock, random, log: silentLog, hasRoomFor });
    return { overlay, dialer, dialing, ref: overlay.ref };
  };
  return { clock, network, overlays, node };
}

const failure = (promise: Promise<unknown>) => promise.then(() => 'no error', kindOf);

describe('dialing a node that is known by route', () => {
  it('makes one link, on which both have said hello', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    expect(await clock.until(ana.dialing.dial(ben.ref))).toEqual(ben.overlay.id);
    await clock.advance(1_000);
    expect([...ana.overlay.neighbours.keys()]).toEqual([addressOf(ben.overlay.id)]);
    expect(ben.overlay.neighbours.get(addressOf(ana.overlay.id))?.options.dialed).toBe(false);
    expect([ana.dialer.opened, ben.dialer.opened]).toEqual([1, 1]);
    expect(ana.dialing.inTheMaking + ben.dialing.inTheMaking).toBe(0);
  });

  it('does not wait for candidates: they follow', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    const since = clock.now();
    await clock.until(ana.dialing.dial(ben.ref));
    // Gathering takes 100 ms on each side; one after the other they would take 200.
    expect(clock.now() - since).toBeLessThan(180);
  });

  it('is one dial when it is asked for twice', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    await clock.until(Promise.all([ana.dialing.dial(ben.ref), ana.dialing.dial(ben.ref)]));
    expect(ana.dialer.opened).toBe(1);
  });

  it('leaves the first word to the smaller address when both dial at once', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    const ids = await clock.until(Promise.all([ana.dialing.dial(ben.ref), ben.dialing.dial(ana.ref)]));
    expect(ids).toEqual([ben.overlay.id, ana.overlay.id]);
    await clock.advance(30_000);
    expect([ana.dialer.alive, ben.dialer.alive]).toEqual([1, 1]);
    expect(ana.overlay.neighbours.get(addressOf(ben.overlay.id))?.options.dialed).toBe(true);
  });

  it.each([5, 15, 60, 120])('makes one link when the other dials %i ms later', async (later) => {
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const { clock, node } = setUp();
      const [ana, ben] = [node(first), node(second)];
      const one = ana.dialing.dial(ben.ref);
      await clock.advance(later);
      const other = ben.dialing.dial(ana.ref);
      expect(await clock.until(Promise.all([one, other]))).toEqual([ben.overlay.id, ana.overlay.id]);
      await clock.advance(30_000);
      expect([ana.dialer.alive, ben.dialer.alive]).toEqual([1, 1]);
    }
  });

  it('follows the link of the smaller address when it begins while their offer is being answered', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(2), node(1)];
    const answer = ana.dialer.answer.bind(ana.dialer);
    ana.dialer.answer = async (...offer) => {
      await new Promise<void>((resolve) => clock.after(200, resolve));
      return answer(...offer);
    };
    const bens = ben.dialing.dial(ana.ref);
    await clock.advance(50, settle);
    expect(ana.dialing.inTheMaking).toBe(1);
    const since = clock.now();
    const anas = ana.dialing.dial(ben.ref);
    expect(await clock.until(Promise.all([bens, anas]))).toEqual([ana.overlay.id, ben.overlay.id]);
    expect(clock.now() - since).toBeLessThan(1_000);
    await clock.advance(30_000);
    expect([ana.dialer.alive, ben.dialer.alive, ana.dialing.inTheMaking]).toEqual([1, 1, 0]);
  });

  it('goes on when somebody offers in the name of the node that is dialed, and does not lead to it', async () => {
    for (const reachable of [true, false]) {
      const { clock, network, node } = setUp();
      // The larger address: theirs would go first.
      const [ana, ben, mallory] = [node(2), node(1), node(3)];
      network.connects = (one, other) => reachable || (one !== mallory.dialer && other !== mallory.dialer);
      const dialed = clock.until(ana.dialing.dial(ben.ref));
      const { signal, ...offer } = await mallory.dialer.offer({ trickle: true });
      const forged = encodeDialMessage({ kind: 'offer', dialId: new Uint8Array(8), signal });
      void ana.overlay.hear(ben.ref, 'dial', forged).then(
        async (reply) => {
          const { signal: answer } = decodeDialReply(reply as Uint8Array) as { signal: Uint8Array };
          await mallory.overlay.adopt(await offer.accept(answer), { dialed: true });
        },
        () => {},
      );
      expect(await dialed).toEqual(ben.overlay.id);
      expect(ana.overlay.neighbours.has(addressOf(ben.overlay.id))).toBe(true);
    }
  });

  it('goes on when an offer in the name of the node that is dialed had come before, and led nowhere', async () => {
    const { clock, network, node } = setUp();
    const [ana, ben, mallory] = [node(2), node(1), node(3)];
    const { signal } = await mallory.dialer.offer({ trickle: true });
    network.connects = (one, other) => one !== mallory.dialer && other !== mallory.dialer;
    const forged = encodeDialMessage({ kind: 'offer', dialId: new Uint8Array(8), signal });
    await clock.until(ana.overlay.hear(ben.ref, 'dial', forged));
    expect(await clock.until(ana.dialing.dial(ben.ref))).toEqual(ben.overlay.id);
  });

  it('goes on when theirs is one too many to be answered', async () => {
    const { clock, network, node } = setUp();
    const [ana, ben] = [node(2), node(1)];
    const { signal } = await ben.dialer.offer({ trickle: true });
    const offer = async (number: number) => {
      const message = encodeDialMessage({ kind: 'offer', dialId: new Uint8Array(8).fill(number), signal });
      return decodeDialReply((await clock.until(ana.overlay.hear(ben.ref, 'dial', message))) as Uint8Array).kind;
    };
    network.reachable = false;
    for (let number = 0; (await offer(number)) === 'answer'; number += 1) await clock.advance(5_000);
    network.reachable = true;
    const dialed = ana.dialing.dial(ben.ref);
    expect(await offer(200)).toBe('refused');
    expect(await clock.until(dialed)).toEqual(ben.overlay.id);
  });

  it('says that there is no way', async () => {
    const { clock, node } = setUp();
    const ana = node(1);
    expect(await clock.until(failure(ana.dialing.dial({ id: new Uint8Array(20).fill(9), via: [] })))).toBe('no-route');
    expect([ana.dialer.alive, ana.dialing.inTheMaking]).toEqual([0, 0]);
  });

  it('gives up when no link opens, and frees both sides', async () => {
    const { clock, network, node } = setUp();
    network.reachable = false;
    const [ana, ben] = [node(1), node(2)];
    expect(await clock.until(failure(ana.dialing.dial(ben.ref)))).toBe('link-timeout');
    await clock.advance(20_000);
    expect([ana.dialer.alive, ben.dialer.alive, ana.dialing.inTheMaking, ben.dialing.inTheMaking]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('is refused by a node without room', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2, () => false)];
    expect(await clock.until(failure(ana.dialing.dial(ben.ref)))).toBe('link-closed');
    expect([ana.dialer.alive, ben.dialer.opened]).toEqual([0, 0]);
  });

  it('opens by what arrives when every candidate of one side is lost', async () => {
    const { clock, overlays, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    overlays.loses = (from, _service, payload) =>
      from === ana.overlay && decodeDialMessage(payload).kind === 'candidates';
    expect(await clock.until(ana.dialing.dial(ben.ref))).toEqual(ben.overlay.id);
  });

  it('refuses a link to anybody else, and closes it', async () => {
    const { clock, overlays, node } = setUp();
    const [ana, mallory] = [node(1), node(3)];
    const ben = overlays.node(2);
    // Somebody on the way answers in Ben's place.
    ben.onRequest('dial', (from, payload) => mallory.overlay.hear(from, 'dial', payload));
    expect(await clock.until(failure(ana.dialing.dial(ben.ref)))).toBe('frame-authentication');
    await clock.advance(1_000);
    expect(ana.dialer.alive).toBe(0);
  });

  it('never has more in the making than the cap, and gets through all', async () => {
    const { clock, node } = setUp();
    const ana = node(1);
    const others = Array.from({ length: 20 }, (_, index) => node(index + 2));
    let most = 0;
    const dials = others.map(({ ref }) => ana.dialing.dial(ref).then(() => Math.max(most, ana.dialing.inTheMaking)));
    most = ana.dialing.inTheMaking;
    for (const peak of await clock.until(Promise.all(dials))) expect(peak).toBeLessThanOrEqual(MAX_OUTGOING);
    expect(most).toBe(MAX_OUTGOING);
    expect(ana.overlay.neighbours.size).toBe(20);
  });

  it('answers no more than the cap at once', async () => {
    const { clock, network, node } = setUp();
    network.reachable = false;
    const ana = node(1);
    const others = Array.from({ length: 12 }, (_, index) => node(index + 2));
    const outcomes = others.map(({ dialing }) => failure(dialing.dial(ana.ref)));
    await clock.advance(500);
    expect(ana.dialer.alive).toBe(MAX_INCOMING);
    const kinds = await clock.until(Promise.all(outcomes));
    expect(kinds.filter((kind) => kind === 'link-closed')).toHaveLength(12 - MAX_INCOMING);
  });

  it('answers so many that one neighbour brings, and few after that: connections are dear', async () => {
    const { clock, network, node } = setUp();
    network.reachable = false;
    const [ana, ben] = [node(1), node(2)];
    const { signal } = await clock.until(ben.dialer.offer());
    for (let count = 0; count < 10 * MAX_INCOMING; count += 1) {
      const dialId = Uint8Array.from({ length: 8 }, () => count);
      const offer = encodeDialMessage({ kind: 'offer', dialId, signal });
      void ben.overlay.request(ana.ref, 'dial', offer).catch(() => {});
      if (count % MAX_INCOMING === MAX_INCOMING - 1) await clock.advance(11_000);
    }
    const { perSecond, atOnce } = ANSWERS_FOR_ONE;
    expect(ana.dialer.opened).toBeGreaterThanOrEqual(atOnce);
    expect(ana.dialer.opened).toBeLessThanOrEqual(atOnce + 110 * perSecond);
  });

  it('ends everything when it is closed', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    const dials = [failure(ana.dialing.dial(ben.ref)), failure(ben.dialing.dial(node(3).ref))];
    await clock.advance(15);
    ana.dialing.close();
    ben.dialing.close();
    expect(await clock.until(Promise.all(dials))).toEqual(['link-closed', 'link-closed']);
    await clock.advance(500);
    expect([ana.dialer.alive, ben.dialer.alive]).toEqual([0, 0]);
    expect(await failure(ana.dialing.dial(ben.ref))).toBe('link-closed');
  });
});

describe('a dial message', () => {
  const dialId = new Uint8Array(8).fill(7);
  it('survives its way', () => {
    const offer = { kind: 'offer', dialId, signal: Uint8Array.of(1, 2) } as const;
    const candidates = { kind: 'candidates', dialId, candidates: [Uint8Array.of(1), new Uint8Array(0)] } as const;
    for (const message of [offer, candidates]) expect(decodeDialMessage(encodeDialMessage(message))).toEqual(message);
    for (const reply of [{ kind: 'answer', signal: Uint8Array.of(3) }, { kind: 'yield' }, { kind: 'refused' }] as const)
      expect(decodeDialReply(encodeDialReply(reply))).toEqual(reply);
  });

  it('is refused or understood, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (bytes, type) => {
        for (const decode of [decodeDialMessage, decodeDialReply]) {
          try {
            decode(Uint8Array.from([type, ...bytes]));
          } catch (error) {
            expect(error).toBeInstanceOf(KithError);
          }
        }
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it('that makes no sense gets no answer and costs nothing', async () => {
    const { clock, node } = setUp();
    const [ana, ben] = [node(1), node(2)];
    for (const junk of [new Uint8Array(0), Uint8Array.of(9, 1), new Uint8Array(5_000).fill(1)])
      await ben.overlay.hear(ana.ref, 'dial', junk).catch(() => undefined);
    expect(await clock.until(ana.dialing.dial(ben.ref))).toEqual(ben.overlay.id);
    expect(ben.dialer.opened).toBe(1);
  });
});
