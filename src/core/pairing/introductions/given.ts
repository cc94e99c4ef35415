// An introduction that I make, as a record and pure transitions (INTRODUCTIONS.md, "Whom I introduce"). It is its own outbox: what
// each of the two has still to hear stands in it until they have it.
import * as v from 'valibot';
import { bytesOf, count, decode, encode } from '../../wire/cbor.ts';
import { DAY_MS } from './limits.ts';

const sideSchema = v.object({
  contactId: v.string(),
  /** What they have not confirmed yet. */
  owed: v.picklist(['introduction', 'withdrawal', 'nothing']),
  /** The introduction is on their disk. */
  delivered: v.boolean(),
});

const givenSchema = v.object({
  v: v.literal(1),
  /** 16 bytes, hexadecimal. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  createdAt: count(),
  endsAt: count(),
  /** Forgotten as soon as both have it: what I do not know nobody can take from me. */
  secret: v.optional(bytesOf(32)),
  withdrawn: v.boolean(),
  sides: v.tuple([sideSchema, sideSchema]),
});

export type Given = v.InferOutput<typeof givenSchema>;
export type Side = v.InferOutput<typeof sideSchema>;

export const encodeGiven = (given: Given): Uint8Array => encode(given);

/** @throws KithError 'frame-malformed' */
export const decodeGiven = (bytes: Uint8Array): Given => decode(bytes, givenSchema);

const side = (contactId: string): Side => ({ contactId, owed: 'introduction', delivered: false });

export const newGiven = (
  id: string,
  secret: Uint8Array,
  contactIds: readonly [string, string],
  now: number,
  life: number,
): Given => ({
  v: 1,
  id,
  createdAt: now,
  endsAt: now + life,
  secret,
  withdrawn: false,
  sides: [side(contactIds[0]), side(contactIds[1])],
});

export const isOpen = ({ withdrawn, endsAt }: Given, now: number): boolean => !withdrawn && now < endsAt;

export const isWith = ({ sides }: Given, contactId: string): boolean =>
  sides.some((each) => each.contactId === contactId);

/** Whom this person is introduced to. */
export const otherThan = ({ sides: [one, other] }: Given, contactId: string): Side =>
  one.contactId === contactId ? other : one;

const withSides = (given: Given, change: (side: Side) => Side): Given => ({
  ...given,
  sides: [change(given.sides[0]), change(given.sides[1])],
});

/** One of the two has confirmed. A confirmation of what is owed no longer changes nothing but what is known to have arrived. */
export function confirmed(given: Given, contactId: string, what: 'introduction' | 'withdrawal'): Given {
  const next = withSides(given, (each) => {
    if (each.contactId !== contactId) return each;
    const owed = each.owed === what ? 'nothing' : each.owed;
    return { ...each, owed, delivered: each.delivered || what === 'introduction' };
  });
  const { secret: _, ...rest } = next;
  return next.sides.every(({ owed }) => owed !== 'introduction') ? rest : next;
}

/** I thought better of it. Who may have it is told, also when they have not said so. */
export function withdrawn(given: Given): Given {
  const { secret: _, ...rest } = withSides({ ...given, withdrawn: true }, (each) => ({ ...each, owed: 'withdrawal' }));
  return rest;
}

/** Nobody needs to hear of it any more, and it no longer counts for the day. */
export function isForgettable(given: Given, now: number): boolean {
  if (now < given.createdAt + DAY_MS) return false;
  const isSettled = given.withdrawn && given.sides.every(({ owed }) => owed === 'nothing');
  return now >= given.endsAt || isSettled;
}
