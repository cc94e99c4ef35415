// The tracker adapter under a clock that stands still and a socket that the test holds in its hand.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { trackerEntryPoint } from '../../../src/adapters/tracker/entry-point.ts';
import { binaryString } from '../../../src/adapters/tracker/messages.ts';
import type { WebSocketLike } from '../../../src/adapters/tracker/socket.ts';
import type { EntryPoint, IncomingOffer } from '../../../src/core/ports/entry-point.ts';
import { placeAt } from '../../fixtures/places.ts';

class HeldSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  closed = false;
  readonly sent: Record<string, unknown>[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  says(message: object | string): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
}

let clock: MemoryClock;
let sockets: HeldSocket[];
let door: EntryPoint;
const socket = () => sockets.at(-1) as HeldSocket;
const topicOf = (number: number) =>
  Uint8Array.from({ length: 20 }, (_, index) => (index === 0 ? number % 256 : number >> 8));
const counts = (topic: Uint8Array, incomplete: number, interval = 60) => ({
  action: 'announce',
  info_hash: binaryString(topic),
  complete: 0,
  incomplete,
  interval,
});

beforeEach(() => {
  clock = new MemoryClock();
  sockets = [];
  door = trackerEntryPoint({
    url: 'wss://tracker.example',
    clock,
    random: seededRandom(7),
    connect: () => {
      sockets.push(new HeldSocket());
      return socket();
    },
  });
});

const join = (topic: Uint8Array, urgency?: 'now' | 'later') => {
  const heard: (number | undefined)[] = [];
  const offers: IncomingOffer[] = [];
  const listener = {
    others: (count: number | undefined) => heard.push(count),
    offer: (offer: IncomingOffer) => offers.push(offer),
  };
  return { membership: door.join(placeAt(topic), listener, urgency), heard, offers };
};
const open = async () => {
  socket().onopen?.();
  await clock.advance(0);
};
const reopen = async () => {
  await clock.advance((door.status.retryAt ?? 0) - clock.now());
  await open();
};

describe('announcing', () => {
  it('goes at most 50 a second, and today before other days', async () => {
    for (let i = 0; i < 300; i++) join(topicOf(i), i % 3 === 0 ? 'now' : 'later');
    await open();
    expect(socket().sent).toHaveLength(10);
    await clock.advance(1_000);
    expect(socket().sent.length).toBeLessThanOrEqual(60);
    await clock.advance(1_000);
    const firstHundred = socket()
      .sent.slice(0, 100)
      .map(({ info_hash }) => info_hash);
    const today = Array.from({ length: 100 }, (_, index) => binaryString(topicOf(index * 3)));
    expect(new Set(firstHundred)).toEqual(new Set(today));
    socket().says(counts(topicOf(0), 1));
    await clock.advance(4_000);
    expect(socket().sent).toHaveLength(300);
  });

  it.each([
    [1, 30, 38],
    [60, 60, 75],
    [100_000, 120, 150],
  ])(
    'repeats after %i seconds, as the tracker wishes, but not before 30 and not after 120 (and a quarter)',
    async (wish, least, most) => {
      const topic = topicOf(1);
      const { membership } = join(topic);
      await open();
      socket().says(counts(topic, 1, wish));
      membership.refresh();
      await clock.advance(400);
      socket().says(counts(topic, 1, wish));
      const before = socket().sent.length;
      const start = clock.now() - 400;
      while (socket().sent.length === before) await clock.advance(500);
      expect(clock.now() - start).toBeGreaterThanOrEqual(least * 1_000);
      expect(clock.now() - start).toBeLessThanOrEqual(most * 1_000 + 1_000);
    },
  );

  it('says that it has left a topic, and then no more', async () => {
    const { membership } = join(topicOf(1));
    await open();
    membership.leave();
    membership.leave();
    expect(socket().sent.map(({ event }) => event)).toEqual(['started', 'stopped']);
    await clock.advance(19_000);
    expect(socket().sent).toHaveLength(2);
  });

  it('shows the tracker another peer id on every socket', async () => {
    join(topicOf(1));
    await open();
    const first = socket().sent[0]?.peer_id;
    socket().onclose?.();
    await reopen();
    expect(sockets).toHaveLength(2);
    expect(socket().sent[0]?.peer_id).not.toBe(first);
  });
});

