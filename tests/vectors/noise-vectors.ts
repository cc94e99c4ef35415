// Reads the three published formats of Noise vectors (MANIFEST.md of the shared vectors) into one.
import type { Bytes } from '../../src/core/bytes/bytes.ts';
import { fromHex } from '../../src/core/bytes/hex.ts';
import { parsePattern } from '../../src/core/session/noise/patterns.ts';

export interface NoiseParty {
  readonly prologue: Bytes;
  readonly psks: readonly Bytes[];
  readonly s: Bytes | undefined;
  readonly e: Bytes | undefined;
  readonly rs: Bytes | undefined;
}

export interface NoiseVector {
  readonly title: string;
  readonly pattern: string;
  readonly initiator: NoiseParty;
  readonly responder: NoiseParty;
  readonly handshakeHash: Bytes | undefined;
  readonly messages: readonly { readonly payload: Bytes; readonly ciphertext: Bytes }[];
  /** Who writes the transport message with this index among all messages. */
  readonly initiatorWrites: (index: number) => boolean;
}

interface JsonVector {
  readonly protocol_name: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
  readonly [field: string]: unknown;
}

const EMPTY: Bytes = new Uint8Array(0);

function optional(value: unknown): Bytes | undefined {
  return typeof value === 'string' ? fromHex(value) : undefined;
}

function handshakeLength(pattern: string): number {
  return parsePattern(pattern).messages.length;
}

function jsonParty(vector: JsonVector, side: 'init' | 'resp'): NoiseParty {
  const psks = (vector[`${side}_psks`] ?? []) as readonly string[];
  return {
    prologue: optional(vector[`${side}_prologue`]) ?? EMPTY,
    psks: psks.map(fromHex),
    s: optional(vector[`${side}_static`]),
    e: optional(vector[`${side}_ephemeral`]),
    rs: optional(vector[`${side}_remote_static`]),
  };
}

/** cacophony's and snow's JSON. */
export function parseJsonVectors(text: string): NoiseVector[] {
  const { source, vectors } = JSON.parse(text) as { source: string; vectors: readonly JsonVector[] };
  return vectors.map((vector) => {
    const pattern = vector.protocol_name.split('_')[1] as string;
    const oneWay = handshakeLength(pattern) === 1;
    return {
      title: `${source} ${vector.protocol_name}`,
      pattern,
      initiator: jsonParty(vector, 'init'),
      responder: jsonParty(vector, 'resp'),
      handshakeHash: optional(vector.handshake_hash),
      messages: vector.messages.map(({ payload, ciphertext }) => ({
        payload: fromHex(payload),
        ciphertext: fromHex(ciphertext),
      })),
      initiatorWrites: (index) => oneWay || index % 2 === 0,
    };
  });
}

function flynnMessages(fields: ReadonlyMap<string, string>): NoiseVector['messages'] {
  const messages = [];
  for (let index = 0; fields.has(`msg_${index}_ciphertext`); index += 1) {
    messages.push({
      payload: fromHex(fields.get(`msg_${index}_payload`) ?? ''),
      ciphertext: fromHex(fields.get(`msg_${index}_ciphertext`) ?? ''),
    });
  }
  return messages;
}

function parseFlynnBlock(block: string, index: number): NoiseVector {
  const fields = new Map(block.split('\n').map((line) => line.split('=') as [string, string]));
  const name = fields.get('handshake') ?? '';
  const pattern = name.split('_')[1] as string;
  const psk = fields.get('preshared_key');
  const common = {
    prologue: fromHex(fields.get('prologue') ?? ''),
    psks: psk === undefined || psk === '' ? [] : [fromHex(psk)],
    rs: undefined,
  };
  const length = handshakeLength(pattern);
  return {
    title: `flynn #${index} ${name}`,
    pattern,
    initiator: { ...common, s: optional(fields.get('init_static')), e: optional(fields.get('gen_init_ephemeral')) },
    responder: { ...common, s: optional(fields.get('resp_static')), e: optional(fields.get('gen_resp_ephemeral')) },
    handshakeHash: undefined,
    messages: flynnMessages(fields),
    // Transport messages start with the initiator's cipher, also for one-way patterns (MANIFEST.md).
    initiatorWrites: (message) => (message < length ? message : message - length) % 2 === 0,
  };
}

/** flynn/noise's text blocks. */
export function parseFlynnVectors(text: string): NoiseVector[] {
  const blocks = text.split(/\r?\n\r?\n/).map((block) => block.trim());
  return blocks.filter((block) => block.startsWith('handshake=')).map(parseFlynnBlock);
}
