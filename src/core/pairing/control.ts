// The few words said over a first contact once its handshake is done (PAIRING.md, "Messages").
import * as v from 'valibot';
import type { Bytes } from '../bytes/bytes.ts';
import { decode, encode } from '../wire/cbor.ts';

const MAX_CONTROL_BYTES = 64;

export const refusals = ['card-used', 'card-expired', 'card-refused'] as const;

/** Why a caller is turned away. */
export type Refusal = (typeof refusals)[number];

const controlSchema = v.variant('say', [
  /** What I promised to keep is on my disk. */
  v.object({ say: v.literal('stored') }),
  v.object({ say: v.literal('accepted') }),
  v.object({ say: v.literal('refused'), why: v.picklist(refusals) }),
  /** The caller changed their mind. */
  v.object({ say: v.literal('cancelled') }),
]);

export type Control = v.InferOutput<typeof controlSchema>;

export const encodeControl = (control: Control): Bytes => encode(control);

/** @throws KithError 'frame-malformed' | 'frame-too-large' */
export const decodeControl = (payload: Uint8Array): Control => decode(payload, controlSchema, MAX_CONTROL_BYTES);