describe('a lost socket', () => {
  it('is opened again after a random wait that grows to a minute at most', async () => {
    const waits: number[] = [];
    for (let attempt = 0; attempt < 40; attempt++) {
      socket().onerror?.();
      expect(door.status.state).toBe('waiting');
      const wait = (door.status.retryAt ?? 0) - clock.now();
      expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** attempt));
      waits.push(wait);
      await clock.advance(wait);
      expect(door.status.state).toBe('connecting');
    }
    expect(Math.max(...waits)).toBeGreaterThan(30_000);
    expect(new Set(waits).size).toBeGreaterThan(30);
  });

  it('starts again with a short wait after one that lived half a minute', async () => {
    for (let i = 0; i < 10; i++) {
      socket().onclose?.();
      await clock.advance(60_000);
    }
    await open();
    await clock.advance(30_000);
    socket().onclose?.();
    expect((door.status.retryAt ?? 0) - clock.now()).toBeLessThanOrEqual(1_000);
  });

  it('is given up when it does not open within 15 seconds', async () => {
    await clock.advance(15_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(door.status.state).toBe('waiting');
  });

  it('is noticed when the tracker leaves a question without any word for 20 seconds', async () => {
    join(topicOf(1));
    await open();
    await clock.advance(20_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(door.status.state).toBe('waiting');
  });

  it('is tried at once when the browser is online again', async () => {
    for (let i = 0; i < 8; i++) {
      socket().onclose?.();
      await clock.advance(60_000);
    }
    socket().onclose?.();
    const before = sockets.length;
    door.retryNow();
    expect(sockets).toHaveLength(before + 1);
  });

  it('does not end Kith when the address is none', async () => {
    const broken = trackerEntryPoint({
      url: 'nonsense',
      clock,
      random: seededRandom(1),
      connect: () => {
        throw new SyntaxError('not an address');
      },
    });
    expect(broken.status.state).toBe('waiting');
    broken.close();
    await clock.advance(120_000);
    expect(broken.status.state).toBe('closed');
  });
});

describe('offers', () => {
  it.each([
    [undefined, 5],
    [1, 1],
    [3, 3],
    [40, 5],
  ])('go out in as many copies as others are there: %s', async (others, copies) => {
    const topic = topicOf(1);
    const { membership, heard } = join(topic);
    await open();
    if (others !== undefined) socket().says(counts(topic, others + 1));
    expect(heard).toEqual(others === undefined ? [] : [others]);
    membership.offer(Uint8Array.of(1), () => {});
    const { offers, numwant } = socket().sent.at(-1) as { offers: { offer_id: string }[]; numwant: number };
    expect(numwant).toBe(copies);
    expect(new Set(offers.map(({ offer_id }) => offer_id)).size).toBe(copies);
  });

  it('are answered to the peer they came from, unless the socket is another by then', async () => {
    const topic = topicOf(1);
    const { offers } = join(topic);
    await open();
    const message = {
      action: 'announce',
      info_hash: binaryString(topic),
      peer_id: 'x'.repeat(20),
      offer_id: 'y'.repeat(20),
      offer: { type: 'offer', sdp: 'AAE' },
    };
    socket().says(message);
    expect(offers[0]?.signal).toEqual(Uint8Array.of(0, 1));
    offers[0]?.answer(Uint8Array.of(9));
    expect(socket().sent.at(-1)).toMatchObject({ to_peer_id: 'x'.repeat(20), offer_id: 'y'.repeat(20) });
    socket().says(message);
    socket().onclose?.();
    await reopen();
    const before = socket().sent.length;
    offers[1]?.answer(Uint8Array.of(9));
    expect(socket().sent).toHaveLength(before);
  });

  it('of Kith itself, handed back by the tracker, are ignored', async () => {
    const topic = topicOf(1);
    const { offers } = join(topic);
    await open();
    socket().says({
      action: 'announce',
      info_hash: binaryString(topic),
      peer_id: socket().sent[0]?.peer_id,
      offer_id: 'y'.repeat(20),
      offer: { type: 'offer', sdp: 'AAE' },
    });
    expect(offers).toHaveLength(0);
  });

  it('are dropped in silence while no socket is open', () => {
    const { membership } = join(topicOf(1));
    expect(() => membership.offer(Uint8Array.of(1), () => {})()).not.toThrow();
  });

  it('under topics nobody asked for reach nobody', async () => {
    const { heard, offers } = join(topicOf(1));
    await open();
    socket().says(counts(topicOf(2), 5));
    socket().says('{"action":"announce"');
    socket().says('');
    expect([heard, offers]).toEqual([[], []]);
  });
});
