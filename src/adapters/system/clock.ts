// The browser's (or Node's) own time behind the Clock port.
import type { Clock, Timer } from '../../core/ports/clock.ts';

/** setTimeout takes a signed 32-bit number of milliseconds; longer waits would fire at once. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms: number, callback: () => void): Timer {
    const handle = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMEOUT_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};
