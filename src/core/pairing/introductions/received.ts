// An introduction that somebody made to me, as a record and pure transitions (INTRODUCTIONS.md, "Whom I am introduced to").
//   asked -> accepted -> over (a contact) | lapsed -> over (read)
//   asked -> over (refused, withdrawn, too old, or its introducer has no word any more)
import * as v from 'valibot';
import { equalBytes } from '../../bytes/bytes.ts';
import { bytesOf, count, decode, encode } from '../../wire/cbor.ts';
import { DAY_MS, MAX_A_DAY, MAX_OPEN, MAX_OPEN_UNVERIFIED } from './limits.ts';

const place = {
  v: v.literal(1),
  /** `<contact id of the introducer>/<their id of it>`: nobody can name somebody else's. */
  key: v.string(),
  /** Contact id of the introducer. */
  by: v.string(),
  receivedAt: count(),
  endsAt: count(),
};

/** Who is introduced. */
const subject = {
  /** Cleaned. May be ''. */
  name: v.string(),
  /** 15 digits, '' until derived. */
  number: v.string(),
};

const openSchema = v.object({
  ...place,
  ...subject,
  state: v.picklist(['asked', 'accepted']),
  secret: bytesOf(32),
  fingerprint: bytesOf(32),
});

const receivedSchema = v.variant('state', [
  openSchema,
  /** I said yes and they did not, until it is read. */
  v.object({ ...place, ...subject, state: v.literal('lapsed') }),
  /** Known so that it is asked once. */
  v.object({ ...place, state: v.literal('over') }),
]);

export type Received = v.InferOutput<typeof receivedSchema>;
export type OpenReceived = v.InferOutput<typeof openSchema>;

export const encodeReceived = (received: Received): Uint8Array => encode(received);

/** @throws KithError 'frame-malformed' */
export const decodeReceived = (bytes: Uint8Array): Received => decode(bytes, receivedSchema);

export const isOpen = (received: Received): received is OpenReceived =>
  received.state === 'asked' || received.state === 'accepted';

export const over = ({ v: version, key, by, receivedAt, endsAt }: Received): Received => ({
  v: version,
  key,
  by,
  receivedAt,
  endsAt,
  state: 'over',
});

/** Its time is over. Who said yes is told; for whom it was only a question, it is none any more. */
export function lapse(received: OpenReceived): Received {
  const { name, number, state, ...rest } = received;
  return state === 'asked' ? over(received) : { ...over(rest as Received), name, number, state: 'lapsed' };
}

/** Nobody will send it again, and it no longer counts for the day. A lapsed one waits to be read, as long again. */
export function isForgettable({ state, receivedAt, endsAt }: Received, now: number): boolean {
  if (state === 'lapsed') return now >= endsAt + LAPSED_MEMORY_MS;
  return state === 'over' && now >= Math.max(endsAt, receivedAt + DAY_MS);
}

const LAPSED_MEMORY_MS = 14 * DAY_MS;

/** What is known of an introduction that has just come. */
export interface Arrival {
  /** Whose word it is; undefined: nobody I talk to. */
  readonly introducer: { readonly fingerprint: Uint8Array; readonly verified: boolean } | undefined;
  /** Of the bundle in it. */
  readonly fingerprint: Uint8Array;
  /** Mine. */
  readonly self: Uint8Array;
  /** I blocked whoever is introduced. */
  readonly blocked: boolean;
  /** Milliseconds that are left of it. */
  readonly life: number;
  /** All of this introducer's that are known. */
  readonly known: readonly Received[];
  readonly now: number;
}

/** Whether it is kept. What is not is forgotten without a word: the introducer is told the same in either case. */
export function isWelcome({ introducer, fingerprint, self, blocked, life, known, now }: Arrival): boolean {
  if (introducer === undefined || blocked || life === 0) return false;
  // Of myself, or of whoever introduces: nobody new.
  if (equalBytes(fingerprint, self) || equalBytes(fingerprint, introducer.fingerprint)) return false;
  if (known.filter(({ receivedAt }) => now < receivedAt + DAY_MS).length >= MAX_A_DAY) return false;
  const others = known.filter((one) => isOpen(one) && !equalBytes(one.fingerprint, fingerprint));
  return others.length < (introducer.verified ? MAX_OPEN : MAX_OPEN_UNVERIFIED);
}
