// Where two contacts stand towards each other, as a pure function of what is known and what the other side says.

import type { StoredDropReason } from '../chat/records.ts';
import type { Hello, Standing } from '../wire/chat-messages.ts';
import type { Contact } from './contact-book.ts';

/** Refusals are told once, then the contact is no longer met; this is how long an untold one is kept. */
const TOMBSTONE_MS = 30 * 86_400_000;

const reasons = { declined: 'declined', blocked: 'blocked', removed: 'not-a-contact' } as const;

/** Why everything I send is refused, or undefined when it is not. */
export function refusedBy(contact: Contact): StoredDropReason | undefined {
  return contact.theirs === 'accepted' || contact.theirs === 'waiting' ? undefined : reasons[contact.theirs];
}

/** Does it make sense to look for this person on the network? */
export function worthMeeting(contact: Contact): boolean {
  if (contact.mine !== 'accepted') return !contact.told;
  // Who blocked me may think again; who removed or declined me has forgotten our secret.
  return contact.theirs !== 'declined' && contact.theirs !== 'removed';
}

/** One of us refuses the other. */
export const isRefused = (contact: Contact) => contact.mine !== 'accepted' || refusedBy(contact) !== undefined;

export const mayTalk = (contact: Contact) => contact.mine === 'accepted' && contact.theirs === 'accepted';

/** The contact after their hello. */
export function afterHello(contact: Contact, hello: Pick<Hello, 'standing'>, name: string): Contact {
  const theirs: Standing = hello.standing;
  // Whom I removed or declined I do not get to know again.
  const theirName = isTombstone(contact) ? contact.theirName : name || contact.theirName;
  if (contact.theirs === theirs && contact.theirName === theirName) return contact;
  return { ...contact, theirs, theirName };
}

export const isTombstone = (contact: Contact) => contact.mine === 'declined' || contact.mine === 'removed';

/** A tombstone that was kept long enough for somebody who never came to be told. */
export const isOutlived = (contact: Contact, now: number) =>
  isTombstone(contact) && (contact.removedAt ?? contact.createdAt) + TOMBSTONE_MS < now;
