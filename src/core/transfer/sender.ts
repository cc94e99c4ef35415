// The sender's side of one file as a state machine: what the receiver holds, what is on its way, what must go again.
import { countUnits, emptyBitmap, hasUnit, markUnit } from '../bytes/bitmap.ts';
import type { FileLayout } from '../ports/blob-store.ts';

/** How often one unit is sent again because the receiver could not open it. */
export const MAX_REPEATS = 3;

export interface SenderState {
  readonly layout: FileLayout;
  /** The receiver said in this session which units it holds: it wants the others. */
  readonly accepted: boolean;
  /** We asked where the receiver stands; its next `have` says what became of everything in flight. */
  readonly asked: boolean;
  readonly acked: Uint8Array;
  /** Unit → when it was sent, ms. */
  readonly inFlight: ReadonlyMap<number, number>;
  readonly repeats: ReadonlyMap<number, number>;
}

export type SenderEvent =
  | { readonly type: 'asked' }
  | { readonly type: 'have'; readonly bitmap: Uint8Array }
  | { readonly type: 'sent'; readonly index: number; readonly at: number }
  | { readonly type: 'acked'; readonly bitmap: Uint8Array; readonly at: number }
  | { readonly type: 'nacked'; readonly index: number }
  | { readonly type: 'detached' };

export type SenderEffect =
  /** `units` came back, the one sent last after `milliseconds`. */
  | { readonly type: 'measured'; readonly units: number; readonly milliseconds: number }
  /** The receiver cannot open a unit however often it is sent. */
  | { readonly type: 'corrupt' };

export interface SenderStep {
  readonly state: SenderState;
  readonly effects: readonly SenderEffect[];
}

export function newSender(layout: FileLayout, acked: Uint8Array = emptyBitmap(layout.units)): SenderState {
  return { layout, accepted: false, asked: false, acked, inFlight: new Map(), repeats: new Map() };
}

/** Units of this file that exist and are set in somebody else's bitmap. */
function known({ units }: FileLayout, theirs: Uint8Array): Uint8Array {
  const bitmap = emptyBitmap(units);
  for (let index = 0; index < units; index++) if (hasUnit(theirs, index)) markUnit(bitmap, index);
  return bitmap;
}

export function stepSender(state: SenderState, event: SenderEvent): SenderStep {
  switch (event.type) {
    case 'asked':
      return { state: { ...state, asked: true }, effects: [] };
    case 'have':
      return { state: onHave(state, known(state.layout, event.bitmap)), effects: [] };
    case 'sent':
      return { state: { ...state, inFlight: new Map(state.inFlight).set(event.index, event.at) }, effects: [] };
    case 'acked':
      return onAcked(state, known(state.layout, event.bitmap), event.at);
    case 'nacked':
      return onNacked(state, event.index);
    case 'detached':
      return { state: { ...state, accepted: false, asked: false, inFlight: new Map() }, effects: [] };
  }
}

/** The receiver's own word counts, also where it has lost what it had acknowledged (a unit rotted on its disk). */
function onHave(state: SenderState, bitmap: Uint8Array): SenderState {
  const fresh = state.asked || !state.accepted;
  const inFlight = new Map(fresh ? [] : state.inFlight);
  for (const index of inFlight.keys()) if (hasUnit(bitmap, index)) inFlight.delete(index);
  return { ...state, accepted: true, asked: false, acked: bitmap, inFlight };
}

function onAcked(state: SenderState, bitmap: Uint8Array, at: number): SenderStep {
  const acked = state.acked.map((byte, index) => byte | (bitmap[index] ?? 0));
  const inFlight = new Map(state.inFlight);
  let units = 0;
  let lastSent = Number.NEGATIVE_INFINITY;
  for (const [index, sentAt] of state.inFlight) {
    if (!hasUnit(acked, index)) continue;
    inFlight.delete(index);
    units++;
    lastSent = Math.max(lastSent, sentAt);
  }
  const effects: SenderEffect[] = units > 0 ? [{ type: 'measured', units, milliseconds: at - lastSent }] : [];
  return { state: { ...state, acked, inFlight }, effects };
}

function onNacked(state: SenderState, index: number): SenderStep {
  if (!state.inFlight.has(index)) return { state, effects: [] };
  const repeats = (state.repeats.get(index) ?? 0) + 1;
  if (repeats > MAX_REPEATS) return { state, effects: [{ type: 'corrupt' }] };
  const inFlight = new Map(state.inFlight);
  inFlight.delete(index);
  return { state: { ...state, inFlight, repeats: new Map(state.repeats).set(index, repeats) }, effects: [] };
}

/** The first unit that is neither acknowledged nor on its way; undefined when there is none or nobody wants it. */
export function nextUnit(state: SenderState): number | undefined {
  if (!state.accepted) return undefined;
  for (let index = 0; index < state.layout.units; index++)
    if (!hasUnit(state.acked, index) && !state.inFlight.has(index)) return index;
  return undefined;
}

/** Units in a row. */
export interface Row {
  readonly first: number;
  readonly count: number;
}

/** The first unit that may go, and those right behind it that may go with it: `most` in all. */
export function nextRow(state: SenderState, most: number): Row | undefined {
  const first = nextUnit(state);
  if (first === undefined) return undefined;
  let end = first + 1;
  while (end < first + most && end < state.layout.units && !hasUnit(state.acked, end) && !state.inFlight.has(end))
    end++;
  return { first, count: end - first };
}

/** 0 … 1 */
export const senderProgress = (state: SenderState): number =>
  countUnits(state.acked, state.layout.units) / state.layout.units;

export const allAcked = (state: SenderState): boolean => senderProgress(state) === 1;
