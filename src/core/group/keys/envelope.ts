// The envelope of a message under a sender key: what is authenticated, by whom (KEYS.md, "Envelope").
import { type Bytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { uint32be } from '../../bytes/integers.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { importAeadKey, open, seal } from '../../crypto/aead.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { verify } from '../../crypto/sign.ts';
import { KithError } from '../../errors.ts';
import type { SenderKeyMessage } from '../../wire/group-key.ts';
import {
  decodeSignedMessage,
  encodeSignedMessage,
  type SealedMessage,
  type SignedMessage,
} from '../../wire/group-message.ts';
import { messageHash } from '../history/signing.ts';
import type { MessageKey } from './ratchet.ts';

const HEADER_PURPOSE = utf8('kith group envelope v1');
const SIGNATURE_PURPOSE = utf8('kith group envelope signature v1');
const KEY_PURPOSE = utf8('kith group sender key v1');

type Header = Omit<SealedMessage, 'type' | 'sealed' | 'signature'>;

const headerBytes = ({ group, from, chain, counter, hash, view }: Header): Bytes =>
  concat(HEADER_PURPOSE, group, from, chain, uint32be(counter), hash, view);

const signedBytes = async (header: Header, sealed: Uint8Array): Promise<Bytes> =>
  concat(SIGNATURE_PURPOSE, headerBytes(header), await sha256(sealed));

/** Seals `signed` under a key that is used for nothing else. */
export async function sealEnvelope(
  header: Header,
  { key, nonce }: MessageKey,
  signed: SignedMessage,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<SealedMessage> {
  const sealed = await seal(await importAeadKey(key), nonce, encodeSignedMessage(signed), headerBytes(header));
  return { type: 'group-sealed', ...header, sealed, signature: await sign(await signedBytes(header, sealed)) };
}

/** Whether the owner of `signKey` made this envelope. */
export async function isGenuine(envelope: SealedMessage, signKey: Uint8Array): Promise<boolean> {
  return verify(signKey, await signedBytes(envelope, envelope.sealed), envelope.signature);
}

/** @throws KithError 'frame-authentication' when the key is another or the content is not what the envelope says | 'frame-malformed' */
export async function openEnvelope(envelope: SealedMessage, { key, nonce }: MessageKey): Promise<SignedMessage> {
  const plain = await open(await importAeadKey(key), nonce, envelope.sealed, headerBytes(envelope));
  const signed = decodeSignedMessage(plain);
  if (!equalBytes(await messageHash(signed.content), envelope.hash)) throw new KithError('frame-authentication');
  return signed;
}

/** What its owner signs of a sender key that is handed over. */
export const senderKeyBytes = ({
  group,
  from,
  chain,
  view,
  counter,
  key,
}: Omit<SenderKeyMessage, 'type' | 'signature'>) =>
  concat(KEY_PURPOSE, group, from, chain, uint32be(counter), key, ...view);
