// What the secret of an introduction gives the two who both said yes (INTRODUCTIONS.md, "Keys"). Both fingerprints are the salt:
// two who were told different keys of each other have no key in common, and never meet.
import { compareBytes, concat } from '../../bytes/bytes.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { hkdf } from '../../crypto/kdf.ts';
import { CARD_SECRET_BYTES } from '../../identity/card.ts';
import type { Agreement } from '../mailbox/phase.ts';

const PSK_BYTES = 32;

/** `secret`: 32 bytes. `mine`, `theirs`: fingerprints, 32 bytes. The card is that of whoever is called, the larger of the two. */
export async function introducedAgreement(
  secret: Uint8Array,
  mine: Uint8Array,
  theirs: Uint8Array,
): Promise<Agreement> {
  const salt = compareBytes(mine, theirs) < 0 ? concat(mine, theirs) : concat(theirs, mine);
  const [cardSecret, psk] = await Promise.all([
    hkdf(secret, salt, utf8('kith introduction card v1'), CARD_SECRET_BYTES),
    hkdf(secret, salt, utf8('kith introduction psk v1'), PSK_BYTES),
  ]);
  return { cardSecret, theirs: { fingerprint: Uint8Array.from(theirs), secret: cardSecret }, psk };
}
