// Two devices of one identity on one link: what proves it, and what does not.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { type MemoryLink, memoryLinkPair } from '../../../src/adapters/memory/links.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { TwinLine } from '../../../src/core/node/twin-line.ts';
import { afterMeeting, type TwinRecord } from '../../../src/core/node/twin-record.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { settle } from '../../fixtures/until.ts';

const KEY = new Uint8Array(32).fill(7);
const record = (choices: number, state: TwinRecord['state'] = 'alone'): TwinRecord => ({ v: 1, choices, state });

function device(link: Link, clock: MemoryClock, seed: number, more: { key?: Uint8Array; run?: Uint8Array } = {}) {
  const random = seededRandom(seed);
  const heard: TwinRecord[] = [];
  const state = { mine: record(seed), ended: false };
  const line = new TwinLine({
    link,
    key: more.key ?? KEY,
    run: more.run ?? random.bytes(16),
    random,
    clock,
    mine: () => state.mine,
    heard: (theirs) => heard.push(theirs),
    ended: () => {
      state.ended = true;
    },
  });
  return { line, heard, state };
}

async function pass(clock: MemoryClock, milliseconds = 100): Promise<void> {
  await settle();
  await clock.advance(milliseconds, settle);
  await settle();
}

describe('two devices of one identity', () => {
  it('hear from each other where they stand, and again when it changes', async () => {
    const clock = new MemoryClock();
    const [left, right] = memoryLinkPair({ clock });
    const [a, b] = [device(left, clock, 1), device(right, clock, 2)];
    await pass(clock);
    expect([a.heard, b.heard]).toEqual([[record(2)], [record(1)]]);
    expect([a.line.proven, b.line.proven]).toEqual([true, true]);
    a.state.mine = record(3, 'retired');
    await a.line.say();
    await pass(clock);
    expect(b.heard.at(-1)).toEqual(record(3, 'retired'));
  });

  it('who has not the root secret proves nothing', async () => {
    const clock = new MemoryClock();
    const [left, right] = memoryLinkPair({ clock });
    const [a, stranger] = [device(left, clock, 1), device(right, clock, 2, { key: new Uint8Array(32).fill(8) })];
    await pass(clock);
    expect([a.heard, stranger.heard]).toEqual([[], []]);
    expect([a.line.proven, a.state.ended]).toEqual([false, true]);
  });

  it('one’s own words played back are not another device', async () => {
    const clock = new MemoryClock();
    const [left, right] = memoryLinkPair({ clock });
    const mirror = right as MemoryLink;
    mirror.onFrame((frame) => mirror.send(frame.slice()));
    const a = device(left, clock, 1);
    await pass(clock);
    expect([a.heard, a.line.proven, a.state.ended]).toEqual([[], false, true]);
    // Nor is another link of the same page, with somebody between.
    const run = new Uint8Array(16).fill(9);
    const [one, other] = memoryLinkPair({ clock });
    const twice = [device(one, clock, 3, { run }), device(other, clock, 4, { run })];
    await pass(clock);
    expect(twice.map(({ heard }) => heard)).toEqual([[], []]);
  });

  it('somebody between two links proves nothing to either: each end names its own link', async () => {
    const clock = new MemoryClock();
    const prints = (seed: number) => new Uint8Array(32).fill(seed);
    const [a1, m1] = memoryLinkPair({ clock, fingerprints: [prints(1), prints(2)] });
    const [m2, b1] = memoryLinkPair({ clock, fingerprints: [prints(3), prints(4)] });
    m1.onFrame((frame) => m2.send(frame.slice()));
    m2.onFrame((frame) => m1.send(frame.slice()));
    const [a, b] = [device(a1, clock, 1), device(b1, clock, 2)];
    await pass(clock);
    expect([a.heard, b.heard]).toEqual([[], []]);
  });

  it('what was said once is not believed a second time', async () => {
    const clock = new MemoryClock();
    const [a1, m1] = memoryLinkPair({ clock });
    const [m2, b1] = memoryLinkPair({ clock });
    const frames: Uint8Array[] = [];
    m1.onFrame((frame) => {
      frames.push(frame.slice());
      m2.send(frame.slice());
    });
    m2.onFrame((frame) => m1.send(frame.slice()));
    const [, b] = [device(a1, clock, 1), device(b1, clock, 2)];
    await pass(clock);
    expect(b.heard).toEqual([record(1)]);
    m2.send(frames.at(-1) as Uint8Array);
    await pass(clock);
    expect(b.heard).toEqual([record(1)]);
    expect(b.state.ended).toBe(true);
  });

  it('a silent link ends, whether anything was proven on it or not', async () => {
    const clock = new MemoryClock();
    const [left] = memoryLinkPair({ clock });
    const a = device(left, clock, 1);
    await pass(clock, 61_000);
    expect(a.state.ended).toBe(true);
  });
});

describe('after meeting another device', () => {
  it('nobody chose: held; somebody chose: whoever knows of fewer choices is retired', () => {
    expect(afterMeeting(record(0), record(0))).toEqual(record(0, 'held'));
    expect(afterMeeting(record(0), record(0, 'held'))).toEqual(record(0, 'held'));
    expect(afterMeeting(record(0, 'held'), record(1))).toEqual(record(1, 'retired'));
    expect(afterMeeting(record(2), record(3))).toEqual(record(3, 'retired'));
    const chosen = record(3);
    expect(afterMeeting(chosen, record(2))).toBe(chosen);
    expect(afterMeeting(chosen, record(3, 'retired'))).toBe(chosen);
    // Both chosen at once: asked again.
    expect(afterMeeting(chosen, record(3))).toEqual(record(3, 'held'));
    const retired = record(3, 'retired');
    expect(afterMeeting(retired, record(3))).toBe(retired);
  });

  it('whatever two devices say in whatever order, they never both go on, and a choice settles it', () => {
    const states = ['alone', 'held', 'retired'] as const;
    for (const mine of states)
      for (const theirs of states)
        for (const [m, t] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [2, 2],
        ] as const) {
          let [a, b] = [record(m, mine), record(t, theirs)];
          for (let round = 0; round < 3; round += 1) [a, b] = [afterMeeting(a, b), afterMeeting(b, a)];
          expect(a.state === 'alone' && b.state === 'alone').toBe(false);
          const chosen = record(Math.max(a.choices, b.choices) + 1);
          expect([afterMeeting(chosen, b), afterMeeting(b, chosen).state]).toEqual([chosen, 'retired']);
        }
  });
});
