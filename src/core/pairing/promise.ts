// What a mailbox leaves for first contact, or an introduction, as kept with the card of whoever is called (MAILBOX.md, "First
// contact"; INTRODUCTIONS.md).
import * as v from 'valibot';
import { bytesOf, count } from '../wire/cbor.ts';
import type { Agreement } from './mailbox/phase.ts';

/** First contact is sought for so long after the mailbox, milliseconds: two who met in person may not come online together for weeks. */
export const PROMISE_LIFE_MS = 365 * 24 * 3_600_000;

const introductionSchema = v.object({
  /** Mine, of this introduction. */
  id: v.string(),
  /** Whose word it is: contact id, and how I call them. */
  by: v.string(),
  name: v.string(),
  /** Milliseconds since the epoch. */
  endsAt: count(),
});

export const promiseSchema = v.object({
  /** From the mailbox or the introduction, 32 bytes; in place of the card's own. */
  psk: bytesOf(32),
  /** The other person. */
  fingerprint: bytesOf(32),
  /** They certainly have my card, and are in my list. Otherwise first contact shows it. */
  agreed: v.boolean(),
  /** Somebody introduced us. Otherwise we compared codes over a mailbox. */
  introduction: v.optional(introductionSchema),
});

export type Promised = v.InferOutput<typeof promiseSchema>;

export type PromisedIntroduction = v.InferOutput<typeof introductionSchema>;

/** What two people came to, over a mailbox or because somebody introduced them. */
export interface Promising extends Agreement {
  readonly introduction?: PromisedIntroduction;
}

export const promised = ({ psk, theirs, introduction }: Promising, agreed: boolean): Promised => ({
  psk,
  fingerprint: theirs.fingerprint,
  agreed,
  ...(introduction && { introduction }),
});

/** When nobody is called or awaited any more, for one that was made at `begun`; milliseconds since the epoch. */
export const endOfPromise = ({ introduction }: Promised, begun: number): number =>
  introduction?.endsAt ?? begun + PROMISE_LIFE_MS;

/** First contact has shown it. */
export const met = (promise: Promised): Promised => ({ ...promise, agreed: true });
