// A sender key on its way to a member, inside a session of two (core/group/KEYS.md).
import * as v from 'valibot';
import { bytesOf, count } from './cbor.ts';
import { MAX_VIEW_HEADS, MESSAGES_PER_CHAIN } from './group-limits.ts';
import { groupField, hashField, hashSet, signatureField } from './group-message.ts';

export const senderKeySchema = v.strictObject({
  type: v.literal('group-key'),
  group: groupField,
  /** Whose messages it opens. */
  from: hashField,
  chain: bytesOf(16),
  /** Membership heads: the key is for the members they have, and nobody else is ever given it. */
  view: hashSet(1, MAX_VIEW_HEADS),
  /** Place of the first message it opens. */
  counter: count(MESSAGES_PER_CHAIN - 1),
  /** Chain key at that place, 32 bytes. */
  key: bytesOf(32),
  /** By `from`, over everything above: whoever passes it on cannot make one up. */
  signature: signatureField,
});

export type SenderKeyMessage = v.InferOutput<typeof senderKeySchema>;
