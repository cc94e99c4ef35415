// The screen stays awake while a file moves, and not a moment longer, however the browser takes its time.
import { beforeEach, describe, expect, it } from 'vitest';
import { type Lock, ScreenLock } from '../../../src/app/screen-lock.ts';
import { settled } from './harness.ts';

class FakeLock implements Lock {
  private onRelease = (): void => undefined;
  constructor(private readonly held: Set<FakeLock>) {
    held.add(this);
  }
  addEventListener(_: 'release', listener: () => void): void {
    this.onRelease = listener;
  }
  /** By us, or by the browser. */
  async release(): Promise<void> {
    this.held.delete(this);
    this.onRelease();
  }
}

let visible: boolean;
let held: Set<FakeLock>;
let answers: ((granted: boolean) => void)[];
let screen: ScreenLock;
beforeEach(() => {
  visible = true;
  held = new Set();
  answers = [];
  const request = () =>
    new Promise<Lock>((resolve, reject) => {
      answers.push((granted) => (granted ? resolve(new FakeLock(held)) : reject(new Error('refused'))));
    });
  screen = new ScreenLock(() => visible, request);
});

async function answer(granted = true): Promise<void> {
  answers.shift()?.(granted);
  await settled();
}

describe('the screen', () => {
  it('is held while that is wanted', async () => {
    screen.want(true);
    await answer();
    expect(held.size).toBe(1);
    screen.want(false);
    await settled();
    expect(held.size).toBe(0);
  });

  it('is held once, however often the page is shown while the browser thinks', async () => {
    screen.want(true);
    screen.look();
    screen.look();
    expect(answers).toHaveLength(1);
    await answer();
    expect([answers.length, held.size]).toEqual([0, 1]);
    screen.want(false);
    await settled();
    expect(held.size).toBe(0);
  });

  it('is let go when it is no longer wanted by the time it is granted', async () => {
    screen.want(true);
    screen.want(false);
    await answer();
    expect(held.size).toBe(0);
    screen.want(true);
    await answer();
    expect(held.size).toBe(1);
  });

  it('is held again when the page comes back', async () => {
    screen.want(true);
    await answer();
    visible = false;
    for (const lock of held) await lock.release();
    screen.look();
    await settled();
    expect(answers).toEqual([]);
    visible = true;
    screen.look();
    await answer();
    expect(held.size).toBe(1);
  });

  it('that the browser would not hold is asked for when something changes', async () => {
    screen.want(true);
    await answer(false);
    screen.look();
    await answer();
    expect(held.size).toBe(1);
  });

  it('is left alone where there are no such locks', async () => {
    screen = new ScreenLock(
      () => true,
      async () => null,
    );
    screen.want(true);
    await settled();
    screen.want(false);
    await settled();
    expect(held.size).toBe(0);
  });
});
