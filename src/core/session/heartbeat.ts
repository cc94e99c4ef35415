// Whether the other side still lives, as a pure machine. A data channel says "open" long after its peer is gone, so silence
// is measured here: ask after 5 s without a frame, give up after 15 s.

/** Silence after which we ask, and ask again. Short enough that presence is believed, long enough to cost nothing. */
export const PING_AFTER_MS = 5_000;
/** Silence after which the other side is taken for gone: two questions unanswered and the time for a third is come. */
export const DEAD_AFTER_MS = 15_000;
/** A look that comes this much later than the longest wait means that the page slept, not that the other side was silent. */
export const SLEPT_AFTER_MS = 2 * PING_AFTER_MS;
/** Looks in a row that may be excused by sleep. A page whose timers are throttled for good must give up as well. */
export const MAX_EXCUSES = 2;

export interface Heartbeat {
  /** Milliseconds without a frame, as far as this page was awake. */
  readonly silentMs: number;
  /** When `silentMs` was last brought up to date. */
  readonly at: number;
  /** Questions asked in this silence. */
  readonly pings: number;
  readonly excuses: number;
}

export type HeartbeatEvent =
  /** An authenticated frame arrived. */
  { readonly type: 'heard'; readonly now: number } | { readonly type: 'look'; readonly now: number };

export type HeartbeatEffect =
  | { readonly do: 'ping' }
  | { readonly do: 'give-up' }
  /** Look again after so many milliseconds. */
  | { readonly do: 'wait'; readonly ms: number };

export interface HeartbeatStep {
  readonly state: Heartbeat;
  readonly effects: readonly HeartbeatEffect[];
}

export function startHeartbeat(now: number): HeartbeatStep {
  return { state: { silentMs: 0, at: now, pings: 0, excuses: 0 }, effects: [{ do: 'wait', ms: PING_AFTER_MS }] };
}

export function stepHeartbeat(state: Heartbeat, event: HeartbeatEvent): HeartbeatStep {
  if (event.type === 'heard') return { state: { silentMs: 0, at: event.now, pings: 0, excuses: 0 }, effects: [] };
  const elapsed = event.now - state.at;
  if (elapsed > SLEPT_AFTER_MS && state.excuses < MAX_EXCUSES) return askAfterSleep(state, event.now);
  // A clock that was set back tells nothing: no silence is added.
  return look({ ...state, silentMs: state.silentMs + Math.max(0, elapsed), at: event.now });
}

/** Nobody could be heard during sleep: ask at once and leave the other side the rest of its time. */
function askAfterSleep(state: Heartbeat, now: number): HeartbeatStep {
  return look({ silentMs: PING_AFTER_MS, at: now, pings: 0, excuses: state.excuses + 1 });
}

function look(state: Heartbeat): HeartbeatStep {
  if (state.silentMs >= DEAD_AFTER_MS) return { state, effects: [{ do: 'give-up' }] };
  const due = state.silentMs >= PING_AFTER_MS * (state.pings + 1);
  const pings = due ? Math.floor(state.silentMs / PING_AFTER_MS) : state.pings;
  const wait: HeartbeatEffect = { do: 'wait', ms: PING_AFTER_MS * (pings + 1) - state.silentMs };
  return { state: { ...state, pings }, effects: due ? [{ do: 'ping' }, wait] : [wait] };
}
