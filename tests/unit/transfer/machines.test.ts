// The sender's and the receiver's state machines and the window, step by step.
import { describe, expect, test } from 'vitest';
import { markUnit } from '../../../src/core/bytes/bitmap.ts';
import { layoutOf, unitsOfRow } from '../../../src/core/transfer/layout.ts';
import {
  newReceiver,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from '../../../src/core/transfer/receiver.ts';
import {
  allAcked,
  newSender,
  nextRow,
  nextUnit,
  type SenderEvent,
  type SenderState,
  stepSender,
} from '../../../src/core/transfer/sender.ts';
import {
  bufferedAhead,
  initialWindow,
  MAX_WINDOW_UNITS,
  measured,
  unitsPerFrame,
  type WindowState,
} from '../../../src/core/transfer/window.ts';

const layout = layoutOf(10 * 65_536);

function bitmapOf(...indices: number[]): Uint8Array {
  const bitmap = new Uint8Array(2);
  for (const index of indices) markUnit(bitmap, index);
  return bitmap;
}

function sender(...events: SenderEvent[]): SenderState {
  return events.reduce((state, event) => stepSender(state, event).state, newSender(layout));
}

const sent = (index: number, at = 0): SenderEvent => ({ type: 'sent', index, at });
const have = (...indices: number[]): SenderEvent => ({ type: 'have', bitmap: bitmapOf(...indices) });

describe('the sender', () => {
  test('sends nothing before the receiver wants it', () => {
    expect(nextUnit(sender())).toBeUndefined();
    expect(nextUnit(sender({ type: 'asked' }))).toBeUndefined();
    expect(nextUnit(sender(have()))).toBe(0);
  });

  test('sends the first unit that the receiver lacks and that is not on its way', () => {
    expect(nextUnit(sender(have(0, 1, 3)))).toBe(2);
    expect(nextUnit(sender(have(0, 1, 3), sent(2)))).toBe(4);
  });

  test('sends units in a row together, as many as it may and as far as nothing lies between', () => {
    expect(nextRow(sender(have()), 3)).toEqual({ first: 0, count: 3 });
    expect(nextRow(sender(have(0, 2)), 3)).toEqual({ first: 1, count: 1 });
    expect(nextRow(sender(have(0), sent(1), sent(4)), 3)).toEqual({ first: 2, count: 2 });
    expect(nextRow(sender(have(0, 1, 2, 3, 4, 5, 6, 7)), 3)).toEqual({ first: 8, count: 2 });
    expect(nextRow(sender(), 3)).toBeUndefined();
  });

  test('measures how long the unit sent last took to be acknowledged', () => {
    const state = sender(have(), sent(0, 100), sent(1, 130), sent(2, 160));
    const { state: after, effects } = stepSender(state, { type: 'acked', bitmap: bitmapOf(0, 1), at: 200 });
    expect(effects).toEqual([{ type: 'measured', units: 2, milliseconds: 70 }]);
    expect([...after.inFlight.keys()]).toEqual([2]);
    expect(stepSender(after, { type: 'acked', bitmap: bitmapOf(0, 1), at: 300 }).effects).toEqual([]);
  });

  test('an older acknowledgement that comes late takes nothing back', () => {
    const state = sender(have(), sent(0), sent(1), { type: 'acked', bitmap: bitmapOf(0, 1), at: 1 });
    const late = stepSender(state, { type: 'acked', bitmap: bitmapOf(0), at: 2 }).state;
    expect(nextUnit(late)).toBe(2);
  });

  test('what the receiver says it holds counts, also where it has lost a unit', () => {
    expect(nextUnit(sender(have(0, 1, 2), have(0, 2)))).toBe(1);
  });

  test('units in flight stay in flight at a plain have, and are sent again when we had asked', () => {
    expect(nextUnit(sender(have(), sent(0), sent(1), have(0)))).toBe(2);
    expect(nextUnit(sender(have(), sent(0), sent(1), { type: 'asked' }, have(0)))).toBe(1);
  });

  test('a new session forgets what was on its way and waits to be asked', () => {
    const state = sender(have(), sent(0), { type: 'detached' });
    expect(nextUnit(state)).toBeUndefined();
    expect(nextUnit(stepSender(state, have()).state)).toBe(0);
  });

  test('a refused unit is sent again three times, then it is corrupt; refusals of what was not sent count for nothing', () => {
    let state = sender(have());
    expect(stepSender(state, { type: 'nacked', index: 0 })).toEqual({ state, effects: [] });
    for (let attempt = 0; attempt < 3; attempt++) {
      state = stepSender(state, sent(0)).state;
      const step = stepSender(state, { type: 'nacked', index: 0 });
      expect(step.effects).toEqual([]);
      state = step.state;
      expect(nextUnit(state)).toBe(0);
    }
    state = stepSender(state, sent(0)).state;
    expect(stepSender(state, { type: 'nacked', index: 0 }).effects).toEqual([{ type: 'corrupt' }]);
  });

  test('bits behind the last unit, bitmaps too short and too long mean nothing', () => {
    const all = sender({ type: 'have', bitmap: new Uint8Array(50).fill(0xff) });
    expect(allAcked(all)).toBe(true);
    expect(all.acked).toEqual(bitmapOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect(nextUnit(sender({ type: 'have', bitmap: new Uint8Array(0) }))).toBe(0);
  });
});

function receiver(state: ReceiverState, ...events: ReceiverEvent[]) {
  let effects: readonly string[] = [];
  for (const event of events) ({ state, effects } = stepReceiver(state, event));
  return { state, effects };
}

const unit = (index: number): ReceiverEvent => ({ type: 'unit', index });
const written = (index: number): ReceiverEvent => ({ type: 'written', index });
const empty = () => newReceiver(layout, new Uint8Array(2));

describe('the receiver', () => {
  test('writes a new unit, and acknowledges it when nothing else is being written', () => {
    expect(receiver(empty(), unit(0)).effects).toEqual(['write']);
    const step = receiver(empty(), unit(0), written(0));
    expect(step.effects).toEqual(['ack']);
    expect(step.state.stored).toEqual(bitmapOf(0));
  });

  test('acknowledges as much as a frame holds while more is coming', () => {
    const five = [0, 1, 2, 3, 4].map(unit);
    expect(receiver(empty(), ...five, written(0), written(1)).effects).toEqual([]);
    expect(receiver(empty(), ...five, written(0), written(1), written(2)).effects).toEqual(['ack']);
  });

  test('a repeated unit is acknowledged again and written once', () => {
    expect(receiver(empty(), unit(0), unit(0)).effects).toEqual([]);
    expect(receiver(empty(), unit(0), written(0), unit(0)).effects).toEqual(['ack']);
  });

  test('a unit that the file does not have is an attack or an error: corrupt', () => {
    expect(receiver(empty(), unit(10)).effects).toEqual(['corrupt']);
  });

  test('more than two windows at once are not taken', () => {
    const big = newReceiver(layoutOf(30 * 65_536), new Uint8Array(4));
    const events = Array.from({ length: 16 }, (_, index) => unit(index));
    expect(receiver(big, ...events).effects).toEqual(['write']);
    expect(receiver(big, ...events, unit(16)).effects).toEqual(['flooded']);
  });

  test('answers a question only when everything sent before it is written', () => {
    expect(receiver(empty(), { type: 'asked' }).effects).toEqual(['have']);
    expect(receiver(empty(), unit(0), { type: 'asked' }).effects).toEqual([]);
    expect(receiver(empty(), unit(0), { type: 'asked' }, written(0)).effects).toEqual(['have']);
    expect(receiver(empty(), unit(0), { type: 'asked' }, { type: 'refused', index: 0 }).effects).toEqual(['have']);
  });

  test('finishes once, with the last unit or when it is asked about a whole file', () => {
    const nine = newReceiver(layout, bitmapOf(0, 1, 2, 3, 4, 5, 6, 7, 8));
    const whole = receiver(nine, unit(9), written(9));
    expect(whole.effects).toEqual(['ack', 'finish']);
    expect(receiver(whole.state, { type: 'asked' }).effects).toEqual([]);
    const resumed = newReceiver(layout, bitmapOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect(receiver(resumed, { type: 'asked' }).effects).toEqual(['ack', 'finish']);
  });

  test('refuses a unit three times, the fourth time the file is corrupt', () => {
    const once = [unit(2), { type: 'refused', index: 2 }] as const;
    expect(receiver(empty(), ...once, ...once, ...once).effects).toEqual(['nack']);
    expect(receiver(empty(), ...once, ...once, ...once, ...once).effects).toEqual(['corrupt']);
  });

  test('asks again for what its own disk has lost, three times at most', () => {
    const damaged = { type: 'damaged', stored: bitmapOf(0) } as const;
    const step = receiver(empty(), damaged);
    expect(step.effects).toEqual(['have']);
    expect(step.state.stored).toEqual(bitmapOf(0));
    expect(receiver(empty(), damaged, damaged, damaged, damaged).effects).toEqual(['corrupt']);
  });
});

/** Rounds in which every unit of the window comes back after so many milliseconds. */
function rounds(state: WindowState, times: readonly number[]): WindowState {
  return times.reduce((window, ms) => measured(window, window.units, ms), state);
}

describe('the window', () => {
  test('begins with one unit, doubles each round and stops at 512 KiB', () => {
    expect(initialWindow.units).toBe(1);
    expect(rounds(initialWindow, [5]).units).toBe(2);
    expect(rounds(initialWindow, [5, 5, 5]).units).toBe(8);
    expect(rounds(initialWindow, Array(50).fill(5)).units).toBe(MAX_WINDOW_UNITS);
    expect(MAX_WINDOW_UNITS * 65_536).toBe(524_288);
  });

  test('grows on a path that is far but not slow', () => {
    expect(rounds(initialWindow, [600, 600, 610, 620]).units).toBe(8);
  });

  test('stays at one unit where one takes more than a second', () => {
    expect(rounds(initialWindow, Array(50).fill(1300)).units).toBe(1);
  });

  test('halves when its own queue exceeds half a second, and does not try again at once', () => {
    const full = rounds(initialWindow, [5, 5, 5]);
    const halved = measured(full, 1, 600);
    expect(halved.units).toBe(4);
    expect(rounds(halved, Array(8).fill(5)).units).toBe(4);
    expect(rounds(halved, Array(9).fill(5)).units).toBe(5);
    expect(rounds(halved, [600, 600, 600, 600]).units).toBe(1);
  });

  test('stays where it is while the queue is moderate', () => {
    const four = rounds(initialWindow, [5, 5]);
    expect(rounds(four, Array(20).fill(300)).units).toBe(4);
  });
});

test('before a frame a unit may lie in the link’s buffer, on a path that takes the whole window two', () => {
  const ahead = (units: number) => bufferedAhead({ ...initialWindow, units });
  expect([1, 2, 4, 7, 8].map(ahead)).toEqual([65_536, 65_536, 65_536, 65_536, 131_072]);
});

describe('units in one frame', () => {
  test('are more only when the window is wide: on a slow path a text waits for one unit', () => {
    const inFrame = (units: number) => unitsPerFrame({ ...initialWindow, units });
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(inFrame)).toEqual([1, 1, 1, 2, 2, 3, 3, 3]);
  });

  const small = layoutOf(2 * 65_536 + 10);
  const lengths = (first: number, bytes: number) =>
    unitsOfRow(small, first, new Uint8Array(bytes)).map(({ index, sealed }) => [index, sealed.length]);

  test('are told apart by the layout of the file', () => {
    expect(lengths(0, 2 * 65_552 + 26)).toEqual([
      [0, 65_552],
      [1, 65_552],
      [2, 26],
    ]);
    expect(lengths(1, 65_552)).toEqual([[1, 65_552]]);
    expect(unitsOfRow(layoutOf(0), 0, new Uint8Array(16))).toEqual([{ index: 0, sealed: new Uint8Array(16) }]);
  });

  test('that do not fit the file are still units, to be refused one by one', () => {
    expect(lengths(0, 0)).toEqual([[0, 0]]);
    expect(lengths(1, 65_552 + 20)).toEqual([
      [1, 65_552],
      [2, 20],
    ]);
    expect(lengths(2, 500)).toEqual([
      [2, 26],
      [3, 474],
    ]);
    expect(lengths(7, 500)).toEqual([[7, 500]]);
  });
});
