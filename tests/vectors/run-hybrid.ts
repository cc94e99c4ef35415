// Kith's own hybrid handshakes, recorded: whoever changes a byte on the wire or a key schedule fails here.
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { dhFromPrivate } from '../../src/core/crypto/dh.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Role } from '../../src/core/session/noise/handshake-state.ts';
import { createHybridHandshake, type HybridHandshake } from '../../src/core/session/noise/hybrid.ts';

export interface HybridInputs {
  readonly pattern: 'KKpsk0' | 'XXpsk0';
  readonly prologue: string;
  readonly psk: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly init_kem_seed: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly resp_kem_message: string;
  readonly payloads: readonly string[];
  readonly transport_payloads: readonly [initiator: string, responder: string];
}

export interface HybridOutputs {
  readonly protocol_name: string;
  readonly messages: readonly string[];
  readonly handshake_hash: string;
  readonly chaining_key: string;
  readonly transport: readonly [initiator: string, responder: string];
}

/** Random bytes from a list, in their order. */
function fixedRandom(...values: readonly string[]): Random {
  const queue = values.map(fromHex);
  return {
    bytes(length) {
      const next = queue.shift();
      if (next?.length !== length) throw new Error('the vector gives other random bytes');
      return next;
    },
    fraction: () => 0,
  };
}

async function party(role: Role, inputs: HybridInputs): Promise<HybridHandshake> {
  const initiator = role === 'initiator';
  const remote = await dhFromPrivate(fromHex(initiator ? inputs.resp_static : inputs.init_static));
  const random = initiator ? [inputs.init_kem_seed] : [inputs.resp_kem_message];
  return createHybridHandshake({
    pattern: inputs.pattern,
    role,
    prologue: fromHex(inputs.prologue),
    psks: [fromHex(inputs.psk)],
    s: await dhFromPrivate(fromHex(initiator ? inputs.init_static : inputs.resp_static)),
    e: await dhFromPrivate(fromHex(initiator ? inputs.init_ephemeral : inputs.resp_ephemeral)),
    ...(inputs.pattern === 'KKpsk0' && { rs: remote.publicKey }),
    random: fixedRandom(...random),
  });
}

/** Both sides. Deterministic with the library's ML-KEM only: the native one draws its own randomness. */
export async function runHybrid(inputs: HybridInputs): Promise<HybridOutputs> {
  const sides = [await party('initiator', inputs), await party('responder', inputs)] as const;
  const messages: string[] = [];
  for (const [index, payload] of inputs.payloads.entries()) {
    const [writer, reader] = index % 2 === 0 ? sides : [sides[1], sides[0]];
    const message = await writer.writeMessage(fromHex(payload));
    if (toHex(await reader.readMessage(message)) !== payload) throw new Error(`payload ${index} differs`);
    messages.push(toHex(message));
  }
  const [initiator, responder] = [await sides[0].split(), await sides[1].split()];
  if (toHex(initiator.chainingKey) !== toHex(responder.chainingKey)) throw new Error('chaining keys differ');
  const ad = new Uint8Array(0);
  const [up, down] = inputs.transport_payloads;
  return {
    protocol_name: sides[0].protocolName,
    messages,
    handshake_hash: toHex(responder.handshakeHash),
    chaining_key: toHex(responder.chainingKey),
    transport: [
      toHex(await initiator.send.encryptWithAd(ad, fromHex(up))),
      toHex(await responder.send.encryptWithAd(ad, fromHex(down))),
    ],
  };
}

/** The initiator's side alone against recorded messages: deterministic with every implementation of ML-KEM. */
export async function runHybridInitiator(inputs: HybridInputs, recorded: HybridOutputs): Promise<HybridOutputs> {
  const initiator = await party('initiator', inputs);
  const messages: string[] = [];
  for (const [index, message] of recorded.messages.entries()) {
    const ours = index % 2 === 0;
    if (!ours) await initiator.readMessage(fromHex(message));
    messages.push(ours ? toHex(await initiator.writeMessage(fromHex(inputs.payloads[index] ?? ''))) : message);
  }
  const { send, receive, handshakeHash, chainingKey } = await initiator.split();
  const ad = new Uint8Array(0);
  const received = await receive.decryptWithAd(ad, fromHex(recorded.transport[1]));
  if (toHex(received) !== inputs.transport_payloads[1]) throw new Error('transport differs');
  return {
    protocol_name: initiator.protocolName,
    messages,
    handshake_hash: toHex(handshakeHash),
    chaining_key: toHex(chainingKey),
    transport: [toHex(await send.encryptWithAd(ad, fromHex(inputs.transport_payloads[0]))), recorded.transport[1]],
  };
}
