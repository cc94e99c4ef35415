// What every EntryPoint must do. Run against the memory twin and against the real bittorrent-tracker server.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryPoint, IncomingOffer, TopicMembership } from '../../src/core/ports/entry-point.ts';
import { placeAt } from '../fixtures/places.ts';

export interface EntryPointSetup {
  /** One more visitor of the same place. */
  visitor(): EntryPoint;
  /** Runs until the promise settles (moves a clock that stands still; a real one moves by itself). */
  until<T>(promise: Promise<T>): Promise<T>;
  /** The place goes away and everybody loses it. */
  goDown(): Promise<void>;
  /** It is back at the same address. */
  goUp(): Promise<void>;
  /** After the last test of a setup. */
  end(): Promise<void>;
}

export function entryPointContract(name: string, setUp: () => Promise<EntryPointSetup>): void {
  describe(`${name}: an entry point`, () => {
    let place: EntryPointSetup;
    beforeEach(async () => {
      place = await setUp();
    });
    afterEach(() => place.end());

    /** Somebody under a topic, with ears. */
    const arrive = (topic: Uint8Array, visitor: EntryPoint = place.visitor()) => {
      const counts = new Mailbox<number | undefined>();
      const offers = new Mailbox<IncomingOffer>();
      const membership = visitor.join(placeAt(topic), {
        others: (count) => counts.put(count),
        offer: (offer) => offers.put(offer),
      });
      return { visitor, membership, counts, offers };
    };
    const countAfterRefresh = async (person: { membership: TopicMembership; counts: Mailbox<number | undefined> }) => {
      person.counts.clear();
      person.membership.refresh();
      return place.until(person.counts.take());
    };

    it('says that nobody else is there to the first who comes, and one to the second', async () => {
      const ana = arrive(topicOf(1));
      expect(await place.until(ana.counts.take())).toBe(0);
      const ben = arrive(topicOf(1));
      expect(await place.until(ben.counts.take())).toBe(1);
      expect(await countAfterRefresh(ana)).toBe(1);
    });

    it('keeps topics apart on one connection', async () => {
      const ana = arrive(topicOf(1));
      const other = arrive(topicOf(2), ana.visitor);
      const ben = arrive(topicOf(2));
      expect(await place.until(ana.counts.take())).toBe(0);
      await place.until(other.counts.take());
      await place.until(ben.counts.take());
      ben.membership.offer(bytesOf(100), () => {});
      await place.until(other.offers.take());
      expect(ana.offers.size).toBe(0);
    });

    it('hands an offer over and its answer back, byte for byte', async () => {
      const ana = arrive(topicOf(200));
      await place.until(ana.counts.take());
      const ben = arrive(topicOf(200));
      await place.until(ben.counts.take());
      const answers = new Mailbox<Uint8Array>();
      ben.membership.offer(bytesOf(4_200), (answer) => answers.put(answer));
      const offer = await place.until(ana.offers.take());
      expect(offer.signal).toEqual(bytesOf(4_200));
      offer.answer(bytesOf(2_100));
      expect(await place.until(answers.take())).toEqual(bytesOf(2_100));
    });

    it('gives one offer to no more others than asked for', async () => {
      const people = [arrive(topicOf(4)), arrive(topicOf(4)), arrive(topicOf(4))];
      for (const { counts } of people) await place.until(counts.take());
      const ben = arrive(topicOf(4));
      await place.until(ben.counts.take());
      ben.membership.offer(bytesOf(50), () => {}, 1);
      let reached = 0;
      const first = people.map(({ offers }) => offers.take().then(() => ++reached));
      await place.until(Promise.race(first));
      // What was sent before arrives before what is asked now.
      for (const person of people) await countAfterRefresh(person);
      expect(reached).toBe(1);
    });

    it('gives one offer to several others, and every answer back', async () => {
      const people = [arrive(topicOf(3)), arrive(topicOf(3)), arrive(topicOf(3))];
      for (const { counts } of people) await place.until(counts.take());
      const ben = arrive(topicOf(3));
      expect(await place.until(ben.counts.take())).toBe(3);
      const answers = new Mailbox<Uint8Array>();
      ben.membership.offer(bytesOf(50), (answer) => answers.put(answer));
      for (const [index, { offers }] of people.entries()) {
        (await place.until(offers.take())).answer(Uint8Array.of(index));
      }
      const back = [await answersOf(place, answers), await answersOf(place, answers), await answersOf(place, answers)];
      expect(back.map((answer) => answer[0]).sort()).toEqual([0, 1, 2]);
    });

    it('is silent to a caller who has stopped listening', async () => {
      const ana = arrive(topicOf(4));
      await place.until(ana.counts.take());
      const ben = arrive(topicOf(4));
      await place.until(ben.counts.take());
      const answers = new Mailbox<Uint8Array>();
      const stop = ben.membership.offer(bytesOf(50), (answer) => answers.put(answer));
      stop();
      const later = new Mailbox<Uint8Array>();
      (await place.until(ana.offers.take())).answer(bytesOf(50));
      ben.membership.offer(bytesOf(60), (answer) => later.put(answer));
      (await place.until(ana.offers.take())).answer(bytesOf(60));
      await place.until(later.take());
      expect(answers.size).toBe(0);
    });

    it('counts those who leave no more, one topic or all', async () => {
      const ana = arrive(topicOf(5));
      const ben = arrive(topicOf(5));
      const cleo = arrive(topicOf(5));
      for (const { counts } of [ana, ben, cleo]) await place.until(counts.take());
      expect(await countAfterRefresh(ana)).toBe(2);
      ben.membership.leave();
      expect(await eventually(() => countAfterRefresh(ana), 1)).toBe(1);
      cleo.visitor.close();
      expect(await eventually(() => countAfterRefresh(ana), 0)).toBe(0);
      expect(cleo.visitor.status.state).toBe('closed');
    });

    it('comes back by itself after it was away, and announces every topic again', async () => {
      const ana = arrive(topicOf(6));
      const states: string[] = [];
      ana.visitor.onStatus(({ state }) => states.push(state));
      await place.until(ana.counts.take());
      expect(ana.visitor.status.state).toBe('open');
      await place.goDown();
      await place.until(waiting(ana.visitor));
      expect(ana.visitor.status.retryAt).toBeGreaterThan(0);
      await place.goUp();
      ana.visitor.retryNow();
      ana.counts.clear();
      expect(await place.until(ana.counts.take())).toBe(0);
      const ben = arrive(topicOf(6));
      expect(await place.until(ben.counts.take())).toBe(1);
      expect(states.slice(-2)).toEqual(['connecting', 'open']);
    });
  });
}

/** Things that arrive one by one, and whoever waits for the next. */
export class Mailbox<T> {
  #things: T[] = [];
  #waiting: ((thing: T) => void)[] = [];

  get size(): number {
    return this.#things.length;
  }

  put(thing: T): void {
    const next = this.#waiting.shift();
    if (next) next(thing);
    else this.#things.push(thing);
  }

  take(): Promise<T> {
    if (this.#things.length > 0) return Promise.resolve(this.#things.shift() as T);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  clear(): void {
    this.#things = [];
  }
}

const topicOf = (byte: number) => new Uint8Array(20).fill(byte);
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
const answersOf = (place: EntryPointSetup, answers: Mailbox<Uint8Array>) => place.until(answers.take());

/** Asks until the answer is the one wanted (or the test runs out of time). */
async function eventually<T>(ask: () => Promise<T>, wanted: T): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer === wanted) return answer;
  }
}

function waiting(visitor: EntryPoint): Promise<void> {
  return new Promise((resolve) => {
    if (visitor.status.state === 'waiting') resolve();
    visitor.onStatus(({ state }) => {
      if (state === 'waiting') resolve();
    });
  });
}
