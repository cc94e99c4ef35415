// What every Dialer and every Link it makes must do. Run against the memory twin and against WebRTC in a real browser.
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/core/errors.ts';
import type { Dialer, PendingAnswer, PendingOffer } from '../../src/core/ports/dialer.ts';
import type { Link } from '../../src/core/ports/link.ts';
import { MAX_FRAME_BYTES } from '../../src/core/wire/limits.ts';

export interface DialerSetup {
  readonly ana: Dialer;
  readonly ben: Dialer;
  /** Runs until the promise settles (moves a clock that stands still; a real one moves by itself). */
  until<T>(promise: Promise<T>): Promise<T>;
}

export function dialerContract(name: string, setUp: () => DialerSetup): void {
  describe(`${name}: a dialer`, () => {
    it('turns an offer and its answer into one link with two ends that know each other', async () => {
      const { links } = await connect(setUp());
      const [a, b] = links;
      expect(a.route).toBe('direct');
      expect(a.binding.local).toHaveLength(32);
      expect(a.binding.remote).toEqual(b.binding.local);
      expect(b.binding.remote).toEqual(a.binding.local);
      expect(a.binding.local).not.toEqual(a.binding.remote);
      close(links);
    });

    it('counts what exists now and what ever was', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      expect([setup.ana.alive, setup.ana.opened, setup.ben.alive, setup.ben.opened]).toEqual([1, 1, 1, 1]);
      const bothClosed = Promise.all(links.map(closing));
      links[0].close();
      await setup.until(bothClosed);
      await setup.until(freed(setup));
      expect([setup.ana.opened, setup.ben.opened]).toEqual([1, 1]);
    });

    it('frees an offer that is cancelled', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer());
      expect(setup.ana.alive).toBe(1);
      offer.cancel();
      await setup.until(freed(setup));
    });

    it('frees an answer that is cancelled, and says that its link is closed', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer());
      const answer = await setup.until(setup.ben.answer(offer.signal));
      answer.cancel();
      expect(await setup.until(failure(answer.link))).toBe('link-closed');
      offer.cancel();
      await setup.until(freed(setup));
    });

    it('leaves an open link alone when its offer is cancelled', async () => {
      const setup = setUp();
      const { links, offer, answer } = await connect(setup);
      const received = frames(links[1], 1);
      offer.cancel();
      answer.cancel();
      links[0].send(Uint8Array.of(7));
      expect(await setup.until(received)).toEqual([Uint8Array.of(7)]);
      close(links);
    });

    it.each([
      ['nothing', new Uint8Array(0)],
      ['random bytes', Uint8Array.of(1, 200, 3, 255, 254, 90)],
      ['something huge', new Uint8Array(100_000).fill(65)],
    ])('refuses %s as an offer and as an answer, and goes on', async (_what, nonsense) => {
      const setup = setUp();
      expect(await setup.until(failure(setup.ben.answer(nonsense)))).toBe('frame-malformed');
      const offer = await setup.until(setup.ana.offer());
      expect(await setup.until(failure(offer.accept(nonsense)))).toBe('frame-malformed');
      offer.cancel();
      await setup.until(freed(setup));
    });

    it('refuses an offer where an answer belongs', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer());
      expect(await setup.until(failure(offer.accept(offer.signal)))).toBe('frame-malformed');
      offer.cancel();
    });

    it('takes the first of two answers', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer());
      const first = await setup.until(setup.ben.answer(offer.signal));
      const second = await setup.until(setup.ben.answer(offer.signal));
      const link = offer.accept(first.signal);
      const same = offer.accept(second.signal);
      const opened = await setup.until(Promise.all([link, same, first.link]));
      expect(opened[0]).toBe(opened[1]);
      second.cancel();
      close(opened);
    });
  });

  describe(`${name}: a dialer that trickles`, () => {
    it('opens a link by candidates that follow their signals', async () => {
      const setup = setUp();
      const { links } = await trickle(setup);
      expect(links[0].binding.remote).toEqual(links[1].binding.local);
      const received = frames(links[1], 1);
      links[0].send(Uint8Array.of(5));
      expect(await setup.until(received)).toEqual([Uint8Array.of(5)]);
      close(links);
    });

    it('keeps candidates that come before the answer, and those found before anybody asks', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer({ trickle: true }));
      const answer = await setup.until(setup.ben.answer(offer.signal, { trickle: true }));
      const candidate = await setup.until(new Promise<Uint8Array>((resolve) => answer.onCandidate(resolve)));
      offer.addCandidate(candidate);
      const links = await setup.until(Promise.all([offer.accept(answer.signal), answer.link]));
      close(links);
    });

    it('takes the first candidate along when the signal may wait for it', async () => {
      const setup = setUp();
      const options = { trickle: true, firstMs: 10_000 };
      const offer = await setup.until(setup.ana.offer(options));
      const answer = await setup.until(setup.ben.answer(offer.signal, options));
      close(await setup.until(Promise.all([offer.accept(answer.signal), answer.link])));
    });

    it('opens a link when one side alone could be told where the other is', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer({ trickle: true }));
      const answer = await setup.until(setup.ben.answer(offer.signal, { trickle: true }));
      offer.onCandidate((candidate) => answer.addCandidate(candidate));
      close(await setup.until(Promise.all([offer.accept(answer.signal), answer.link])));
    });

    it('ignores candidates that make no sense, however many', async () => {
      const setup = setUp();
      const { links, offer, answer } = await trickle(setup, (pending) => {
        for (const junk of [new Uint8Array(0), Uint8Array.of(5, 1, 2), new Uint8Array(5_000).fill(65)])
          pending.addCandidate(junk);
      });
      for (let index = 0; index < 1_000; index++) offer.addCandidate(Uint8Array.of(5, index % 256));
      answer.addCandidate(new TextEncoder().encode('candidate:'));
      const received = frames(links[1], 1);
      links[0].send(Uint8Array.of(5));
      await setup.until(received);
      close(links);
      await setup.until(freed(setup));
      offer.addCandidate(Uint8Array.of(5));
    });

    it('says nothing after a complete signal', async () => {
      const setup = setUp();
      const offer = await setup.until(setup.ana.offer());
      const told: Uint8Array[] = [];
      offer.onCandidate((candidate) => told.push(candidate));
      const answer = await setup.until(setup.ben.answer(offer.signal));
      close(await setup.until(Promise.all([offer.accept(answer.signal), answer.link])));
      expect(told).toEqual([]);
    });
  });

  describe(`${name}: a link`, () => {
    it('delivers frames of every size whole and in order', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      const sizes = [1, 2, 1_000, 16_384, 65_536, MAX_FRAME_BYTES, 3];
      const received = frames(links[1], sizes.length);
      for (const [index, size] of sizes.entries()) links[0].send(new Uint8Array(size).fill(index));
      const arrived = await setup.until(received);
      expect(arrived.map((frame) => [frame.length, frame[0], frame.at(-1)])).toEqual(
        sizes.map((size, index) => [size, index, index]),
      );
      close(links);
    });

    it('keeps frames that arrive before anybody listens', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      for (const value of [1, 2, 3]) links[0].send(Uint8Array.of(value));
      await setup.until(links[0].drained(0));
      const received = frames(links[1], 3);
      expect(await setup.until(received)).toEqual([1, 2, 3].map((value) => Uint8Array.of(value)));
      close(links);
    });

    it('refuses a frame above the limit and stays open', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      expect(thrown(() => links[0].send(new Uint8Array(MAX_FRAME_BYTES + 1)))).toBe('frame-too-large');
      const received = frames(links[1], 1);
      links[0].send(Uint8Array.of(1));
      await setup.until(received);
      close(links);
    });

    it('says how much waits, and when it has gone', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      links[1].onFrame(() => {});
      for (let i = 0; i < 8; i++) links[0].send(new Uint8Array(65_536));
      expect(links[0].bufferedAmount).toBeGreaterThan(65_536);
      const half = links[0].drained(262_144).then(() => links[0].bufferedAmount);
      const all = links[0].drained(0).then(() => links[0].bufferedAmount);
      expect(await setup.until(half)).toBeLessThanOrEqual(262_144);
      expect(await setup.until(all)).toBe(0);
      close(links);
    });

    it('closes at both ends, delivers what was sent just before, and takes nothing after', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      const received = frames(links[1], 2);
      const closed = Promise.all(links.map(closing));
      links[0].send(Uint8Array.of(1));
      links[0].send(new TextEncoder().encode('goodbye'));
      links[0].close();
      expect(thrown(() => links[0].send(Uint8Array.of(3)))).toBe('link-closed');
      expect(await setup.until(received)).toEqual([Uint8Array.of(1), new TextEncoder().encode('goodbye')]);
      await setup.until(closed);
      expect(thrown(() => links[1].send(Uint8Array.of(4)))).toBe('link-closed');
      await setup.until(links[1].drained(0));
    });

    it('tells that it is closed also to those who ask later, once, and never at once', async () => {
      const setup = setUp();
      const { links } = await connect(setup);
      const closed = closing(links[1]);
      links[0].close();
      await setup.until(closed);
      const order: string[] = [];
      links[0].onClose(() => order.push('closed'));
      order.push('asked');
      links[0].close();
      await setup.until(freed(setup));
      expect(order).toEqual(['asked', 'closed']);
    });
  });
}

