// The sending direction renews its key by time, bytes and frames, and nobody notices.
import { describe, expect, it } from 'vitest';
import { REKEY_LIMITS } from '../../../src/core/session/sealer.ts';
import { talk } from '../../fixtures/sessions.ts';
import { until } from '../../fixtures/until.ts';

const never = { ms: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, frames: Number.POSITIVE_INFINITY };

describe('rekey', () => {
  it('happens at 1 h, 1 GiB or 2^20 frames', () => {
    expect(REKEY_LIMITS).toEqual({ ms: 3_600_000, bytes: 1_073_741_824, frames: 1_048_576 });
  });

  it('by frames: every message arrives in order across many keys, in both directions at once', async () => {
    const { a, b } = await talk({ rekeyLimits: { ...never, frames: 7 } });
    const got: { a: number[]; b: number[] } = { a: [], b: [] };
    a.onMessage((payload) => got.a.push(payload[0] as number));
    b.onMessage((payload) => got.b.push(payload[0] as number));
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const sent = numbers.flatMap((one) => [a.send(Uint8Array.of(one)), b.send(Uint8Array.of(one))]);
    await Promise.all(sent);
    await until(() => got.a.length === 200 && got.b.length === 200);
    expect(got).toEqual({ a: numbers, b: numbers });
    expect(a.rekeys).toBeGreaterThanOrEqual(28);
  });

  it('by bytes', async () => {
    const { a, b } = await talk({ rekeyLimits: { ...never, bytes: 100_000 } });
    const got: number[] = [];
    b.onMessage((payload) => got.push(payload.length));
    for (let index = 0; index < 8; index += 1) await a.send(new Uint8Array(60_000));
    await until(() => got.length === 8);
    expect(a.rekeys).toBe(3);
  });

  it('by time, at the first frame after it is over', async () => {
    const { a, b, links, clock } = await talk({ rekeyLimits: { ...never, ms: 4_000 } });
    await until(() => a.rttMs !== undefined && b.rttMs !== undefined);
    let got = 0;
    b.onMessage(() => {
      got += 1;
    });
    const before = links.sentBy('a').length;
    await a.send(new Uint8Array(1));
    expect([a.rekeys, links.sentBy('a').length - before]).toEqual([0, 1]);
    await clock.advance(4_000);
    await a.send(new Uint8Array(1));
    expect([a.rekeys, links.sentBy('a').length - before]).toEqual([1, 3]);
    await until(() => got === 2);
    expect(b.ended).toBe(undefined);
  });

  it('a frame sealed under the old key after the change is not accepted', async () => {
    const { a, b, links } = await talk({ rekeyLimits: { ...never, frames: 3 } });
    let announced = 0;
    // The announcement goes missing: what follows is under a key that the other side does not have yet.
    links.fate = ({ from }) => (from === 'a' && a.rekeys > 0 && announced++ === 0 ? 'drop' : 'deliver');
    for (let index = 0; index < 6; index += 1) await a.send(Uint8Array.of(index)).catch(() => undefined);
    await until(() => b.ended !== undefined);
    expect(b.ended).toBe('frame-authentication');
  });
});
