// From bytes to an operation that is genuine: its hash, its signature, and what its author's identity signed. All of it is told by
// the bytes alone; whether it is allowed is told by what it follows from (admission.ts).
import { type Bytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { verify } from '../../crypto/sign.ts';
import { KithError } from '../../errors.ts';
import { decodeBundle } from '../../identity/bundle.ts';
import {
  type BodyOf,
  decodeSigned,
  encodeOperation,
  encodeSigned,
  type Operation,
  type SignedOperation,
} from '../../wire/group-operations.ts';
import type { Genuine } from './log.ts';

/** The verbs of core/crypto that this needs; tests count them. */
export interface Verbs {
  sha256(data: Uint8Array): Promise<Bytes>;
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

export const webCrypto: Verbs = { sha256, verify };

type Sign = (data: Uint8Array) => Promise<Bytes>;

const OPERATION_PURPOSE = utf8('kith group operation v1');
const BINDING_PURPOSE = utf8('kith group key v1');
const PROOF_PURPOSE = utf8('kith group card v1');

/** What an identity signs so that a key speaks for it in one group. `group`: its id or, of the creator, the seed of the creation. */
export const bindingOf = (group: Uint8Array, key: Uint8Array): Bytes => concat(BINDING_PURPOSE, group, key);

/** What a card's key signs for whoever asks with it. `person`: fingerprint, 32 bytes; `key`: the one they made for the group. */
export const proofOf = (group: Uint8Array, person: Uint8Array, key: Uint8Array): Bytes =>
  concat(PROOF_PURPOSE, group, person, key);

/** Bytes that were taken apart, with their hash. Nothing of it is proven. */
export interface Arrived extends SignedOperation {
  readonly bytes: Bytes;
  readonly hash: Bytes;
  readonly id: string;
}

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export async function arrive(bytes: Uint8Array, verbs: Verbs): Promise<Arrived> {
  const signed = decodeSigned(bytes);
  const own = Uint8Array.from(bytes);
  const hash = await verbs.sha256(own);
  return { ...signed, bytes: own, hash, id: toHex(hash) };
}

/**
 * The operation if every signature in it is right.
 * @throws KithError 'frame-authentication' for a false signature, 'contact-impostor' for a bundle that is not of whom it should be
 */
export async function prove(arrived: Arrived, group: Uint8Array, verbs: Verbs): Promise<Genuine> {
  const { operation, content, signature, bytes, hash, id } = arrived;
  const signed = await verbs.verify(operation.key, concat(OPERATION_PURPOSE, content), signature);
  if (!signed) throw new KithError('frame-authentication');
  return { bytes, hash, id, operation, subject: await provenSubject(operation, group, verbs) };
}

async function provenSubject({ author, key, body }: Operation, group: Uint8Array, verbs: Verbs): Promise<string> {
  switch (body.do) {
    case 'create':
    case 'join': {
      const person = await boundTo(body, key, body.do === 'create' ? body.seed : group, verbs);
      if (!equalBytes(person, author)) throw new KithError('contact-impostor');
      return toHex(person);
    }
    case 'add':
      return toHex(await provenGuest(body, group, verbs));
    case 'remove':
    case 'promote':
      return toHex(body.member);
    default:
      return toHex(author);
  }
}

/** The fingerprint of a bundle whose identity signed for `key`. */
async function boundTo(
  { bundle, binding }: { readonly bundle: Uint8Array; readonly binding: Uint8Array },
  key: Uint8Array,
  group: Uint8Array,
  verbs: Verbs,
): Promise<Bytes> {
  const { signing } = decodeBundle(bundle);
  if (!(await verbs.verify(signing, bindingOf(group, key), binding))) throw new KithError('frame-authentication');
  return verbs.sha256(bundle);
}

async function provenGuest({ bundle, by }: BodyOf<'add'>, group: Uint8Array, verbs: Verbs): Promise<Bytes> {
  if (by === undefined) {
    decodeBundle(bundle);
    return verbs.sha256(bundle);
  }
  const person = await boundTo({ bundle, binding: by.binding }, by.key, group, verbs);
  const proven = await verbs.verify(by.cardKey, proofOf(group, person, by.key), by.proof);
  if (!proven) throw new KithError('frame-authentication');
  return person;
}

/** The operation signed, as bytes. @throws KithError 'frame-too-large' */
export async function signOperation(operation: Operation, sign: Sign): Promise<Bytes> {
  const content = encodeOperation(operation);
  return encodeSigned(content, await sign(concat(OPERATION_PURPOSE, content)));
}

/** An operation from one's own disk, where only proven ones were put. @throws KithError 'frame-malformed' | 'frame-too-large' */
export async function readStored(bytes: Uint8Array, verbs: Verbs): Promise<Genuine> {
  const { operation, hash, id, bytes: own } = await arrive(bytes, verbs);
  const { author, body } = operation;
  if (body.do === 'remove' || body.do === 'promote')
    return { bytes: own, hash, id, operation, subject: toHex(body.member) };
  const subject = body.do === 'add' ? await verbs.sha256(body.bundle) : author;
  return { bytes: own, hash, id, operation, subject: toHex(subject) };
}
