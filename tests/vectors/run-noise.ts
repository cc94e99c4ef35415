// Plays a published Noise vector through both sides of the engine; every byte has to agree.
import { equalBytes } from '../../src/core/bytes/bytes.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { dhFromPrivate } from '../../src/core/crypto/dh.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { createHandshake, type HandshakeState, type Role } from '../../src/core/session/noise/handshake-state.ts';
import { parsePattern } from '../../src/core/session/noise/patterns.ts';
import type { NoiseParty, NoiseVector } from './noise-vectors.ts';

const noRandom: Random = {
  bytes: () => {
    throw new Error('a vector gives every key');
  },
  fraction: () => 0,
};

function requireEqual(what: string, actual: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(actual, expected)) throw new Error(`${what}: ${toHex(actual)} is not ${toHex(expected)}`);
}

async function party(role: Role, vector: NoiseVector): Promise<HandshakeState> {
  const [self, other]: NoiseParty[] =
    role === 'initiator' ? [vector.initiator, vector.responder] : [vector.responder, vector.initiator];
  if (self === undefined || other === undefined) throw new Error('two parties');
  const [initiatorKnown, responderKnown] = parsePattern(vector.pattern).preMessages;
  const remoteKnown = role === 'initiator' ? responderKnown : initiatorKnown;
  const rs = self.rs ?? (other.s && (await dhFromPrivate(other.s)).publicKey);
  return createHandshake({
    pattern: vector.pattern,
    role,
    prologue: self.prologue,
    psks: self.psks,
    random: noRandom,
    ...(self.s && { s: await dhFromPrivate(self.s) }),
    ...(self.e && { e: await dhFromPrivate(self.e) }),
    ...(remoteKnown && rs && { rs }),
  });
}

/** @throws Error naming the first thing that differs. */
export async function runNoiseVector(vector: NoiseVector): Promise<void> {
  const initiator = await party('initiator', vector);
  const responder = await party('responder', vector);
  const handshake = vector.messages.slice(0, parsePattern(vector.pattern).messages.length);
  for (const [index, { payload, ciphertext }] of handshake.entries()) {
    const [writer, reader] = index % 2 === 0 ? [initiator, responder] : [responder, initiator];
    requireEqual(`message ${index}`, await writer.writeMessage(payload), ciphertext);
    requireEqual(`payload ${index}`, await reader.readMessage(ciphertext), payload);
  }
  await runTransport(vector, initiator, responder, handshake.length);
}

async function runTransport(
  vector: NoiseVector,
  initiatorState: HandshakeState,
  responderState: HandshakeState,
  start: number,
): Promise<void> {
  const initiator = await initiatorState.split();
  const responder = await responderState.split();
  requireEqual('handshake hash', responder.handshakeHash, vector.handshakeHash ?? initiator.handshakeHash);
  requireEqual('handshake hash', initiator.handshakeHash, responder.handshakeHash);
  requireEqual('chaining key', initiator.chainingKey, responder.chainingKey);
  const ad = new Uint8Array(0);
  for (const [index, { payload, ciphertext }] of vector.messages.entries()) {
    if (index < start) continue;
    const [writer, reader] = vector.initiatorWrites(index) ? [initiator, responder] : [responder, initiator];
    requireEqual(`message ${index}`, await writer.send.encryptWithAd(ad, payload), ciphertext);
    requireEqual(`payload ${index}`, await reader.receive.decryptWithAd(ad, ciphertext), payload);
  }
}
