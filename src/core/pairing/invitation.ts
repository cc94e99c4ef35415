// The life of a card that I show, as a record and pure transitions (PAIRING.md, "The invitation").
//   open -> bound (a caller's key) -> used | burnt
import * as v from 'valibot';
import { equalBytes } from '../bytes/bytes.ts';
import { bytesOf, count, decode, encode } from '../wire/cbor.ts';
import type { Candidate } from './contact-book.ts';
import type { Refusal } from './control.ts';
import { endOfPromise, type Promised, promiseSchema } from './promise.ts';
import { isHandedOutBy, type Way, ways } from './way.ts';

/** How long a card may be taken, milliseconds: long enough to travel by hand and night, short enough to forget about. */
export const CARD_LIFE_MS = 24 * 3_600_000;
/** How long after its making a card is still answered, so that a late caller hears why. */
export const CARD_MEMORY_MS = 7 * 24 * 3_600_000;
/** A card that is handed over a live link is taken at once or never, milliseconds. */
const STRANGER_LIFE_MS = 600_000;
/** Strangers who may wait for me at a time, having taken their card or not: each asks the person something. */
export const MAX_STRANGERS = 3;
/** The same of members of my groups, whom admins have chosen. */
export const MAX_ASKING_MEMBERS = 8;
/** Cards that I handed out and that can be taken, at a time. Each is a topic to listen on. */
export const MAX_OPEN = 16;
/** Ended cards still answered at a time, for the same reason. */
export const MAX_ENDED = 16;

const requestSchema = v.object({
  bundle: bytesOf(65),
  fingerprint: bytesOf(32),
  name: v.string(),
  pairSecret: bytesOf(32),
  at: count(),
});

const invitationSchema = v.pipe(
  v.object({
    v: v.literal(1),
    id: v.string(),
    secret: bytesOf(16),
    createdAt: count(),
    expiresAt: count(),
    state: v.picklist(['open', 'bound', 'used', 'burnt']),
    /** Bundle of the caller whose key bound the secret; while it is open: of the only one who may. */
    boundTo: v.optional(bytesOf(65)),
    /** The caller waits for the person's answer. */
    request: v.optional(requestSchema),
    /** The person said yes. */
    accepted: v.boolean(),
    /** How it goes to whoever takes it: it was made for that. Records of before say it otherwise, or not at all. */
    way: v.optional(v.picklist(ways)),
    forStranger: v.optional(v.boolean()),
    /** For this person alone, over a mailbox or by an introduction; never shown. */
    promise: v.optional(promiseSchema),
  }),
  v.transform(({ forStranger, way = forStranger ? 'number' : 'card', ...rest }) => ({ ...rest, way })),
);

export type Invitation = v.InferOutput<typeof invitationSchema>;
export type StoredRequest = v.InferOutput<typeof requestSchema>;

export const encodeInvitation = (invitation: Invitation): Uint8Array => encode(invitation);

/** @throws KithError 'frame-malformed' */
export const decodeInvitation = (bytes: Uint8Array): Invitation => decode(bytes, invitationSchema);

export function openInvitation(id: string, secret: Uint8Array, now: number, way: Way = 'card'): Invitation {
  const expiresAt = now + (isHandedOutBy(way) ? CARD_LIFE_MS : STRANGER_LIFE_MS);
  return { v: 1, id, secret, createdAt: now, expiresAt, state: 'open', accepted: false, way };
}

/** A card that one person has got through a mailbox or by an introduction: they need not be asked about. */
export function promisedInvitation(id: string, secret: Uint8Array, promise: Promised, now: number): Invitation {
  return { ...openInvitation(id, secret, now), expiresAt: endOfPromise(promise, now), accepted: true, promise };
}

/** I hand it out myself: in person, or in a link. */
export const isHandedOut = ({ way, promise }: Invitation): boolean => isHandedOutBy(way) && promise === undefined;

/** Nobody has taken it and somebody still may. */
export const isOpen = (invitation: Invitation, now: number): boolean =>
  invitation.state === 'open' && now < invitation.expiresAt;

/** Nobody has taken it, and whoever comes first may: it is not made for one key. */
export const isForAnyTaker = ({ state, boundTo, promise }: Invitation): boolean =>
  state === 'open' && boundTo === undefined && promise === undefined;

/** A caller may still come and is told something. */
export const isAnswered = (invitation: Invitation, now: number): boolean =>
  now < invitation.createdAt + CARD_MEMORY_MS || (invitation.promise !== undefined && isAwaited(invitation, now));

/** Its taker has still to come, or to come again. */
export const isAwaited = (invitation: Invitation, now: number): boolean =>
  isOpen(invitation, now) || invitation.state === 'bound';

/** Nothing is lost with it. */
export const isForgettable = (invitation: Invitation, now: number): boolean =>
  !isAnswered(invitation, now) && invitation.request === undefined;

/** What a caller with this bundle is told: 'stored' after binding, or why not. */
export function judge(invitation: Invitation, bundle: Uint8Array, now: number): 'bind' | Refusal {
  const { state, boundTo } = invitation;
  const isForOthers = boundTo !== undefined && !equalBytes(boundTo, bundle);
  if (state === 'open' && !isForOthers) return isOpen(invitation, now) ? 'bind' : 'card-expired';
  // Only the one who was refused learns of it; to everybody else the card is simply gone.
  if (boundTo === undefined || isForOthers) return 'card-used';
  if (state === 'bound') return 'bind';
  return state === 'burnt' ? 'card-refused' : 'card-used';
}

/** Binds the secret to the caller. A repeat replaces the candidate; after a yes there is nothing left to ask. */
export function bind(invitation: Invitation, candidate: Candidate, now: number): Invitation {
  const bound: Invitation = { ...invitation, state: 'bound', boundTo: candidate.bundle };
  if (invitation.accepted) return bound;
  const { bundle, fingerprint, name, pairSecret } = candidate;
  return { ...bound, request: { bundle, fingerprint, name, pairSecret, at: invitation.request?.at ?? now } };
}

/** Both sides have stored: the secret has done its work. */
export const use = (invitation: Invitation): Invitation =>
  invitation.state === 'bound' ? { ...invitation, state: 'used' } : invitation;

export function accept({ request: _, ...invitation }: Invitation): Invitation {
  return { ...invitation, accepted: true };
}

export function burn({ request: _, ...invitation }: Invitation): Invitation {
  return { ...invitation, state: 'burnt' };
}

/** The caller changed their mind; the secret stays theirs. */
export function withdraw({ request: _, ...invitation }: Invitation): Invitation {
  return invitation;
}

export const expireNow = (invitation: Invitation, now: number): Invitation => ({ ...invitation, expiresAt: now });
