// What an author signs of a message, and what stands for it in the history: its hash (HISTORY.md, "Messages").
import { type Bytes, concat } from '../../bytes/bytes.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { verify } from '../../crypto/sign.ts';
import { encodeGroupMessage, type GroupMessage, type SignedMessage } from '../../wire/group-message.ts';

const HASH_PURPOSE = utf8('kith group message v1');
const SIGNATURE_PURPOSE = utf8('kith group message signature v1');

export type Sign = (data: Uint8Array) => Promise<Uint8Array>;

/** 32 bytes, of the content as its author encoded it. */
export const messageHash = (content: Uint8Array): Promise<Bytes> => sha256(concat(HASH_PURPOSE, content));

/** `sign`: by the author's key of the group (Ed25519). */
export async function signMessage(message: GroupMessage, sign: Sign): Promise<SignedMessage> {
  const content = encodeGroupMessage(message);
  return { content, signature: await sign(concat(SIGNATURE_PURPOSE, await messageHash(content))) };
}

/** Whether the owner of `signKey` signed the message with this hash. */
export const isSignedBy = (hash: Uint8Array, signature: Uint8Array, signKey: Uint8Array): Promise<boolean> =>
  verify(signKey, concat(SIGNATURE_PURPOSE, hash), signature);
