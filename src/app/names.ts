// How a person is called on screen.
import type { ConversationView, DirectConversationView } from '../core/node-api.ts';
import { groupedNumber } from './format.ts';
import type { Dictionary } from './i18n/en.ts';

/** Digits; '' for a group, and while being derived. */
export const numberOf = (view: ConversationView): string => (view.kind === 'direct' ? view.number : '');

/** Nickname, their own name or the group's; where there is none, the number. */
export const nameOf = (view: ConversationView, t: Dictionary): string =>
  view.name || groupedNumber(numberOf(view)) || t.list.unnamed;

/** How far they are trusted, and on whose word. */
export const trustOf = (view: ConversationView, t: Dictionary): string =>
  view.trust === 'introduced' ? t.introducedBy(view.introducedBy ?? '') : t.trust[view.trust];

/** What is going on with this contact, when it is not simply "online". null: nothing to say. */
export function statusOf(
  view: DirectConversationView,
  network: 'offline' | 'joining' | 'online',
  t: Dictionary,
): string | null {
  const name = nameOf(view, t);
  if (view.state !== 'active') return t.status[view.state](name);
  if (view.presence === 'online') return null;
  if (view.presence === 'connecting') return t.status.connecting(name);
  return network === 'online' ? t.status.away(name) : t.status[network];
}
