// The sending half alone: when the key changes, to the frame, the byte and the millisecond, and what a failure leaves behind.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { CipherState } from '../../../src/core/session/noise/cipher-state.ts';
import { frameKinds } from '../../../src/core/session/outer-frame.ts';
import { MAX_PAYLOAD_BYTES, type RekeyLimits, Sealer, sealedTypes } from '../../../src/core/session/sealer.ts';

const { transport, lastOfKey } = frameKinds;
const { data } = sealedTypes;
const never = Number.POSITIVE_INFINITY;

function sealer(limits: Partial<RekeyLimits> = {}, handOn: (frame: Uint8Array) => void = () => undefined) {
  const clock = new MemoryClock();
  const cipher = new CipherState();
  cipher.initializeKey(new Uint8Array(32));
  const frames: Uint8Array[] = [];
  const one = new Sealer(cipher, clock, { ms: never, bytes: never, frames: never, ...limits }, (frame) => {
    handOn(frame);
    frames.push(frame.slice());
  });
  return { sealer: one, clock, frames, kinds: () => frames.map((frame) => frame[1]) };
}

describe('a key changes', () => {
  it('after as many frames as it may seal; the announcement is one more under the old key', async () => {
    const { sealer: one, kinds } = sealer({ frames: 3 });
    for (let n = 0; n < 7; n += 1) await one.seal(data, new Uint8Array(1));
    const key = [transport, transport, transport];
    expect(kinds()).toEqual([...key, lastOfKey, ...key, lastOfKey, transport]);
    expect(one.rekeys).toBe(2);
  });

  it('after as many bytes, whole frames counted', async () => {
    const { sealer: one, kinds } = sealer({ bytes: 200 });
    for (let n = 0; n < 4; n += 1) await one.seal(data, new Uint8Array(81)); // 100 bytes with header, type and tag
    expect(kinds()).toEqual([transport, transport, lastOfKey, transport, transport]);
  });

  it('with the first frame after its time, counted from when it was made', async () => {
    const { sealer: one, clock, kinds } = sealer({ ms: 1_000 });
    await clock.advance(999);
    await one.seal(data, new Uint8Array(1));
    expect(kinds()).toEqual([transport]);
    await clock.advance(1);
    await one.seal(data, new Uint8Array(1));
    expect(kinds()).toEqual([transport, lastOfKey, transport]);
    await clock.advance(999);
    await one.seal(data, new Uint8Array(1));
    expect(one.rekeys).toBe(1);
  });
});

describe('a payload', () => {
  it('may be written into the space that a frame has', async () => {
    const { sealer: one, frames } = sealer();
    let room = 0;
    await one.seal(data, (space) => {
      room = space.length;
      space.set([1, 2, 3]);
      return 3;
    });
    expect([room, frames[0]?.length]).toEqual([MAX_PAYLOAD_BYTES, 2 + 1 + 3 + 16]);
  });

  it('that is too long, or cannot be written, leaves everything as it was', async () => {
    const { sealer: one, frames } = sealer({ frames: 1 });
    await expect(one.seal(data, new Uint8Array(MAX_PAYLOAD_BYTES + 1))).rejects.toMatchObject({
      kind: 'frame-too-large',
      detail: { limit: MAX_PAYLOAD_BYTES },
    });
    await expect(
      one.seal(data, () => {
        throw new RangeError('not now');
      }),
    ).rejects.toThrow('not now');
    expect([one.hasGap, one.pendingBytes, one.rekeys, frames.length]).toEqual([false, 0, 0, 0]);
  });
});

describe('frames on their way', () => {
  it('are counted until they were handed on, and settled when all were', async () => {
    const { sealer: one, frames } = sealer();
    const sent = [one.seal(data, new Uint8Array(10)), one.seal(data, new Uint8Array(20))];
    expect(one.pendingBytes).toBe(10 + 20 + 2 * 19);
    await one.settled();
    expect([one.pendingBytes, frames.length]).toEqual([0, 2]);
    await Promise.all(sent);
  });

  it('that could not be handed on leave a gap and count no longer', async () => {
    const { sealer: one } = sealer({}, () => {
      throw new Error('gone');
    });
    await expect(one.seal(data, new Uint8Array(1))).rejects.toThrow('gone');
    await one.settled();
    expect([one.hasGap, one.pendingBytes]).toEqual([true, 0]);
  });
});
