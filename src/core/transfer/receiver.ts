// The receiver's side of one file as a state machine: what is stored, what is being written, what the sender must hear.
import { countUnits, hasUnit, markUnit } from '../bytes/bitmap.ts';
import type { FileLayout } from '../ports/blob-store.ts';
import { UNITS_PER_FRAME } from '../wire/limits.ts';
import { isUnit } from './layout.ts';
import { MAX_REPEATS } from './sender.ts';
import { MAX_WINDOW_UNITS } from './window.ts';

/** Acknowledged at the latest after so many units: what is acknowledged together goes in one frame next. */
const ACK_EVERY_UNITS = UNITS_PER_FRAME;
/** An honest sender has at most one window under way in each of two sessions; more would fill our memory. */
const MAX_WRITING_UNITS = 2 * MAX_WINDOW_UNITS;
/** How often a file that turned out damaged on our own disk is mended by asking for units again. */
const MAX_REPAIRS = 3;

export interface ReceiverState {
  readonly layout: FileLayout;
  readonly stored: Uint8Array;
  readonly writing: ReadonlySet<number>;
  /** Stored since the last acknowledgement. */
  readonly unacked: number;
  readonly refusals: ReadonlyMap<number, number>;
  readonly repairs: number;
  /** The sender asked; we answer when everything it sent before is written. */
  readonly owesHave: boolean;
  readonly finishing: boolean;
}

export type ReceiverEvent =
  | { readonly type: 'unit'; readonly index: number }
  | { readonly type: 'written'; readonly index: number }
  | { readonly type: 'refused'; readonly index: number }
  | { readonly type: 'asked' }
  /** Reading the whole file again found units that no longer open; `stored` is without them. */
  | { readonly type: 'damaged'; readonly stored: Uint8Array };

export type ReceiverEffect = 'write' | 'ack' | 'nack' | 'have' | 'finish' | 'corrupt' | 'flooded';

export interface ReceiverStep {
  readonly state: ReceiverState;
  readonly effects: readonly ReceiverEffect[];
}

export function newReceiver(layout: FileLayout, stored: Uint8Array): ReceiverState {
  return {
    layout,
    stored,
    writing: new Set(),
    unacked: 0,
    refusals: new Map(),
    repairs: 0,
    owesHave: false,
    finishing: false,
  };
}

export const isWhole = ({ layout, stored }: ReceiverState): boolean =>
  countUnits(stored, layout.units) === layout.units;

/** 0 … 1 */
export const receiverProgress = ({ layout, stored }: ReceiverState): number =>
  countUnits(stored, layout.units) / layout.units;

export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverStep {
  switch (event.type) {
    case 'unit':
      return onUnit(state, event.index);
    case 'written':
      return onWritten(state, event.index);
    case 'refused':
      return onRefused(state, event.index);
    case 'asked':
      return onAsked(state);
    case 'damaged':
      return onDamaged(state, event.stored);
  }
}

function onUnit(state: ReceiverState, index: number): ReceiverStep {
  if (!isUnit(state.layout, index)) return { state, effects: ['corrupt'] };
  if (hasUnit(state.stored, index)) return { state, effects: ['ack'] };
  if (state.writing.has(index)) return { state, effects: [] };
  if (state.writing.size >= MAX_WRITING_UNITS) return { state, effects: ['flooded'] };
  return { state: { ...state, writing: new Set(state.writing).add(index) }, effects: ['write'] };
}

function withoutWriting(state: ReceiverState, index: number): ReceiverState {
  const writing = new Set(state.writing);
  writing.delete(index);
  return { ...state, writing };
}

function onWritten(before: ReceiverState, index: number): ReceiverStep {
  const stored = before.stored.slice();
  markUnit(stored, index);
  const state = { ...withoutWriting(before, index), stored, unacked: before.unacked + 1 };
  if (isWhole(state)) return finish({ ...state, owesHave: false });
  if (state.owesHave && state.writing.size === 0) return { state: told(state), effects: ['have'] };
  if (state.writing.size > 0 && state.unacked < ACK_EVERY_UNITS) return { state, effects: [] };
  return { state: told(state), effects: ['ack'] };
}

const told = (state: ReceiverState): ReceiverState => ({ ...state, unacked: 0, owesHave: false });

const finish = (state: ReceiverState): ReceiverStep =>
  state.finishing ? { state, effects: [] } : { state: { ...told(state), finishing: true }, effects: ['ack', 'finish'] };

function onRefused(before: ReceiverState, index: number): ReceiverStep {
  const refusals = (before.refusals.get(index) ?? 0) + 1;
  const state = withoutWriting(before, index);
  if (refusals > MAX_REPEATS) return { state, effects: ['corrupt'] };
  const counted = { ...state, refusals: new Map(state.refusals).set(index, refusals) };
  if (state.owesHave && state.writing.size === 0) return { state: told(counted), effects: ['have'] };
  return { state: counted, effects: ['nack'] };
}

/** Also the way a file begins and goes on: a whole one is finished (a crash may have come in between). */
function onAsked(state: ReceiverState): ReceiverStep {
  if (isWhole(state)) return finish(state);
  if (state.writing.size > 0) return { state: { ...state, owesHave: true }, effects: [] };
  return { state: told(state), effects: ['have'] };
}

function onDamaged(before: ReceiverState, stored: Uint8Array): ReceiverStep {
  const state = { ...before, stored, finishing: false, repairs: before.repairs + 1 };
  return { state, effects: state.repairs > MAX_REPAIRS ? ['corrupt'] : ['have'] };
}
