// Whose turn it is: the machine behind sessions (two messages) and first contact (three).
import { describe, expect, it } from 'vitest';
import { type HandshakeEffect, startSteps, stepHandshake } from '../../../src/core/session/handshake-steps.ts';
import { type FrameKind, frameKinds } from '../../../src/core/session/outer-frame.ts';

const { firstContact, session, transport, refusal } = frameKinds;
const frame = (kind: FrameKind) => ({ type: 'frame', kind }) as const;
const start = { type: 'start' } as const;

function run(
  role: 'initiator' | 'responder',
  messages: number,
  events: Parameters<typeof stepHandshake>[1][],
): string[] {
  let state = startSteps(role, session, messages);
  return events.flatMap((event) => {
    const step = stepHandshake(state, event);
    state = step.state;
    return step.effects.map(show);
  });
}

function show(effect: HandshakeEffect): string {
  if ('message' in effect) return `${effect.do} ${effect.message}`;
  return 'kind' in effect ? `${effect.do} ${effect.kind}` : effect.do;
}

describe('handshake steps', () => {
  it('two messages: the initiator writes 1 and reads 2', () => {
    expect(run('initiator', 2, [start, frame(session)])).toEqual(['write 1', 'read 2', 'done']);
  });
  it('two messages: the responder reads 1 and writes 2', () => {
    expect(run('responder', 2, [start, frame(session)])).toEqual(['read 1', 'write 2', 'done']);
  });
  it('three messages: the initiator writes 1, reads 2 and writes 3', () => {
    expect(run('initiator', 3, [start, frame(session)])).toEqual(['write 1', 'read 2', 'write 3', 'done']);
  });
  it('three messages: the responder reads 1, writes 2 and reads 3', () => {
    expect(run('responder', 3, [start, frame(session), frame(session)])).toEqual([
      'read 1',
      'write 2',
      'read 3',
      'done',
    ]);
  });
  it.each([transport, firstContact])('a frame of another kind (%i) ends it', (kind) => {
    expect(run('responder', 2, [start, frame(kind)])).toEqual(['give-up frame-malformed']);
  });
  it.each(['initiator', 'responder'] as const)('a frame out of turn ends it for the %s', (role) => {
    // The initiator has not written yet, the responder expects nothing after the third message.
    const events = role === 'initiator' ? [frame(session)] : [start, frame(session), frame(session), frame(session)];
    expect(run(role, 3, events).at(-1)).toBe(role === 'initiator' ? 'give-up frame-malformed' : 'done');
  });
  it('another version is refused before giving up', () => {
    expect(run('responder', 2, [start, { type: 'failed', kind: 'frame-version' }])).toEqual([
      'refuse-version',
      'give-up frame-version',
    ]);
  });
  it('a refusal is never answered with a refusal', () => {
    expect(run('initiator', 2, [start, frame(refusal), { type: 'refused', kind: 'frame-version' }])).toEqual([
      'write 1',
      'read-refusal',
      'give-up frame-version',
    ]);
  });
  it('nothing happens after the end', () => {
    expect(run('responder', 2, [{ type: 'failed', kind: 'link-closed' }, frame(session), start])).toEqual([
      'give-up link-closed',
    ]);
  });
});
