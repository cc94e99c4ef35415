// Virtual time for a whole process: one queue of timers behind our Clock and behind the global functions that libraries use.
// Whatever the timers of one instant set off in promises and process.nextTick is finished before time goes on.
import type { Clock, Timer } from '../../src/core/ports/clock.ts';

/** One object for each timer: there are millions. */
class Entry implements Timer {
  readonly at: number;
  readonly order: number;
  callback: () => void;
  cancelled = false;
  readonly #cancelled: () => void;

  constructor(at: number, order: number, callback: () => void, cancelled: () => void) {
    this.at = at;
    this.order = order;
    this.callback = callback;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.callback = nothing; // what it held may go at once
    this.#cancelled();
  }
}

/** 2026-06-15 12:00:00 UTC, as MemoryClock. */
const START_MS = Date.UTC(2026, 5, 15, 12);
/** Cancelled timers are cleared away when they are this many, and most of the queue. */
const SWEEP_AT = 100_000;

const nothing = () => {};
const nextTurn = globalThis.setImmediate;

export class VirtualTime implements Clock {
  #now = START_MS;
  #order = 0;
  #cancelledOnes = 0;
  /** A binary heap: the earliest first, among equals the one set first. */
  #heap: Entry[] = [];
  readonly #settle: () => Promise<unknown>;

  /** `settle` resolves when all that can go on has gone on; of its own accord it knows of nothing that other threads do. */
  constructor(settle: () => Promise<unknown> = turn) {
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#heap.length - this.#cancelledOnes;
  }

  after(ms: number, callback: () => void): Timer {
    return this.at(this.#now + Math.max(ms, 0), callback);
  }

  /** `at`: milliseconds since the epoch, not before now. */
  at(at: number, callback: () => void): Timer {
    const entry = new Entry(at, this.#order++, callback, this.#onCancelled);
    this.#push(entry);
    return entry;
  }

  /** Until the promise settles. @throws when nothing is left that could settle it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.#settle();
    while (!settled) {
      if (!this.#fireInstant(Number.POSITIVE_INFINITY)) throw new Error('Nothing is left to wait for.');
      await this.#settle();
    }
    return promise;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.#settle();
    while (this.#fireInstant(end)) await this.#settle();
    this.#now = end;
  }

  /** As `advance`, to a time since the epoch, but nothing that is set for that instant itself is done. */
  async advanceBefore(end: number): Promise<void> {
    await this.#settle();
    while (this.#fireInstant(end, false)) await this.#settle();
    this.#now = end;
  }

  /** Every timer that is set for the earliest instant; those that they set for the same one come after the turn. */
  #fireInstant(end: number, including = true): boolean {
    const last = this.#order;
    let fired = false;
    for (let next = this.#heap[0]; next; next = this.#heap[0]) {
      if (next.cancelled) {
        this.#pop();
        this.#cancelledOnes -= 1;
        continue;
      }
      if (next.at > (fired ? this.#now : end) || next.order >= last) break;
      if (!including && next.at >= end) break;
      this.#pop();
      next.cancelled = true; // cancelling it later is of no effect
      this.#now = Math.max(this.#now, next.at);
      const { callback } = next;
      next.callback = nothing; // whoever keeps the timer keeps nothing of what it did
      callback();
      fired = true;
    }
    return fired;
  }

  readonly #onCancelled = (): void => {
    this.#cancelledOnes += 1;
    if (this.#cancelledOnes < SWEEP_AT || this.#cancelledOnes < this.#heap.length / 2) return;
    this.#heap = this.#heap.filter(({ cancelled }) => !cancelled).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelledOnes = 0;
  };

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** All promises and ticks that can go on have gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

/**
 * Gives libraries this time instead of the computer's: setTimeout, setInterval, Date.now and Math.random (from `fraction`), until
 * the returned function puts the real ones back. For a process, or a test file, of its own.
 */
export function replaceGlobals(time: VirtualTime, fraction: () => number): () => void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const { now } = Date;
  const { random } = Math;
  const clear = (timer: unknown) => (timer as Timer | undefined)?.cancel();
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, ms = 0) => withReferences(time.after(ms, callback)),
    setInterval: (callback: () => void, ms = 0) => withReferences(repeat(time, Math.max(ms, 1), callback)),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Date.now = () => time.now();
  Math.random = fraction;
  return () => {
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
    Date.now = now;
    Math.random = random;
  };
}

function repeat(time: VirtualTime, ms: number, callback: () => void): Timer {
  let timer: Timer;
  const next = () => {
    timer = time.after(ms, next);
    callback();
  };
  timer = time.after(ms, next);
  return { cancel: () => timer.cancel() };
}

/** As Node's timers have them. */
function withReferences(timer: Timer): Timer & { ref(): unknown; unref(): unknown } {
  const full = { cancel: () => timer.cancel(), ref: () => full, unref: () => full };
  return full;
}
