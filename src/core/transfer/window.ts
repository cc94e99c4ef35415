// How many units may be on their way unacknowledged. More than 512 KiB overruns a fresh connection (3–8 times slower, measured);
// on a slow path every unit in flight delays the texts behind it, so the window follows the delay that it causes itself, in the
// manner of TCP Vegas (Brakmo, Peterson 1995): what a unit takes beyond the shortest time seen is queueing.
import { UNIT_BYTES, UNITS_PER_FRAME } from '../wire/limits.ts';

/** 512 KiB. */
export const MAX_WINDOW_UNITS = 8;
/** At most about this much queueing. */
const TARGET_QUEUE_MS = 500;
/** Below this the path takes more. */
const SPARE_QUEUE_MS = 125;
/** A unit that takes this long even alone: texts wait enough already. */
const SLOW_UNIT_MS = 1000;
/** Rounds without growth after the window was too large. */
const HOLD_ROUNDS = 8;

/** Units that go in one frame: fewer frames cost less, but a text waits behind each, so only a wide window makes use of them. */
export const unitsPerFrame = ({ units }: WindowState): number =>
  Math.max(1, Math.min(UNITS_PER_FRAME, Math.floor(units / 2)));

/**
 * A frame goes when no more than this lies before it in the link's buffer, bytes. Texts wait behind it, so mostly a unit; on a path
 * that takes the whole window at once the link would stand still until we hear that it is empty.
 */
export const bufferedAhead = ({ units }: WindowState): number =>
  units === MAX_WINDOW_UNITS ? 2 * UNIT_BYTES : UNIT_BYTES;

export interface WindowState {
  readonly units: number;
  /** Shortest time from sending a unit to its acknowledgement in this session, ms. */
  readonly shortestMs: number;
  /** Doubles each round until the first sign of a queue, as TCP's slow start does. */
  readonly doubling: boolean;
  readonly holdRounds: number;
  /** Acknowledged units that complete the round. */
  readonly roundLeft: number;
}

/** A session begins with one unit: on loopback the window is full after three round trips. */
export const initialWindow: WindowState = {
  units: 1,
  shortestMs: Number.POSITIVE_INFINITY,
  doubling: true,
  holdRounds: 0,
  roundLeft: 1,
};

/** After `acked` units came back, the last of them `milliseconds` after it was sent. */
export function measured(state: WindowState, acked: number, milliseconds: number): WindowState {
  const shortestMs = Math.min(state.shortestMs, milliseconds);
  const queue = milliseconds - shortestMs;
  if (queue > TARGET_QUEUE_MS && state.units > 1) return shrunk(state, shortestMs);
  const roundLeft = state.roundLeft - acked;
  if (roundLeft > 0) return { ...state, shortestMs, roundLeft };
  return grown({ ...state, shortestMs }, queue, milliseconds);
}

function shrunk(state: WindowState, shortestMs: number): WindowState {
  const units = Math.floor(state.units / 2);
  return { units, shortestMs, doubling: false, holdRounds: HOLD_ROUNDS, roundLeft: units };
}

function grown(state: WindowState, queue: number, milliseconds: number): WindowState {
  if (state.holdRounds > 0) return { ...state, holdRounds: state.holdRounds - 1, roundLeft: state.units };
  const room = queue < SPARE_QUEUE_MS && milliseconds < SLOW_UNIT_MS;
  if (!room) return { ...state, doubling: false, roundLeft: state.units };
  const units = Math.min(MAX_WINDOW_UNITS, state.doubling ? state.units * 2 : state.units + 1);
  return { ...state, units, roundLeft: units };
}
