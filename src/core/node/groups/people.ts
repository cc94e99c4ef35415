// What the members of a group are called.
import type { MemberId } from '../../group/members-view.ts';
import { evaluateAll } from '../../group/membership/evaluate.ts';
import { cleanName } from '../../identity/names.ts';
import type { Contact } from '../contact-book.ts';
import type { LiveGroup } from './live-group.ts';

/** What is known of people outside the group. */
export interface People {
  contact(member: MemberId): Contact | undefined;
  /** '' while it is derived. */
  number(member: MemberId): string;
  /** I asked them to be a contact and wait. */
  asked(member: MemberId): boolean;
}

/** What they call themselves in the group, now or when they last belonged. */
export function theirName(live: LiveGroup, member: MemberId): string {
  const known = live.group.members.view.member(member)?.name ?? evaluateAll(live.group.log).people.get(member)?.name;
  return cleanName(known ?? lastName(live, member));
}

/** Somebody who is gone is called as they called themselves. */
function lastName({ group }: LiveGroup, member: MemberId): string {
  for (const { operation, subject } of group.log.entries.slice(0, group.log.size).reverse()) {
    const { body } = operation;
    if (subject === member && (body.do === 'join' || body.do === 'create' || body.do === 'add')) return body.person;
  }
  return '';
}

export const nameOf = (live: LiveGroup, people: People, member: MemberId): string =>
  people.contact(member)?.nickname || theirName(live, member);
