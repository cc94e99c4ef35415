// The hint in front of a session's first message: tells the responder which pair calls, before anything costly is done,
// and tells everybody else nothing. HMAC-SHA-256 over direction and link, cut to 16 bytes.
import { type Bytes, concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hmacSha256 } from '../crypto/kdf.ts';
import { pairHintKey } from './pair-keys.ts';

export const HINT_BYTES = 16;

/** Who calls whom over what. 32 bytes each. */
export interface CallContext {
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
  readonly initiatorDtls: Uint8Array;
  readonly responderDtls: Uint8Array;
}

export async function hintOf(pairSecret: Uint8Array, call: CallContext): Promise<Bytes> {
  const { initiator, responder, initiatorDtls, responderDtls } = call;
  const text = concat(utf8('kith hint v1'), initiator, responder, initiatorDtls, responderDtls);
  return (await hmacSha256(await pairHintKey(pairSecret), text)).slice(0, HINT_BYTES);
}

/** Index of the secret that made `hint`, or undefined. Every secret is tried, so that time does not tell which it was. */
export async function findHint(
  hint: Uint8Array,
  secrets: readonly Uint8Array[],
  call: CallContext,
): Promise<number | undefined> {
  const expected = await Promise.all(secrets.map((secret) => hintOf(secret, call)));
  return expected.reduce<number | undefined>(
    (found, candidate, index) => (equalBytes(candidate, hint) ? (found ?? index) : found),
    undefined,
  );
}
