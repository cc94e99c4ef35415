// Drives a handshake over a link: reads frames, lets the machine (handshake-steps.ts) decide, carries out what it says.
import { KithError, kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { HandshakeEffect, HandshakeEvent, HandshakeSteps } from './handshake-steps.ts';
import { stepHandshake } from './handshake-steps.ts';
import type { Inbox } from './inbox.ts';
import { encodeFrame, type OuterFrame, refusalKind, versionRefusal } from './outer-frame.ts';

/** A handshake whose messages are not answered within this is given up: long enough for a relayed path that loses packets. */
export const HANDSHAKE_DEADLINE_MS = 15_000;
/** How long a refusal may take to leave before the link is closed under it. */
const LINGER_MS = 1_000;

/** One side of a handshake; messages count from 1. Frame bodies, without the outer header. */
export interface HandshakeParty {
  write(message: number): Promise<Uint8Array>;
  /** @throws KithError of whatever is wrong with it; the handshake ends with that kind. */
  read(message: number, body: Uint8Array): Promise<void>;
}

export interface ShakeOptions {
  readonly link: Link;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly steps: HandshakeSteps;
  readonly party: HandshakeParty;
}

/** Resolves when every message is written and read. @throws KithError after closing the link. */
export async function shake(options: ShakeOptions): Promise<void> {
  let state = options.steps;
  let event: HandshakeEvent = { type: 'start' };
  let frame: OuterFrame | undefined;
  for (;;) {
    const step = stepHandshake(state, event);
    state = step.state;
    const trouble = await carryOut(options, step.effects, frame);
    if (state.phase === 'done' && trouble === undefined) return;
    if (trouble !== undefined) {
      // A message that failed after the machine moved on still ends the handshake as a failure.
      state = { ...state, phase: 'shaking' };
      event = trouble;
      continue;
    }
    const next = await options.inbox.next();
    frame = next.type === 'frame' ? next.frame : undefined;
    event = next.type === 'frame' ? { type: 'frame', kind: next.frame.kind } : { type: 'failed', kind: next.kind };
  }
}

/** Answers with the event that a failing effect makes. */
async function carryOut(
  options: ShakeOptions,
  effects: readonly HandshakeEffect[],
  frame: OuterFrame | undefined,
): Promise<HandshakeEvent | undefined> {
  for (const effect of effects) {
    if (effect.do === 'read-refusal') return { type: 'refused', kind: refusalKind(frame?.body ?? new Uint8Array(0)) };
    if (effect.do === 'give-up') throw leave(options, effect.kind, effects.length > 1);
    try {
      await perform(options, effect, frame);
    } catch (error) {
      if (effect.do !== 'refuse-version') return { type: 'failed', kind: kindOf(error) };
    }
  }
  return undefined;
}

async function perform(options: ShakeOptions, effect: HandshakeEffect, frame: OuterFrame | undefined): Promise<void> {
  const { link, party, steps } = options;
  if (effect.do === 'refuse-version') link.send(versionRefusal());
  else if (effect.do === 'read' && frame !== undefined) await party.read(effect.message, frame.body);
  else if (effect.do === 'write') link.send(encodeFrame(steps.frame, await party.write(effect.message)));
}

function leave({ link, inbox, clock }: ShakeOptions, kind: KithError['kind'], linger: boolean): KithError {
  inbox.end(kind);
  if (linger) clock.after(LINGER_MS, () => link.close());
  else link.close();
  return new KithError(kind);
}
