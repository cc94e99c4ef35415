// How a person is called on screen.
import type { ConversationView } from '../core/node-api.ts';
import { groupedNumber } from './format.ts';
import type { Dictionary } from './i18n/en.ts';

/** Nickname or their own name; where there is none, the number. */
export function nameOf(view: ConversationView, t: Dictionary): string {
  if (view.name !== '') return view.name;
  return view.number === '' ? t.list.unnamed : groupedNumber(view.number);
}

/** How far they are trusted, and on whose word. */
export const trustOf = ({ trust, introducedBy }: ConversationView, t: Dictionary): string =>
  trust === 'introduced' ? t.introducedBy(introducedBy ?? '') : t.trust[trust];

/** What is going on with this contact, when it is not simply "online". null: nothing to say. */
export function statusOf(
  view: ConversationView,
  network: 'offline' | 'joining' | 'online',
  t: Dictionary,
): string | null {
  const name = nameOf(view, t);
  if (view.state !== 'active') return t.status[view.state](name);
  if (view.presence === 'online') return null;
  if (view.presence === 'connecting') return t.status.connecting(name);
  return network === 'online' ? t.status.away(name) : t.status[network];
}