async function connect({ ana, ben, until }: DialerSetup) {
  const offer = await until(ana.offer());
  const answer = await until(ben.answer(offer.signal));
  const links = await until(Promise.all([offer.accept(answer.signal), answer.link]));
  return { offer, answer, links };
}

/** As `connect`, with candidates on their way as soon as they are found. */
async function trickle(
  { ana, ben, until }: DialerSetup,
  first: (pending: PendingOffer | PendingAnswer) => void = () => {},
) {
  const offer = await until(ana.offer({ trickle: true }));
  const answer = await until(ben.answer(offer.signal, { trickle: true }));
  first(offer);
  first(answer);
  offer.onCandidate((candidate) => answer.addCandidate(candidate));
  answer.onCandidate((candidate) => offer.addCandidate(candidate));
  const links = await until(Promise.all([offer.accept(answer.signal), answer.link]));
  return { offer, answer, links };
}

function frames(link: Link, count: number): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  return new Promise((resolve) => {
    link.onFrame((frame) => {
      received.push(Uint8Array.from(frame));
      if (received.length === count) resolve(received);
    });
  });
}

const closing = (link: Link) => new Promise<void>((resolve) => link.onClose(resolve));
const failure = (promise: Promise<unknown>) => promise.then(() => 'no error', kindOf);

function close(links: readonly Link[]): void {
  for (const link of links) link.close();
}

function thrown(action: () => void): string {
  try {
    action();
    return 'no error';
  } catch (error) {
    return kindOf(error);
  }
}

/** Waits, turn by turn, until neither side holds a connection. */
async function freed({ ana, ben }: DialerSetup): Promise<void> {
  while (ana.alive + ben.alive > 0) await new Promise((resolve) => setTimeout(resolve));
}
