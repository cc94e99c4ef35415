// What a session needs before it begins, and what its two handshake messages may hold.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { decodeBundle } from '../../../src/core/identity/bundle.ts';
import { hintOf } from '../../../src/core/session/hint.ts';
import { createHybridHandshake } from '../../../src/core/session/noise/hybrid.ts';
import { pairPsk } from '../../../src/core/session/pair-keys.ts';
import { establish } from '../../../src/core/session/session.ts';
import {
  Initiator,
  Responder,
  type SessionKeys,
  sessionPrologue,
} from '../../../src/core/session/session-handshake.ts';
import { first, pairSecret, second, table } from '../../fixtures/sessions.ts';
import { until } from '../../fixtures/until.ts';

const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const call = {
  initiator: first.fingerprint,
  responder: second.fingerprint,
  initiatorDtls: one,
  responderDtls: other,
};
const failed = { kind: 'handshake-failed' };

function keysOf(self: typeof first, peer: typeof first, local: Uint8Array, remote: Uint8Array): SessionKeys {
  return {
    self,
    peer: { fingerprint: peer.fingerprint, dhPublic: decodeBundle(peer.bundle).dh },
    secrets: [pairSecret],
    binding: { local, remote },
    random: seededRandom(3),
  };
}

const ofFirst = keysOf(first, second, one, other);
const ofSecond = keysOf(second, first, other, one);

/** The Noise side of a handshake alone, which may put into its messages what it likes. */
const noise = async (role: 'initiator' | 'responder') =>
  createHybridHandshake({
    pattern: 'KKpsk0',
    role,
    prologue: sessionPrologue(call),
    psks: [await pairPsk(pairSecret)],
    s: (role === 'initiator' ? first : second).dh,
    rs: (role === 'initiator' ? ofFirst : ofSecond).peer.dhPublic,
    random: seededRandom(4),
  });

describe('a message of the handshake', () => {
  it.each([
    [0, 'is taken'],
    [1, 'is refused'],
  ])('with %i bytes beside the keys %s by the responder', async (length, what) => {
    const message = await (await noise('initiator')).writeMessage(new Uint8Array(length));
    const read = new Responder(ofSecond).read(1, concat(await hintOf(pairSecret, call), message));
    if (what === 'is taken') await expect(read).resolves.toBe(undefined);
    else await expect(read).rejects.toMatchObject(failed);
  });

  it.each([
    [0, 'is taken'],
    [1, 'is refused'],
  ])('with %i bytes beside the keys %s by the initiator', async (length, what) => {
    const [initiator, responder] = [new Initiator(ofFirst), await noise('responder')];
    await responder.readMessage((await initiator.write()).subarray(16));
    const read = initiator.read(2, await responder.writeMessage(new Uint8Array(length)));
    if (what === 'is taken') await expect(read).resolves.toBe(undefined);
    else await expect(read).rejects.toMatchObject(failed);
  });

  it('cannot be asked for before the handshake has begun', () => {
    expect(() => new Responder(ofSecond).noise).toThrow('handshake-failed');
  });

  it('is not written without a secret of the pair', async () => {
    const write = new Initiator({ ...ofFirst, secrets: [] }).write();
    await expect(write).rejects.toMatchObject({ kind: 'internal' });
  });
});

describe('establishing', () => {
  it.each([0, 4])('with %i secrets of the pair is a mistake of ours', async (count) => {
    const { initiator } = table();
    const secrets = Array.from({ length: count }, () => pairSecret);
    await expect(establish({ ...initiator, secrets })).rejects.toMatchObject({ kind: 'internal' });
  });

  it('with three secrets works, with the last one as well', async () => {
    const seats = table();
    const secrets = [new Uint8Array(32).fill(8), new Uint8Array(32).fill(9), pairSecret];
    const [, session] = await Promise.all([establish(seats.initiator), establish({ ...seats.responder, secrets })]);
    expect(session.secretIndex).toBe(2);
  });

  it('with oneself is a mistake of ours', async () => {
    const { initiator } = table();
    const peer = { bundle: first.bundle, fingerprint: first.fingerprint };
    await expect(establish({ ...initiator, peer })).rejects.toMatchObject({ kind: 'internal' });
  });

  it('when it fails is logged with its kind and the role, and nothing else', async () => {
    const seats = table();
    const lines: unknown[] = [];
    const log = (...line: unknown[]) => lines.push(line);
    const calling = establish({ ...seats.initiator, log });
    await until(() => seats.links.sentBy('a').length === 1);
    seats.links.kill();
    await expect(calling).rejects.toMatchObject({ kind: 'link-closed' });
    expect(lines).toEqual([['info', 'session not established', { kind: 'link-closed', role: 'initiator' }]]);
    expect(seats.clock.pending).toBe(0);
  });

  it('both sides ask for a sign of life at once, so that a first round trip is known', async () => {
    const seats = table();
    const [a, b] = await Promise.all([establish(seats.initiator), establish(seats.responder)]);
    await until(() => a.rttMs !== undefined && b.rttMs !== undefined);
    expect([a.rttMs, b.rttMs]).toEqual([0, 0]);
  });
});
