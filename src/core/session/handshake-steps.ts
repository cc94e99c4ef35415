// Whose turn it is during a handshake on a link, as a pure machine. It knows no keys: a driver (shake.ts) writes, reads and
// reports. Serves the two messages of a session (KK) and the three of first contact (XX).
import type { ErrorKind } from '../errors.ts';
import type { Role } from './noise/handshake-state.ts';
import { type FrameKind, frameKinds } from './outer-frame.ts';

export interface HandshakeSteps {
  readonly role: Role;
  /** The outer frame kind that this handshake's messages travel in. */
  readonly frame: FrameKind;
  readonly messages: number;
  /** The message to come, from 1; the initiator writes the odd ones. */
  readonly next: number;
  readonly phase: 'shaking' | 'done' | 'failed';
}

export type HandshakeEvent =
  | { readonly type: 'start' }
  | { readonly type: 'frame'; readonly kind: FrameKind }
  /** A message could not be written or read, the link closed, the deadline passed, or a frame made no sense. */
  | { readonly type: 'failed'; readonly kind: ErrorKind }
  /** The other side refused us, in the clear. Never answered, or two versions would refuse each other for ever. */
  | { readonly type: 'refused'; readonly kind: ErrorKind };

export type HandshakeEffect =
  | { readonly do: 'write'; readonly message: number }
  | { readonly do: 'read'; readonly message: number }
  | { readonly do: 'read-refusal' }
  | { readonly do: 'done' }
  /** Tell the other side that its version is not ours. */
  | { readonly do: 'refuse-version' }
  | { readonly do: 'give-up'; readonly kind: ErrorKind };

export interface HandshakeStep {
  readonly state: HandshakeSteps;
  readonly effects: readonly HandshakeEffect[];
}

export function startSteps(role: Role, frame: FrameKind, messages: number): HandshakeSteps {
  return { role, frame, messages, next: 1, phase: 'shaking' };
}

export function stepHandshake(state: HandshakeSteps, event: HandshakeEvent): HandshakeStep {
  if (state.phase !== 'shaking') return { state, effects: [] };
  if (event.type === 'start') return writeIfOurTurn(state, []);
  if (event.type === 'failed') return giveUp(state, event.kind);
  if (event.type === 'refused') return { ...giveUp(state, event.kind), effects: [{ do: 'give-up', kind: event.kind }] };
  if (event.kind === frameKinds.refusal) return { state, effects: [{ do: 'read-refusal' }] };
  if (event.kind !== state.frame || isOurTurn(state)) return giveUp(state, 'frame-malformed');
  return writeIfOurTurn({ ...state, next: state.next + 1 }, [{ do: 'read', message: state.next }]);
}

function isOurTurn({ role, next }: HandshakeSteps): boolean {
  return (next % 2 === 1) === (role === 'initiator');
}

function writeIfOurTurn(state: HandshakeSteps, before: readonly HandshakeEffect[]): HandshakeStep {
  if (state.next > state.messages) return { state: { ...state, phase: 'done' }, effects: [...before, { do: 'done' }] };
  if (!isOurTurn(state)) return { state, effects: before };
  return writeIfOurTurn({ ...state, next: state.next + 1 }, [...before, { do: 'write', message: state.next }]);
}

function giveUp(state: HandshakeSteps, kind: ErrorKind): HandshakeStep {
  const farewell: HandshakeEffect[] = kind === 'frame-version' ? [{ do: 'refuse-version' }] : [];
  return { state: { ...state, phase: 'failed' }, effects: [...farewell, { do: 'give-up', kind }] };
}
