// The signed hello (OVERLAY.md, "Hello"): this key speaks on exactly this link. It carries both DTLS fingerprints, so it is
// worth nothing on another link, and never comes from a node that only passes on what it heard.
import { concat } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { KithError } from '../errors.ts';
import type { LinkBinding } from '../ports/link.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import { isUsableId } from './address.ts';
import { frameTypes } from './frames.ts';
import { OVERLAY_VERSION } from './limits.ts';
import type { NodeKey } from './node-key.ts';

const LABEL = utf8('kith overlay v1');
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const ROLE_AT = 2;
const KEY_AT = 3;
const SIGNATURE_AT = KEY_AT + PUBLIC_KEY_BYTES;
export const HELLO_BYTES = SIGNATURE_AT + SIGNATURE_BYTES;

/** Whether the speaker asked for the link; undefined when it does not say. */
export type Dialed = boolean | undefined;

export interface Peer {
  /** 20 bytes, proven. */
  readonly id: Uint8Array;
  /** Whether *we* asked for the link, as far as either side says. */
  readonly dialed: Dialed;
}

function roleByte(dialed: Dialed): number {
  if (dialed === undefined) return 0;
  return dialed ? 1 : 2;
}

function signedText(role: number, speaker: Uint8Array, listener: Uint8Array): Uint8Array {
  return concat(LABEL, Uint8Array.of(role), speaker, listener);
}

export async function makeHello(key: NodeKey, dialed: Dialed, binding: LinkBinding): Promise<Uint8Array> {
  const role = roleByte(dialed);
  const signature = await key.sign(signedText(role, binding.local, binding.remote));
  return concat(Uint8Array.of(frameTypes.hello, OVERLAY_VERSION, role), key.publicKey, signature);
}

/** Who speaks. @throws KithError 'frame-malformed' | 'frame-version' | 'frame-authentication' */
export async function readHello(
  crypto: OverlayCrypto,
  hello: Uint8Array,
  ours: Dialed,
  binding: LinkBinding,
): Promise<Peer> {
  if (hello[0] !== frameTypes.hello) throw new KithError('frame-malformed');
  if (hello[1] !== OVERLAY_VERSION) throw new KithError('frame-version');
  const role = hello[ROLE_AT] as number;
  if (hello.length !== HELLO_BYTES || role > 2) throw new KithError('frame-malformed');
  const theirs = role === 0 ? undefined : role === 1;
  if (ours !== undefined && theirs === ours) throw new KithError('frame-malformed');
  const publicKey = hello.slice(KEY_AT, SIGNATURE_AT);
  const text = signedText(role, binding.remote, binding.local);
  const genuine = await crypto.verify(publicKey, text, hello.subarray(SIGNATURE_AT));
  const id = await crypto.sha1(publicKey);
  if (!genuine || !isUsableId(id)) throw new KithError('frame-authentication');
  return { id, dialed: ours ?? (theirs === undefined ? undefined : !theirs) };
}
