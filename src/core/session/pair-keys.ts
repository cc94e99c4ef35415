// Keys that two contacts derive from the secret of their pair, each under a name of its own (HKDF-SHA-256, RFC 5869).
import type { Bytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { hkdf } from '../crypto/kdf.ts';
import type { Role } from './noise/handshake-state.ts';

/** What rendezvous needs to let two people meet: where, how signals are sealed, what records come from. 32 bytes each. */
export interface Meeting {
  readonly topicKey: Bytes;
  readonly signalKey: Bytes;
  readonly recordKey: Bytes;
  /** Which of the two I am. */
  readonly side: Role;
}

const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

const derive = (pairSecret: Uint8Array, name: string): Promise<Bytes> =>
  hkdf(pairSecret, NO_SALT, utf8(name), KEY_BYTES);

/** Where the pair meets. `pairSecret`: 32 bytes. `side`: mine, as in sessions. */
export async function pairMeeting(pairSecret: Uint8Array, side: Role): Promise<Meeting> {
  const [topicKey, signalKey, recordKey] = await Promise.all([
    derive(pairSecret, 'kith pair topic v1'),
    derive(pairSecret, 'kith pair signal v1'),
    derive(pairSecret, 'kith pair record v1'),
  ]);
  return { topicKey, signalKey, recordKey, side };
}

/** The psk of the pair's sessions, 32 bytes. */
export const pairPsk = (pairSecret: Uint8Array): Promise<Bytes> => derive(pairSecret, 'kith pair psk v1');

/** The key of the hint in front of a session's first message, 32 bytes. */
export const pairHintKey = (pairSecret: Uint8Array): Promise<Bytes> => derive(pairSecret, 'kith pair hint v1');
