// Does the other side still live? The machine alone, then two sessions under a clock.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEAD_AFTER_MS,
  type Heartbeat,
  PING_AFTER_MS,
  SLEPT_AFTER_MS,
  startHeartbeat,
  stepHeartbeat,
} from '../../../src/core/session/heartbeat.ts';
import { talk } from '../../fixtures/sessions.ts';
import { settle, until } from '../../fixtures/until.ts';

/** Runs the machine from look to look over silence; each wait is stretched by `late`. Returns what it did and when. */
function silence(state: Heartbeat, now: number, late: (look: number) => number = () => 0): [string, number][] {
  const done: [string, number][] = [];
  let at = now + PING_AFTER_MS - state.silentMs;
  for (let look = 0; look < 100; look += 1) {
    at += late(look);
    const step = stepHeartbeat(state, { type: 'look', now: at });
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do !== 'wait') done.push([effect.do, at - now]);
      if (effect.do === 'give-up') return done;
      if (effect.do === 'wait') at += effect.ms;
    }
  }
  return done;
}

describe('the machine', () => {
  const start = startHeartbeat(1_000_000).state;

  it('asks after 5 s and 10 s of silence and gives up after 15 s', () => {
    expect(silence(start, 1_000_000)).toEqual([
      ['ping', 5_000],
      ['ping', 10_000],
      ['give-up', 15_000],
    ]);
  });

  it('whatever is heard begins the silence anew', () => {
    const { state } = stepHeartbeat(start, { type: 'heard', now: 1_004_000 });
    const look = stepHeartbeat(state, { type: 'look', now: 1_005_000 });
    expect(look.effects).toEqual([{ do: 'wait', ms: 4_000 }]);
  });

  it('a page that slept an hour asks first and leaves the other side 10 s to answer', () => {
    const [asked, again, gaveUp] = silence(start, 1_000_000, (look) => (look === 0 ? 3_600_000 : 0));
    expect(asked).toEqual(['ping', 3_605_000]);
    expect(again).toEqual(['ping', 3_610_000]);
    expect(gaveUp).toEqual(['give-up', 3_615_000]);
  });

  it('a page whose timers always come late is excused twice, then gives up as well', () => {
    const done = silence(start, 1_000_000, () => 60_000);
    expect(done.map(([what]) => what)).toEqual(['ping', 'ping', 'give-up']);
  });

  it('what is heard between forgets the excuses', () => {
    let [state, now] = [start, 1_000_000];
    for (let sleeps = 0; sleeps < 6; sleeps += 1) {
      if (sleeps % 2 === 0) state = stepHeartbeat(state, { type: 'heard', now }).state;
      now += 60_000;
      const step = stepHeartbeat(state, { type: 'look', now });
      expect(step.effects).toEqual([{ do: 'ping' }, { do: 'wait', ms: 5_000 }]);
      state = step.state;
    }
  });

  it('after an answer it asks anew at 5 s', () => {
    const asked = stepHeartbeat(start, { type: 'look', now: 1_005_000 }).state;
    const { state } = stepHeartbeat(asked, { type: 'heard', now: 1_005_100 });
    expect(silence(state, 1_005_100)[0]).toEqual(['ping', 5_000]);
  });

  it.each([
    [4_999, [{ do: 'wait', ms: 1 }]],
    [7_000, [{ do: 'ping' }, { do: 'wait', ms: 3_000 }]],
  ])('a look after %i ms is late by less than a sleep: the next comes at its time', (after, effects) => {
    expect(stepHeartbeat(start, { type: 'look', now: 1_000_000 + after }).effects).toEqual(effects);
  });

  it('a look that comes early does not ask again', () => {
    const asked = stepHeartbeat(start, { type: 'look', now: 1_005_000 }).state;
    expect(stepHeartbeat(asked, { type: 'look', now: 1_008_000 }).effects).toEqual([{ do: 'wait', ms: 2_000 }]);
  });

  it('a look exactly 10 s late is silence, a millisecond more is sleep', () => {
    const look = (after: number) => stepHeartbeat(start, { type: 'look', now: 1_000_000 + after }).state.silentMs;
    expect([look(10_000), look(10_001)]).toEqual([10_000, 5_000]);
  });

  it('a clock set back adds no silence', () => {
    const { state, effects } = stepHeartbeat(start, { type: 'look', now: 5_000 });
    expect([state.silentMs, effects]).toEqual([0, [{ do: 'wait', ms: PING_AFTER_MS }]]);
  });

  it('never gives up within 15 s of the last frame, and always within 45 s when looked at in time', () => {
    const event = fc.record({ heard: fc.boolean(), after: fc.integer({ min: 0, max: SLEPT_AFTER_MS }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let [state, now, last] = [start, 1_000_000, 1_000_000];
        for (const { heard, after } of events) {
          now += after;
          const step = stepHeartbeat(state, { type: heard ? 'heard' : 'look', now });
          const gaveUp = step.effects.some((effect) => effect.do === 'give-up');
          if (heard) last = now;
          if (gaveUp) return now - last >= DEAD_AFTER_MS;
          if (now - last > 3 * DEAD_AFTER_MS) return false;
          state = step.state;
        }
        return true;
      }),
      { seed: 20_260_615, numRuns: 500 },
    );
  });
});

describe('two sessions', () => {
  it('measure the round trip', async () => {
    const { a, links, clock } = await talk();
    await until(() => a.rttMs === 0);
    links.fate = ({ from }) => ({ delayMs: from === 'a' ? 30 : 50 });
    a.ping();
    await clock.advance(200, settle);
    expect(a.rttMs).toBe(80);
  });

  it('live on through ten minutes without a word', async () => {
    const { a, b, clock } = await talk();
    await until(() => a.rttMs !== undefined && b.rttMs !== undefined);
    for (let seconds = 0; seconds < 600; seconds += 5) await clock.advance(5_000, settle);
    expect([a.ended, b.ended]).toEqual([undefined, undefined]);
  });

  it('notice within 15 s that the other page is gone although the link says nothing', async () => {
    const { a, b, links, clock } = await talk();
    await until(() => a.rttMs !== undefined && b.rttMs !== undefined);
    links.silent = true;
    await clock.advance(14_000, settle);
    expect([a.ended, b.ended]).toEqual([undefined, undefined]);
    await clock.advance(1_000, settle);
    expect([a.ended, b.ended]).toEqual(['link-timeout', 'link-timeout']);
    expect(clock.pending).toBe(0);
  });

  it('a pong for a question nobody asked measures nothing', async () => {
    const { a, b } = await talk();
    await until(() => a.rttMs === 0 && b.rttMs === 0);
    a.rttMs = undefined;
    b.ping();
    b.ping(); // the answer to the first is not the answer to the second
    b.rttMs = undefined;
    await until(() => b.rttMs === 0);
    expect(a.rttMs).toBe(undefined);
  });
});
