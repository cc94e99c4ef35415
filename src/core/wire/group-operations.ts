// One operation on a group's members, as it is signed, hashed, stored and sent (group/GROUP.md, "Operations"):
//   CBOR [content: byte string, signature: 64 bytes], content = CBOR of the map below
// There is one encoding for one operation: whoever finds another refuses it, so that nobody can give one operation two hashes.
import * as v from 'valibot';
import { type Bytes, equalBytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import { bytesOf, bytesUpTo, count, decode, encode, identifier } from './cbor.ts';
import {
  MAX_FILE_BYTES,
  MAX_GROUP_MEMBERS,
  MAX_NAME_LENGTH,
  MAX_OPERATION_BYTES,
  MAX_OPERATION_PARENTS,
  MAX_REMOVAL_MESSAGES,
} from './limits.ts';

const hash = bytesOf(32);
/** SHA-256 of a bundle. */
const memberId = bytesOf(32);
const publicKey = bytesOf(32);
const signature = bytesOf(64);
const bundle = bytesOf(65);
const name = v.pipe(identifier(MAX_NAME_LENGTH * 2), v.minLength(1));
const messages = v.pipe(v.array(hash), v.maxLength(MAX_REMOVAL_MESSAGES));

/** What the holder of a group's card proved when they asked to join (membership/group-card.ts). */
const byCardSchema = v.strictObject({
  /** Hash of the operation that issued the card, and the card's key. */
  card: hash,
  cardKey: publicKey,
  /** The key that the person made for this group, and their identity's signature over it. */
  key: publicKey,
  binding: signature,
  /** By the card's key, over the group and the person. */
  proof: signature,
});

export const operationBodySchema = v.variant('do', [
  /** The first operation: its hash is the group's id. `seed`: random, stands for the id in the creator's binding. */
  v.strictObject({ do: v.literal('create'), seed: bytesOf(32), name, bundle, person: name, binding: signature }),
  /** Invites; with `by`, takes in somebody who asked with a card. */
  v.strictObject({ do: v.literal('add'), bundle, person: name, by: v.optional(byCardSchema) }),
  /** The invited person takes the invitation `add`. */
  v.strictObject({ do: v.literal('join'), add: hash, bundle, person: name, binding: signature }),
  v.strictObject({ do: v.literal('remove'), member: memberId, messages }),
  /** `successor` becomes an admin with it. An invited person refuses so, with their identity's key. */
  v.strictObject({ do: v.literal('leave'), messages, successor: v.optional(memberId) }),
  v.strictObject({ do: v.literal('promote'), member: memberId }),
  v.strictObject({ do: v.literal('rename'), name }),
  /** null: none. Its bytes come as a file's do. */
  v.strictObject({
    do: v.literal('picture'),
    picture: v.nullable(v.strictObject({ sha256: hash, size: count(MAX_FILE_BYTES) })),
  }),
  /** `until`: ms since the epoch by the clock of the admin who answers; `asks`: their person is asked first. */
  v.strictObject({
    do: v.literal('card'),
    key: publicKey,
    uses: v.pipe(count(MAX_GROUP_MEMBERS), v.minValue(1)),
    until: count(),
    asks: v.boolean(),
  }),
  v.strictObject({ do: v.literal('revoke'), card: hash }),
  /** I know everything that this follows from. */
  v.strictObject({ do: v.literal('seen') }),
]);

export const operationSchema = v.strictObject({
  version: v.literal(1),
  /** Absent in the creation. */
  group: v.optional(hash),
  author: memberId,
  /** The key that signs this operation. */
  key: publicKey,
  /** Place among the author's own operations, from 1. */
  seq: v.pipe(count(), v.minValue(1)),
  /** In bytewise order, each once. */
  parents: v.pipe(v.array(hash), v.maxLength(MAX_OPERATION_PARENTS)),
  body: operationBodySchema,
});

const signedSchema = v.strictTuple([bytesUpTo(MAX_OPERATION_BYTES), signature]);

export type OperationBody = v.InferOutput<typeof operationBodySchema>;
export type Operation = v.InferOutput<typeof operationSchema>;
export type BodyOf<Do extends OperationBody['do']> = Extract<OperationBody, { readonly do: Do }>;

export interface SignedOperation {
  readonly operation: Operation;
  /** What the signature is over, behind its purpose. */
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}

export const encodeOperation = (operation: Operation): Bytes => encode(operation);

/** @throws KithError 'frame-too-large' */
export function encodeSigned(content: Uint8Array, signed: Uint8Array): Bytes {
  const bytes = encode([content, signed]);
  if (bytes.length > MAX_OPERATION_BYTES) throw new KithError('frame-too-large', { limit: MAX_OPERATION_BYTES });
  return bytes;
}

/** @throws KithError 'frame-too-large' | 'frame-malformed', also for an encoding that is not the one of this operation */
export function decodeSigned(bytes: Uint8Array): SignedOperation {
  const [content, signed] = decode(bytes, signedSchema, MAX_OPERATION_BYTES);
  const operation = decode(content, operationSchema, MAX_OPERATION_BYTES);
  const only = equalBytes(encodeOperation(operation), content) && equalBytes(encode([content, signed]), bytes);
  if (!only) throw new KithError('frame-malformed', {}, { cause: 'not the deterministic encoding' });
  return { operation, content, signature: signed };
}
