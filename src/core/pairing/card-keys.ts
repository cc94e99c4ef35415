// What both sides of a card derive from its one-time secret, and what they keep from first contact (HKDF-SHA-256, RFC 5869).
// The card's fingerprint is the salt: a secret used twice by accident still gives other keys on another person's card.
import type { Bytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hkdf } from '../crypto/kdf.ts';
import type { Card } from '../identity/card.ts';
import type { Role } from '../session/noise/handshake-state.ts';
import type { Meeting } from '../session/pair-keys.ts';

const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

const derive = ({ secret, fingerprint }: Card, name: string): Promise<Bytes> =>
  hkdf(secret, fingerprint, utf8(name), KEY_BYTES);

/** Whose card it is: a person's, or a group’s (group/GROUP.md, "Joining by a card"). */
type Kind = 'kith card' | 'kith group card';

/** Where the shower of a card (responder) and whoever took it (initiator) meet. */
export async function cardMeeting(card: Card, side: Role, kind: Kind = 'kith card'): Promise<Meeting> {
  const [topicKey, signalKey, recordKey] = await Promise.all([
    derive(card, `${kind} topic v1`),
    derive(card, `${kind} signal v1`),
    derive(card, `${kind} record v1`),
  ]);
  return { topicKey, signalKey, recordKey, side, ...(kind === 'kith group card' && { isCrowd: true }) };
}

/** The psk of first contact, 32 bytes. */
export const cardPsk = (card: Card, kind: Kind = 'kith card'): Promise<Bytes> => derive(card, `${kind} psk v1`);

/** The pair's secret, 32 bytes, from the last chaining key of first contact (32 bytes, secret). Never from its hash. */
export const pairSecretFrom = (chainingKey: Uint8Array): Promise<Bytes> =>
  hkdf(chainingKey, NO_SALT, utf8('kith pair secret v1'), KEY_BYTES);
