// What a place remembers of offers to it: bounded in number, size and time, whoever has learnt its tag.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { HeardOffers, NAME_BYTES, questions, sayings } from '../../../src/core/overlay/place-calls.ts';
import { MAX_LANE_SIGNAL_BYTES, MAX_LANE_SIGNALS } from '../../../src/core/overlay/place-lane.ts';
import type { IncomingOffer } from '../../../src/core/ports/entry-point.ts';
import { settle } from '../../fixtures/until.ts';

function setUp() {
  const clock = new MemoryClock();
  const offers: IncomingOffer[] = [];
  const heard = new HeardOffers(clock, (offer) => offers.push(offer));
  const ask = (kind: number, name: number, rest: Uint8Array) =>
    heard.question(concat(Uint8Array.of(kind), new Uint8Array(NAME_BYTES).fill(name), rest));
  return { clock, offers, heard, ask };
}

it('an offer is forgotten after a minute, and so is what came with it', async () => {
  const { clock, offers, ask } = setUp();
  void ask(questions.offerWithLane, 1, new Uint8Array(2_000));
  await clock.advance(30_000, settle);
  expect(await ask(questions.signal, 1, new Uint8Array(540))).toEqual(Uint8Array.of(sayings.notYet));
  await clock.advance(31_000, settle);
  expect(await ask(questions.signal, 1, new Uint8Array(540))).toBeUndefined();
  expect([offers.length, clock.pending]).toEqual([1, 0]);
});

it('signals after an offer are so many and no larger than a candidate is', async () => {
  const { offers, ask } = setUp();
  void ask(questions.offerWithLane, 1, new Uint8Array(2_000));
  const got: number[] = [];
  offers[0]?.lane?.onSignal(({ length }) => got.push(length));
  await ask(questions.signal, 1, new Uint8Array(MAX_LANE_SIGNAL_BYTES + 1));
  for (let count = 0; count < 2 * MAX_LANE_SIGNALS; count += 1) await ask(questions.signal, 1, new Uint8Array(540));
  expect(got).toEqual(Array.from({ length: MAX_LANE_SIGNALS }, () => 540));
});

it('leaving the place leaves no timer', async () => {
  const { clock, heard, ask } = setUp();
  for (let name = 0; name < 20; name += 1) void ask(questions.offer, name, new Uint8Array(2_000));
  heard.close();
  await settle();
  expect(clock.pending).toBe(0);
});
