import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { SignalSealer } from '../../../src/core/rendezvous/sealed-signal.ts';

const sealer = new SignalSealer(new Uint8Array(32).fill(1), seededRandom(1));
const stranger = new SignalSealer(new Uint8Array(32).fill(2), seededRandom(2));
const [topic, elsewhere] = [new Uint8Array(20).fill(3), new Uint8Array(20).fill(4)];
const [offerId, otherId] = [new Uint8Array(16).fill(5), new Uint8Array(16).fill(6)];
const at = Date.UTC(2026, 5, 15, 12, 0, 1);
const signal = new TextEncoder().encode('v=0 …');
const failure = (promise: Promise<unknown>) => promise.then(() => 'opened', kindOf);

describe('a sealed signal', () => {
  it('opens again, whatever its length up to 16 KiB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 16_384 }), async (length) => {
        const long = seededRandom(length).bytes(length);
        const offer = await sealer.openOffer(topic, await sealer.sealOffer(topic, { offerId, at, signal: long }));
        expect(offer).toEqual({ offerId, at, signal: long });
        const answer = await sealer.sealAnswer(topic, { offerId, signal: long });
        expect(await sealer.openAnswer(topic, offerId, answer)).toEqual(long);
      }),
      { seed: 1, numRuns: 50, examples: [[0], [16_384]] },
    );
  });

  it('has one of four lengths', async () => {
    const lengths = new Set<number>();
    for (let length = 0; length <= 16_384; length += 64) {
      lengths.add((await sealer.sealOffer(topic, { offerId, at, signal: new Uint8Array(length) })).length);
      lengths.add((await sealer.sealAnswer(topic, { offerId, signal: new Uint8Array(length) })).length);
    }
    expect([...lengths].sort((a, b) => a - b)).toEqual([2_076, 4_124, 8_220, 16_434]);
  });

  it('is never the same twice', async () => {
    const seal = () => sealer.sealOffer(topic, { offerId, at, signal });
    expect(await seal()).not.toEqual(await seal());
  });

  it('is refused above 16 KiB', async () => {
    const long = { offerId, at, signal: new Uint8Array(16_385) };
    expect(await failure(sealer.sealOffer(topic, long))).toBe('frame-too-large');
  });

  it('does not open for a stranger, under another topic, for another offer, or as the other kind', async () => {
    const offer = await sealer.sealOffer(topic, { offerId, at, signal });
    const answer = await sealer.sealAnswer(topic, { offerId, signal });
    const attempts = [
      stranger.openOffer(topic, offer),
      sealer.openOffer(elsewhere, offer),
      sealer.openAnswer(topic, offerId, offer),
      stranger.openAnswer(topic, offerId, answer),
      sealer.openAnswer(elsewhere, offerId, answer),
      sealer.openAnswer(topic, otherId, answer),
      sealer.openOffer(topic, answer),
    ];
    const outcomes = await Promise.all(attempts.map(failure));
    expect(outcomes).toEqual(attempts.map(() => 'frame-authentication'));
  });

  it('does not open with any byte changed or cut off', async () => {
    const sealed = await sealer.sealOffer(topic, { offerId, at, signal });
    for (let index = 0; index < sealed.length; index += 13) {
      const changed = sealed.with(index, (sealed[index] ?? 0) ^ 0x80);
      expect(await failure(sealer.openOffer(topic, changed))).toBe('frame-authentication');
      expect(await failure(sealer.openOffer(topic, sealed.subarray(0, index)))).toMatch(/^frame-/);
    }
  });
});
