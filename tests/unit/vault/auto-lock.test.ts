// Locking by itself: when nobody is there, not before, and not later because the device slept.
import { expect, test } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { AutoLock } from '../../../src/core/vault/auto-lock.ts';

const MINUTE = 60_000;

function watched() {
  const clock = new MemoryClock();
  let locked = 0;
  const auto = new AutoLock(clock, () => {
    locked += 1;
  });
  return { clock, auto, locked: () => locked };
}

test('locks once when the chosen time has passed without anybody', async () => {
  const { clock, auto, locked } = watched();
  auto.choose(5);
  await clock.advance(5 * MINUTE - 1);
  expect(locked()).toBe(0);
  await clock.advance(1);
  expect(locked()).toBe(1);
  await clock.advance(60 * MINUTE);
  expect(locked()).toBe(1);
  expect(clock.pending).toBe(0);
});

test('whoever uses a tab begins the time anew', async () => {
  const { clock, auto, locked } = watched();
  auto.choose(1);
  for (let i = 0; i < 10; i++) {
    await clock.advance(50_000);
    auto.used();
  }
  expect(locked()).toBe(0);
  await clock.advance(MINUTE);
  expect(locked()).toBe(1);
});

test('whoever comes back after the time is over finds it locked, though no timer ran while the device slept', () => {
  let now = 0;
  let locked = 0;
  const asleep = { now: () => now, after: () => ({ cancel: () => {} }) };
  const auto = new AutoLock(asleep, () => {
    locked += 1;
  });
  auto.choose(15);
  now = 15 * MINUTE;
  auto.used();
  expect(locked).toBe(1);
});

test('a clock that is set back keeps it open no longer than was chosen', () => {
  let now = 1_000_000_000;
  let locked = 0;
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) };
  const auto = new AutoLock(clock, () => {
    locked += 1;
  });
  auto.choose(1);
  now -= 24 * 60 * MINUTE;
  auto.look();
  now += MINUTE;
  expect(auto.look()).toBe(true);
  expect(locked).toBe(1);
});

test('never, when that was chosen', async () => {
  const { clock, auto, locked } = watched();
  auto.choose(1);
  auto.choose(0);
  auto.used();
  await clock.advance(24 * 60 * MINUTE);
  expect(locked()).toBe(0);
});
