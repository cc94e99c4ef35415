// Signing operations of one's own: what follows from everything known, checked as the others will check it before it is signed.
import { type Bytes, compareBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { SigningKey } from '../../crypto/sign.ts';
import { KithError } from '../../errors.ts';
import { fingerprintOf } from '../../identity/bundle.ts';
import type { BodyOf, Operation, OperationBody } from '../../wire/group-operations.ts';
import { nextSequence, objection } from './admission.ts';
import { evaluateAll } from './evaluate.ts';
import { closure, entryAt, find, type Genuine, type Log } from './log.ts';
import { parentsFor } from './membership.ts';
import { arrive, bindingOf, prove, signOperation, type Verbs } from './reading.ts';
import type { MembershipState } from './state.ts';

/** Who I am in a group: identity (keys.ts) and the key made for this group. */
export interface Self {
  /** SHA-256 of the bundle, 32 bytes. */
  readonly fingerprint: Uint8Array;
  readonly bundle: Uint8Array;
  /** With the identity's key. */
  sign(data: Uint8Array): Promise<Bytes>;
}

type Signer = Pick<SigningKey, 'publicKey' | 'sign'>;

/** The creation of a group. `seed`: 32 random bytes. Its hash is the group's id. */
export async function createGroup(
  self: Self,
  key: Signer,
  { name, person, seed }: { readonly name: string; readonly person: string; readonly seed: Uint8Array },
  verbs: Verbs,
): Promise<Genuine> {
  const binding = await self.sign(bindingOf(seed, key.publicKey));
  const body: BodyOf<'create'> = { do: 'create', seed, name, bundle: self.bundle, person, binding };
  const operation: Operation = {
    version: 1,
    author: self.fingerprint,
    key: key.publicKey,
    seq: 1,
    parents: [],
    body,
  };
  return signed(operation, key, new Uint8Array(32), verbs);
}

/** What takes the invitation of `self`. @throws KithError 'group-not-member' when there is none. */
export async function joiningBody(
  { groupId, log }: MembershipState,
  self: Self,
  key: Uint8Array,
  person: string,
): Promise<BodyOf<'join'>> {
  const seats = evaluateAll(log).people.get(toHex(self.fingerprint))?.seats ?? [];
  const invitation = seats.findLast(({ joins }) => joins.length === 0);
  if (invitation === undefined) throw new KithError('group-not-member');
  const binding = await self.sign(bindingOf(groupId, key));
  return { do: 'join', add: entryAt(log, invitation.add).hash, bundle: self.bundle, person, binding };
}

/**
 * An operation of mine on everything known, for `step` as `authored`. A caller signs one at a time: two of one state would be a fork.
 * @throws KithError 'group-not-member' | 'group-not-admin' | 'group-member' | 'group-full' | 'group-card-over' | 'group-refused',
 * what everybody else would say of it
 */
export async function author(
  state: MembershipState,
  fingerprint: Uint8Array,
  key: Signer,
  body: OperationBody,
  verbs: Verbs,
): Promise<Genuine> {
  const operation = draft(state.log, state.groupId, fingerprint, key.publicKey, body);
  const subject = await subjectOf(operation);
  // Before it is signed: a signed one that is not sent could leak and fork me.
  const unsigned: Genuine = { hash: new Uint8Array(32), id: '', bytes: new Uint8Array(0), operation, subject };
  const kind = objection(state.log, unsigned, state.group);
  if (kind !== undefined) throw new KithError(kind);
  return signed(operation, key, state.groupId, verbs);
}

async function subjectOf({ author: me, body }: Operation): Promise<string> {
  if (body.do === 'add') return toHex(await fingerprintOf(body.bundle));
  return toHex(body.do === 'remove' || body.do === 'promote' ? body.member : me);
}

function draft(log: Log, group: Bytes, fingerprint: Uint8Array, key: Uint8Array, body: OperationBody): Operation {
  const me = toHex(fingerprint);
  const parents = parentsFor(log, me);
  const past = closure(
    log,
    parents.map(({ id }) => find(log, id)?.index as number),
  );
  return {
    version: 1,
    group,
    author: fingerprint,
    key,
    seq: nextSequence(log, me, past),
    parents: parents.map(({ hash }) => hash).sort(compareBytes),
    body,
  };
}

async function signed(operation: Operation, key: Signer, group: Uint8Array, verbs: Verbs): Promise<Genuine> {
  const bytes = await signOperation(operation, key.sign);
  return prove(await arrive(bytes, verbs), group, verbs);
}
