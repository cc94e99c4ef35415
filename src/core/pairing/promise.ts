// What a mailbox leaves for first contact, as kept with the card of whoever is called (MAILBOX.md, "First contact").
import * as v from 'valibot';
import { bytesOf } from '../wire/cbor.ts';

/** First contact is sought for so long after the mailbox, milliseconds: two who met in person may not come online together for weeks. */
export const PROMISE_LIFE_MS = 365 * 24 * 3_600_000;

export const promiseSchema = v.object({
  /** From the mailbox, 32 bytes; in place of the card's own. */
  psk: bytesOf(32),
  /** The other person. */
  fingerprint: bytesOf(32),
  /** They certainly have my card, and are in my list. Otherwise first contact shows it. */
  agreed: v.boolean(),
});

export type Promised = v.InferOutput<typeof promiseSchema>;

/** First contact has shown it. */
export const met = (promise: Promised): Promised => ({ ...promise, agreed: true });
